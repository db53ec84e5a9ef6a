#include "notify/provider/webhook.hpp"

#include "notify/provider/short_code.hpp"
#include "notify/provider/template.hpp"
#include "notify/sms/utf8.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <boost/json.hpp>
#include <boost/url/params_view.hpp>
#include <boost/url/parse_query.hpp>

#include <charconv>

namespace notify::provider {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_id = 200;

Lookup lookup_for(const config::ProviderSettings& settings, const WebhookRequest& request) {
    return [&settings, &request](std::string_view name) -> std::optional<std::string> {
        const auto in = [](const auto& map, std::string_view key) -> std::optional<std::string> {
            const auto found = map.find(key);
            if (found == map.end()) return std::nullopt;
            return found->second;
        };
        if (name.starts_with('@')) return in(request.fields, name.substr(1));
        if (name.starts_with('#')) {
            std::string header(name.substr(1));
            for (auto& c : header)
                c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            return in(request.headers, header);
        }
        return in(settings.values, name);
    };
}

// "+" means a space in a form; a literal plus is written %2B. Boost.URL knows only the percent form.
std::string spaces_for_plus(std::string_view form) {
    std::string result;
    for (const char c : form) {
        if (c == '+')
            result += "%20";
        else
            result += c;
    }
    return result;
}

bool add_form(std::string_view form, WebhookRequest& request) {
    const auto text = spaces_for_plus(form);
    const auto parsed = boost::urls::parse_query(text);
    if (!parsed) return false;
    for (const auto& param : boost::urls::params_view(*parsed))
        request.fields.insert_or_assign(std::string(param.key), std::string(param.value));
    return true;
}

bool add_json(std::string_view body, WebhookRequest& request) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    const auto value = json::parse(body, error, {}, options);
    if (error || !value.is_object()) return false;
    for (const auto& [key, member] : value.get_object()) {
        std::string text;
        if (const auto* const string = member.if_string())
            text = std::string(*string);
        else if (!member.is_null())
            text = json::serialize(member);
        request.fields.insert_or_assign(std::string(key), std::move(text));
    }
    return true;
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || after != end) return std::nullopt;
    return value;
}

// Signatures are over the bytes as they came; what is kept and shown must be text.
std::string readable(std::string_view bytes) {
    std::string text;
    while (!bytes.empty())
        sms::append_code_point(text, sms::take_code_point(bytes));
    return text;
}

std::string from_utf16(std::string_view bytes) {
    std::string text;
    char32_t high = 0;
    for (; bytes.size() >= 2; bytes.remove_prefix(2)) {
        const auto unit = static_cast<char32_t>(
            static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1])
        );
        const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
        if (high != 0)
            sms::append_code_point(
                text, low ? 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00) : sms::replacement_character
            );
        const bool paired = high != 0 && low;
        high = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
        if (high == 0 && !paired) sms::append_code_point(text, low ? sms::replacement_character : unit);
    }
    if (high != 0 || !bytes.empty()) sms::append_code_point(text, sms::replacement_character);
    return text;
}

// "5": equal; "!report": not equal; ">0", "<64", ">=64", "<=5": numbers.
bool meets(const std::string& value, std::string_view condition) {
    if (condition.starts_with('!')) return value != condition.substr(1);
    if (!condition.starts_with('>') && !condition.starts_with('<')) return value == condition;
    const bool greater = condition.starts_with('>');
    condition.remove_prefix(1);
    const bool or_equal = condition.starts_with('=');
    if (or_equal) condition.remove_prefix(1);
    const auto left = number(value), right = number(condition);
    if (!left || !right) return false;
    if (or_equal && *left == *right) return true;
    return greater ? *left > *right : *left < *right;
}

bool all_met(const config::Pairs& when, const WebhookRequest& request) {
    for (const auto& [field, condition] : when) {
        const auto found = request.fields.find(field);
        if (!meets(found == request.fields.end() ? std::string() : found->second, condition)) return false;
    }
    return true;
}

}  // namespace

std::optional<WebhookRequest> webhook_request(
    std::string_view query, std::string_view content_type, std::string_view body
) {
    WebhookRequest request;
    if (!query.empty() && !add_form(query, request)) return std::nullopt;
    if (body.empty()) return request;
    const bool form = content_type.find("x-www-form-urlencoded") != std::string_view::npos;
    const bool read = form ? add_form(body, request) : add_json(body, request);
    if (!read) return std::nullopt;
    return request;
}

std::vector<std::string> unset_secrets(
    const config::AuthenticationProfile& profile, const config::ProviderSettings& settings
) {
    std::vector<std::string> unset;
    render(profile.expected, [&](std::string_view name) -> std::optional<std::string> {
        const auto given = settings.values.find(name);
        const bool theirs = name.starts_with('@') || name.starts_with('#');
        if (!theirs && (given == settings.values.end() || given->second.empty())) unset.emplace_back(name);
        return std::nullopt;
    });
    return unset;
}

bool unprotected(const config::AuthenticationProfile& profile, const config::ProviderSettings& settings) {
    return !profile.needs.empty() && !settings.values.contains(profile.needs);
}

bool authentic(
    const std::optional<config::AuthenticationProfile>& profile, const config::ProviderSettings& settings,
    const WebhookRequest& request
) {
    if (!profile || unprotected(*profile, settings)) return true;
    if (!unset_secrets(*profile, settings).empty()) return false;  // anybody could sign
    const auto lookup = lookup_for(settings, request);
    const auto value = render(profile->value, lookup);
    auto expected = render(profile->expected, lookup);
    for (const auto& filter : profile->filters)
        expected = apply_filter(std::move(expected), filter);
    return !value.empty() && value.size() == expected.size() &&
           CRYPTO_memcmp(value.data(), expected.data(), value.size()) == 0;
}

std::expected<DeliveryReport, std::string> read_report(
    const config::ProviderSettings& settings, const WebhookRequest& request
) {
    const auto& profile = *settings.profile.report;
    const auto lookup = lookup_for(settings, request);
    DeliveryReport report{
        .provider = settings.name,
        .provider_message_id = render(profile.message_id, lookup),
        .request_id = render(profile.request_id, lookup),
        .code = short_code(render(profile.code, lookup)),
    };
    if (report.provider_message_id.empty() && report.request_id.empty())
        return std::unexpected(fmt::format(
            "names no message; expected {}",
            profile.message_id.empty() ? profile.request_id : profile.message_id
        ));
    // It is kept for a week when it is nobody's.
    if (report.provider_message_id.size() > longest_id)
        return std::unexpected(fmt::format("names a message by more than {} characters", longest_id));
    for (const auto& rule : profile.rules) {
        if (!all_met(rule.when, request)) continue;
        report.state = rule.state;
        break;
    }
    return report;
}

bool is_inbound(const config::InboundProfile& profile, const WebhookRequest& request) {
    return all_met(profile.when, request);
}

std::expected<InboundSms, std::string> read_inbound(
    const config::ProviderSettings& settings, const WebhookRequest& request, Time now
) {
    const auto& profile = *settings.profile.inbound;
    const auto lookup = lookup_for(settings, request);
    InboundSms sms{
        .provider = settings.name,
        .key = render(profile.id, lookup),
        .from = readable(render(profile.from, lookup)),
        .to = render(profile.to, lookup),
    };
    const auto text = render(profile.text, lookup);
    sms.text = render(profile.charset, lookup) == "UTF-16BE" ? from_utf16(text) : readable(text);
    if (sms.from.empty()) return std::unexpected(fmt::format("has no sender; expected {}", profile.from));
    if (const auto sent = config::parse_time(render(profile.received_at, lookup))) sms.sent_at = *sent;
    if (sms.key.empty()) {
        // No id of theirs: the same text of the same sender within a minute is a repeat.
        const auto minute =
            std::chrono::floor<std::chrono::minutes>(sms.sent_at.value_or(now)).time_since_epoch().count();
        sms.key =
            apply_filter(apply_filter(fmt::format("{}\n{}\n{}", sms.from, sms.text, minute), "md5"), "hex");
    }
    return sms;
}

std::string render_answer(
    const config::WebhookAnswer& answer, const config::ProviderSettings& settings,
    const WebhookRequest& request
) {
    // What we echo goes into XML or JSON: only plain characters of it.
    const auto lookup = lookup_for(settings, request);
    return render(answer.body, [&lookup](std::string_view name) {
        auto value = lookup(name).value_or("");
        std::erase_if(value, [](char c) {
            return !std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '+';
        });
        return std::optional(std::move(value));
    });
}

}  // namespace notify::provider
