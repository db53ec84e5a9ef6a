#include "notify/provider/profile_provider.hpp"

#include "notify/provider/short_code.hpp"
#include "notify/provider/template.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <charconv>

namespace notify::provider {
namespace {

namespace json = boost::json;
using config::OutcomeClass;

Lookup lookup_for(const config::ProviderSettings& settings, const Outbound& message) {
    return [&settings, &message](std::string_view name) -> std::optional<std::string> {
        if (name == "phone") return message.phone.e164();
        if (name == "phone_national") return message.phone.national();
        if (name == "phone_international") return message.phone.international();
        if (name == "text") return message.text;
        if (name == "request_id") return message.request_id;
        if (name == "situation") return message.situation;
        if (name == "coding") {
            const auto& encoding = settings.profile.request.encoding;
            const auto found = encoding.find(message.ucs2 ? "ucs2" : "gsm7");
            return found == encoding.end() ? std::optional<std::string>() : found->second;
        }
        const auto found = settings.values.find(name);
        if (found == settings.values.end()) return std::nullopt;
        return found->second;
    };
}

// A text "{setting|number}" alone becomes a JSON number.
json::value text_value(const std::string& text, const Lookup& lookup) {
    auto rendered = render(text, lookup);
    if (text.ends_with("|number}")) {
        std::int64_t number = 0;
        const auto* const end = rendered.data() + rendered.size();
        if (std::from_chars(rendered.data(), end, number).ptr == end) return number;
    }
    return json::value(rendered);
}

json::value body_of(const config::BodyNode& node, const Lookup& lookup) {
    if (const auto* const text = std::get_if<std::string>(&node.value)) return text_value(*text, lookup);
    if (const auto* const number = std::get_if<std::int64_t>(&node.value)) return *number;
    if (const auto* const flag = std::get_if<bool>(&node.value)) return *flag;
    if (const auto* const items = std::get_if<std::vector<config::BodyNode>>(&node.value)) {
        json::array array;
        for (const auto& item : *items)
            array.push_back(body_of(item, lookup));
        return array;
    }
    json::object object;
    for (const auto& [name, value] : std::get<std::vector<config::BodyMember>>(node.value))
        object.emplace(name, body_of(value, lookup));
    return object;
}

std::string form_of(const config::Pairs& pairs, const Lookup& lookup) {
    std::string form;
    for (const auto& [name, value] : pairs) {
        if (!form.empty()) form += '&';
        form += url_encode(name) + '=' + url_encode(render(value, lookup));
    }
    return form;
}

std::string plain(const json::value& value) {
    if (const auto* const text = value.if_string()) return std::string(*text);
    if (value.is_null()) return "";
    return json::serialize(value);
}

std::string at_pointer(const json::value& value, const std::string& pointer) {
    boost::system::error_code error;
    const auto* const found = pointer.empty() ? nullptr : value.find_pointer(pointer, error);
    return found ? plain(*found) : std::string();
}

std::optional<OutcomeClass> by_status(const config::AnswerProfile& profile, long status) {
    const auto exact = profile.http.find(std::to_string(status));
    if (exact != profile.http.end()) return exact->second;
    const auto family = profile.http.find(fmt::format("{}xx", status / 100));
    if (family != profile.http.end()) return family->second;
    return std::nullopt;
}

// No redirect is followed, so that the message has been taken nowhere. (303 comes when something was done.)
bool is_refused(long status) {
    return status / 100 == 4 || status == 301 || status == 302 || status == 307 || status == 308;
}

OutcomeClass default_class(long status) {
    if (status == 429) return OutcomeClass::throttle;
    if (status >= 500) return OutcomeClass::ambiguous;
    if (is_refused(status)) return OutcomeClass::config;
    return OutcomeClass::unknown;
}

Outcome read_text(const config::AnswerProfile& profile, const HttpAnswer& answer) {
    for (const auto& [prefix, kind] : profile.prefixes)
        if (answer.body.starts_with(prefix)) return {.kind = kind, .code = prefix};
    return {.kind = default_class(answer.status), .code = fmt::format("http_{}", answer.status)};
}

Outcome read_json(const config::AnswerProfile& profile, const HttpAnswer& answer) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    const auto value = json::parse(answer.body, error, {}, options);
    // A page of a load balancer: else it says nothing about whether the message was taken.
    if (error && is_refused(answer.status))
        return {.kind = default_class(answer.status), .code = fmt::format("http_{}", answer.status)};
    if (error) return {.kind = OutcomeClass::ambiguous, .code = "unreadable_answer"};
    Outcome outcome{.provider_message_id = at_pointer(value, profile.message_id)};
    for (const auto& pointer : profile.code)
        if (outcome.code.empty()) outcome.code = at_pointer(value, pointer);
    const auto known = profile.codes.find(outcome.code);
    if (known != profile.codes.end())
        outcome.kind = known->second;
    else if (outcome.code.empty())
        outcome.kind = default_class(answer.status);
    else
        outcome.code = short_code(outcome.code);
    if (outcome.code.empty() && outcome.kind != OutcomeClass::accepted)
        outcome.code = fmt::format("http_{}", answer.status);
    return outcome;
}

}  // namespace

HttpRequest render_request(const config::ProviderSettings& settings, const Outbound& message) {
    const auto& profile = settings.profile.request;
    const auto lookup = lookup_for(settings, message);
    HttpRequest request{.method = profile.method, .timeout = settings.profile.timeout};
    // The base URL is an address already; everything else that goes into the URL is escaped.
    request.url = render(profile.url, [&lookup](std::string_view name) -> std::optional<std::string> {
        if (name == "base_url") return lookup(name);
        return lookup(name).transform([](const std::string& value) { return url_encode(value); });
    });
    if (!profile.query.empty()) request.url += '?' + form_of(profile.query, lookup);
    for (const auto& [name, value] : profile.headers)
        request.headers.emplace_back(name, render(value, lookup));
    request.basic_user = render(profile.basic_user, lookup);
    request.basic_password = render(profile.basic_password, lookup);
    switch (profile.body) {
        case config::RequestProfile::Body::none:
            break;
        case config::RequestProfile::Body::json:
            request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
            request.body = json::serialize(body_of(profile.json, lookup));
            break;
        case config::RequestProfile::Body::form:
            request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
            request.body = form_of(profile.form, lookup);
            break;
    }
    return request;
}

Outcome read_answer(const config::AnswerProfile& profile, const HttpAnswer& answer) {
    switch (answer.kind) {
        case HttpAnswer::Kind::not_sent:
            return {.kind = OutcomeClass::transient, .code = std::string(not_reached)};
        case HttpAnswer::Kind::lost:
            return {.kind = OutcomeClass::ambiguous, .code = "no_answer"};
        case HttpAnswer::Kind::answered:
            break;
    }
    if (const auto kind = by_status(profile, answer.status))
        return {.kind = *kind, .code = fmt::format("http_{}", answer.status)};
    return profile.format == config::AnswerProfile::Format::text ? read_text(profile, answer)
                                                                 : read_json(profile, answer);
}

boost::asio::awaitable<Outcome> ProfileProvider::send(Outbound message) {
    auto request = render_request(settings_, message);
    const auto answer = co_await client_.send(std::move(request));
    co_return read_answer(settings_.profile.answer, answer);
}

}  // namespace notify::provider
