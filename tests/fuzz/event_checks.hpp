// What every dossier event and every refusal of one must keep to, however it came in (JSON, national JSON,
// CSV): the targets of those three forms share it.
#pragma once

#include "notify/on_event.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/settings.hpp"

#include <boost/json.hpp>

namespace fuzz {

inline std::optional<boost::json::value> parse_json(std::string_view text) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 16;
    auto value = boost::json::parse(text, error, {}, options);
    if (error) return std::nullopt;
    return value;
}

inline void check_remarks(const std::vector<notify::Remark>& remarks) {
    check(!remarks.empty(), "a refusal has a remark");
    for (const auto& remark : remarks) {
        const bool placed = remark.pointer.starts_with('/') || remark.code == "wrong_type";
        check(placed, "a remark carries its place");
        check(!remark.code.empty() && !remark.message.empty(), "a remark says what is wrong");
    }
}

/// The event decided upon as the first of its dossier, and again as a repeat.
inline void check_decision(const notify::DossierEvent& event) {
    static const auto rules = notify::rules_of(settings());
    const auto now = event.at + std::chrono::minutes(1);
    const auto first = notify::on_event(event, std::nullopt, rules, false, now);
    if (!first) {
        check_remarks({first.error()});
        return;
    }
    if (first->draft) {
        const auto size = notify::sms::measure(first->draft->text, rules.limits);
        check(first->draft->parts == size.parts, "a draft says its parts");
        check(
            first->draft->due_at >= now && first->draft->expires_at > first->draft->due_at,
            "a draft is due ahead and expires after"
        );
    }
    check(first->draft.has_value() || !first->next.code.str().empty(), "a dossier has its code");
    const auto repeat = notify::on_event(event, first->next, rules, false, now);
    check(repeat.has_value(), "what was accepted once is accepted again");
    check(!repeat->draft && !repeat->status_changed, "a repeat tells the citizen nothing");
    check(repeat->tally.empty(), "a repeat counts nothing");
}

}  // namespace fuzz
