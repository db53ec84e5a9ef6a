#include "survey/texts.hpp"

#include <fmt/format.h>

namespace survey {
namespace {

constexpr std::chrono::hours lifetime{24};  // of a survey SMS that cannot be sent: later it would only puzzle

std::string options_of(const config::Questionnaire& questionnaire) {
    std::string options;
    for (const auto& option : questionnaire.options)
        options += fmt::format("{}{}={}", options.empty() ? "" : " ", option.key, option.label);
    return options;
}

notify::Variables variables_of(const std::string& dossier, const Rules& rules) {
    const auto& how = rules.survey->questionnaire.how;
    const auto& inbound = *rules.inbound;
    notify::Variables variables;
    variables["organisation"] = rules.organisation->sms_name;
    variables["dossier"] = dossier;
    variables["number"] = inbound.number;
    variables["keyword"] = inbound.keyword;
    variables["cost"] = inbound.cost.empty() ? how.free : inbound.cost;
    variables["options"] = options_of(rules.survey->questionnaire);
    const bool keyword = !inbound.keyword.empty();
    variables["how"] = notify::fill(keyword ? how.with_keyword : how.plain, variables, *rules.catalogue);
    variables["how_in"] =
        notify::fill(keyword ? how.in_with_keyword : how.in_plain, variables, *rules.catalogue);
    return variables;
}

}  // namespace

notify::Draft draft(
    const Wording& wording, const notify::PhoneNumber& phone, const std::string& dossier, const Rules& rules,
    Time now
) {
    auto text = notify::encode(
        notify::fill(wording.text, variables_of(dossier, rules), *rules.catalogue), config::Accents::never,
        rules.limits
    );
    const bool reply = wording.lane == notify::Lane::reply;
    const auto due = reply ? now : rules.survey->hours.next_within(now);
    return {
        .key = wording.key,
        .situation = std::string(wording.situation),
        .lane = wording.lane,
        .phone = phone,
        .text = std::move(text.content),
        .ucs2 = text.ucs2,
        .parts = text.parts,
        .due_at = due,
        .expires_at = due + lifetime,
        .repeatable = false,
    };
}

}  // namespace survey
