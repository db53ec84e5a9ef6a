#include "config/profile.hpp"

#include "config/toml_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace config {
namespace {

constexpr std::array<std::pair<std::string_view, OutcomeClass>, 11> outcome_names{{
    {"accepted", OutcomeClass::accepted},
    {"duplicate", OutcomeClass::duplicate},
    {"throttle", OutcomeClass::throttle},
    {"transient", OutcomeClass::transient},
    {"ambiguous", OutcomeClass::ambiguous},
    {"credit", OutcomeClass::credit},
    {"config", OutcomeClass::config},
    {"content", OutcomeClass::content},
    {"recipient", OutcomeClass::recipient},
    {"optout", OutcomeClass::optout},
    {"unknown", OutcomeClass::unknown},
}};

constexpr std::array<std::pair<std::string_view, ReportState>, 4> report_names{{
    {"pending", ReportState::pending},
    {"delivered", ReportState::delivered},
    {"undelivered", ReportState::undelivered},
    {"rejected", ReportState::rejected},
}};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
    return std::ranges::find(table, value, &Table::value_type::second)->first;
}

template <typename Table>
auto value_in(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type::second_type> {
    const auto found = std::ranges::find(table, name, &Table::value_type::first);
    if (found == table.end()) return std::nullopt;
    return found->second;
}

OutcomeClass class_at(Section& section, std::string_view key, std::string_view name) {
    if (const auto found = outcome_class(name)) return *found;
    section.problem(
        key,
        fmt::format(
            "\"{}\" is no class; write accepted, duplicate, throttle, transient, ambiguous, credit, config, "
            "content, recipient, optout or unknown",
            name
        )
    );
    return OutcomeClass::unknown;
}

Pairs pairs_at(Section& parent, std::string_view key) {
    auto section = parent.table(key);
    return section ? section->all_texts() : Pairs{};
}

BodyNode body_node(const toml::node& node, Section& section, std::string_view key) {
    if (const auto* const text = node.as_string()) return {text->get()};
    if (const auto* const number = node.as_integer()) return {number->get()};
    if (const auto* const flag = node.as_boolean()) return {flag->get()};
    if (const auto* const array = node.as_array()) {
        std::vector<BodyNode> items;
        for (const auto& each : *array)
            items.push_back(body_node(each, section, key));
        return {std::move(items)};
    }
    std::vector<BodyMember> members;
    if (const auto* const table = node.as_table()) {
        for (const auto& [name, value] : *table)
            members.push_back({std::string(name.str()), body_node(value, section, key)});
    } else {
        section.problem(key, "a JSON body holds texts, whole numbers, true, false, lists and tables only");
    }
    return {std::move(members)};
}

RequestProfile request_of(Section section) {
    RequestProfile request;
    request.method = section.text_or("method", "POST");
    if (request.method != "GET" && request.method != "POST") section.problem("method", "write GET or POST");
    request.url = section.required_text("url", "{base_url}/send");
    request.headers = pairs_at(section, "headers");
    request.query = pairs_at(section, "query");
    if (section.has("json")) {
        request.body = RequestProfile::Body::json;
        request.json = body_node(*section.node("json"), section, "json");
    }
    if (section.has("form")) {
        if (request.body != RequestProfile::Body::none)
            section.problem("form", "give json or form, not both");
        request.body = RequestProfile::Body::form;
        request.form = pairs_at(section, "form");
    }
    request.basic_user = section.text_or("basic_user", "");
    request.basic_password = section.text_or("basic_password", "");
    for (auto& [key, value] : pairs_at(section, "encoding"))
        request.encoding.emplace(key, value);
    section.done();
    return request;
}

AnswerProfile answer_of(Section section) {
    AnswerProfile answer;
    const auto format = section.text_or("format", "json");
    if (format != "json" && format != "text") section.problem("format", "write json or text");
    answer.format = format == "text" ? AnswerProfile::Format::text : AnswerProfile::Format::json;
    answer.code = section.texts("code");
    answer.message_id = section.text_or("message_id", "");
    for (const auto* const key : {"codes", "http"}) {
        auto table = section.table(key);
        if (!table) continue;
        auto& target = std::string_view(key) == "codes" ? answer.codes : answer.http;
        for (auto& [code, name] : table->all_texts())
            target.emplace(code, class_at(*table, code, name));
    }
    for (auto& rule : section.tables("prefixes")) {
        const auto starts = rule.required_text("starts", "0: ");
        answer.prefixes.emplace_back(
            starts, class_at(rule, "class", rule.required_text("class", "accepted"))
        );
        rule.done();
    }
    if (answer.format == AnswerProfile::Format::json && answer.code.empty() && answer.http.empty())
        section.problem(
            "code", "is missing; write the JSON pointer of the answer's code, as \"/CodeResult\""
        );
    section.done();
    return answer;
}

std::optional<AuthenticationProfile> authentication_of(Section& parent) {
    auto section = parent.table("authentication");
    if (!section) return std::nullopt;
    AuthenticationProfile authentication;
    authentication.value = section->required_text("value", "{@token}");
    authentication.expected = section->required_text("expected", "{hook_token}");
    authentication.filters = section->texts("filters");
    authentication.needs = section->text_or("needs", "");
    section->done();
    return authentication;
}

WebhookAnswer webhook_answer_of(Section& parent) {
    WebhookAnswer answer;
    auto section = parent.table("answer");
    if (!section) return answer;
    answer.body = section->text_or("body", "");
    answer.content_type = section->text_or("content_type", answer.content_type);
    section->done();
    return answer;
}

ReportProfile report_of(Section section) {
    ReportProfile report;
    report.message_id = section.text_or("message_id", "");
    report.request_id = section.text_or("request_id", "");
    report.code = section.text_or("code", "");
    if (report.message_id.empty() && report.request_id.empty())
        section.problem("message_id", "a report needs message_id or request_id, as \"{@SMSID}\"");
    for (auto& each : section.tables("state")) {
        ReportProfile::Rule rule;
        rule.when = pairs_at(each, "when");
        const auto name = each.required_text("state", "delivered");
        const auto state = value_in(report_names, name);
        if (!state) each.problem("state", "write pending, delivered, undelivered or rejected");
        rule.state = state.value_or(ReportState::pending);
        each.done();
        report.rules.push_back(std::move(rule));
    }
    report.authentication = authentication_of(section);
    report.answer = webhook_answer_of(section);
    section.done();
    return report;
}

InboundProfile inbound_of(Section section) {
    InboundProfile inbound;
    inbound.when = pairs_at(section, "when");
    inbound.from = section.required_text("from", "{@sender}");
    inbound.text = section.required_text("text", "{@content}");
    inbound.to = section.text_or("to", "");
    inbound.id = section.text_or("id", "");
    inbound.received_at = section.text_or("received_at", "");
    inbound.charset = section.text_or("charset", "");
    inbound.authentication = authentication_of(section);
    inbound.answer = webhook_answer_of(section);
    section.done();
    return inbound;
}

void read_limits(Section& root, Profile& profile) {
    if (auto limits = root.table("limits")) {
        profile.rate = limits->decimal_or("rate", profile.rate, 0.01, 100'000);
        profile.in_flight = static_cast<int>(limits->number_or("in_flight", profile.in_flight, 1, 10'000));
        profile.timeout = limits->parsed_or("timeout", profile.timeout, parse_timeout);
        limits->done();
    }
    if (auto parts = root.table("parts")) {
        auto& p = profile.parts;
        for (const auto& [key, value] :
             {std::pair{"gsm7_single", &p.gsm7_single},
              {"gsm7_multi", &p.gsm7_multi},
              {"ucs2_single", &p.ucs2_single},
              {"ucs2_multi", &p.ucs2_multi}})
            *value = static_cast<int>(parts->number_or(key, *value, 1, 1000));
        parts->done();
    }
    if (auto idempotency = root.table("idempotency")) {
        profile.idempotency = idempotency->parsed_or("window", profile.idempotency, parse_duration);
        idempotency->done();
    }
}

}  // namespace

std::string_view to_string(OutcomeClass value) {
    return name_in(outcome_names, value);
}
std::optional<OutcomeClass> outcome_class(std::string_view text) {
    return value_in(outcome_names, text);
}
std::string_view to_string(ReportState value) {
    return name_in(report_names, value);
}

std::expected<Profile, std::vector<std::string>> parse_profile(
    std::string_view content, std::string_view file
) {
    Problems problems;
    const auto table = parse_toml(content, file, problems);
    if (!table) return std::unexpected(problems);
    Section root(*table, "", file, problems);
    Profile profile;
    profile.name = root.required_text("name", "esms");
    profile.label = root.text_or("label", profile.name);
    profile.base_url = root.text_or("base_url", "");
    profile.settings = root.texts("settings");
    for (auto& [key, value] : pairs_at(root, "defaults"))
        profile.defaults.emplace(key, value);
    if (auto request = root.table("request"))
        profile.request = request_of(*request);
    else
        root.problem("request", "is missing; say under [request] how a message is sent");
    if (auto answer = root.table("answer"))
        profile.answer = answer_of(*answer);
    else
        root.problem("answer", "is missing; say under [answer] what the provider's answer means");
    if (auto report = root.table("report")) profile.report = report_of(*report);
    if (auto inbound = root.table("inbound")) profile.inbound = inbound_of(*inbound);
    read_limits(root, profile);
    root.done();
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return profile;
}

}  // namespace config
