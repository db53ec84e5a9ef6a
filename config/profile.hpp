// A telecom provider as data: how a message is requested, what its answer means, and how its delivery reports
// and inbound SMS look. Adding a provider is writing config/providers/NAME.toml; the keys are explained in
// config/providers/README.md. notify/provider interprets these values; nothing here knows any provider.
//
// Templates are texts with placeholders: {name} is a value of the message or a setting of the operator,
// {@field} a field of an incoming request, {#Header} one of its headers, {name|filter} passes it through
// base64, md5 (raw digest), hex or number.
#pragma once

#include "config/civil_time.hpp"

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace config {

/// What a provider's answer means for the message (table in config/providers/README.md).
enum class OutcomeClass {
    accepted,
    duplicate,
    throttle,
    transient,
    ambiguous,
    credit,
    config,
    content,
    recipient,
    optout,
    unknown
};
std::string_view to_string(OutcomeClass value);
std::optional<OutcomeClass> outcome_class(std::string_view text);

enum class ReportState { pending, delivered, undelivered, rejected };
std::string_view to_string(ReportState value);

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// A JSON body whose texts are templates.
struct BodyMember;
struct BodyNode {
    std::variant<std::string, std::int64_t, bool, std::vector<BodyNode>, std::vector<BodyMember>> value;
};
struct BodyMember {
    std::string name;
    BodyNode value;
};

struct RequestProfile {
    enum class Body { none, json, form };
    std::string method = "POST";
    std::string url;
    Pairs headers;
    Pairs query;
    Body body = Body::none;
    BodyNode json;
    Pairs form;
    std::string basic_user, basic_password;       // templates; HTTP Basic when basic_user is not empty
    std::map<std::string, std::string> encoding;  // gsm7 and ucs2 → what {coding} stands for
};

struct AnswerProfile {
    enum class Format { json, text };
    Format format = Format::json;
    std::vector<std::string> code;  // JSON pointers, the first that holds something
    std::string message_id;         // JSON pointer
    std::map<std::string, OutcomeClass> codes;
    std::vector<std::pair<std::string, OutcomeClass>> prefixes;  // text format, first match wins
    std::map<std::string, OutcomeClass> http;                    // "429" or "5xx" → class, looked at first
};

/// `value` must equal `expected` after its filters; skipped while the setting `needs` is not given.
struct AuthenticationProfile {
    std::string value, expected;
    std::vector<std::string> filters;
    std::string needs;
};

struct WebhookAnswer {
    std::string body;
    std::string content_type = "text/plain; charset=utf-8";
};

struct ReportProfile {
    struct Rule {
        Pairs when;  // field → "5" (equal) or ">0", "<64", ">=64" (numbers)
        ReportState state = ReportState::pending;
    };
    std::string message_id, request_id, code;  // templates over {@field}
    std::vector<Rule> rules;                   // the first that matches; none: pending
    std::optional<AuthenticationProfile> authentication;
    WebhookAnswer answer;
};

struct InboundProfile {
    Pairs when;  // which requests are inbound SMS, when the same URL carries others
    std::string from, to, text, id, received_at;  // templates over {@field}; id may be empty
    std::string charset;                          // of text; "UTF-16BE" is decoded, anything else is UTF-8
    std::optional<AuthenticationProfile> authentication;
    WebhookAnswer answer;
};

struct PartProfile {
    int gsm7_single = 160, gsm7_multi = 153, ucs2_single = 70, ucs2_multi = 67;
};

struct Profile {
    std::string name, label, base_url;
    std::vector<std::string> settings;            // that the operator must give
    std::map<std::string, std::string> defaults;  // settings the operator may give
    RequestProfile request;
    AnswerProfile answer;
    std::optional<ReportProfile> report;
    std::optional<InboundProfile> inbound;
    Duration idempotency{0};  // how long a repeated request id is recognised; 0: never
    double rate = 10;         // messages a second
    int in_flight = 10;
    Duration timeout = std::chrono::seconds(30);
    PartProfile parts;
};

/// Every mistake with "file:line: key: what; what would be right".
std::expected<Profile, std::vector<std::string>> parse_profile(
    std::string_view content, std::string_view file
);

}  // namespace config
