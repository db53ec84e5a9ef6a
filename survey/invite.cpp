#include "survey/texts.hpp"

#include <fmt/format.h>

namespace survey {
namespace {

std::string silent_cause(
    const notify::Dossier& dossier, const Recipient& recipient, const Rules& rules, Time now
) {
    if (!rules.survey->on) return "survey_off";
    if (!dossier.phone) return "no_phone";
    if (recipient.opted_out) return "opted_out";
    if (recipient.has_open_session) return "asked_already";
    const auto pause = std::chrono::days(rules.survey->recontact_days);
    if (recipient.last_asked_at && now < *recipient.last_asked_at + pause) return "asked_recently";
    return "";
}

// The unit that has the dossier's code on the day of the result; a merged unit stays what it was.
std::string unit_on(const notify::Dossier& dossier, Time closed_at, const Rules& rules) {
    const auto code =
        config::UnitCode::parse(std::string_view(dossier.unit).substr(0, dossier.unit.find('@')));
    const auto* const unit =
        code ? rules.organisation->units.find(*code, config::civil_day(closed_at)) : nullptr;
    return unit ? notify::UnitKey{unit->code.str(), unit->valid_from}.str() : dossier.unit;
}

}  // namespace

std::optional<Time> ask_at(Time closed_at, const Rules& rules, config::Duration stale_after, Time now) {
    if (!rules.survey->on || closed_at < now - stale_after) return std::nullopt;
    return rules.survey->hours.next_within(closed_at + rules.survey->delay);
}

Invitation invite(
    const notify::Dossier& dossier, Time closed_at, const Recipient& recipient, const Rules& rules, Time now
) {
    Invitation invitation{.silent_cause = silent_cause(dossier, recipient, rules, now)};
    if (!invitation.silent_cause.empty()) return invitation;
    const auto& code = dossier.code.str();
    const Wording question{
        rules.survey->questionnaire.texts.score, "survey_score", fmt::format("{}/survey/score", code),
        notify::Lane::campaign
    };
    invitation.draft = draft(question, *dossier.phone, code, rules, now);
    const auto asked_at = invitation.draft->due_at;
    invitation.session = Session{
        .dossier = dossier.id,
        .dossier_code = code,
        .phone = *dossier.phone,
        .month = config::Month::of(closed_at),
        .unit = unit_on(dossier, closed_at, rules),
        .procedure = dossier.procedure.code,
        .asked_at = asked_at,
        .expires_at = asked_at + rules.survey->expires_after,
    };
    if (rules.survey->remind_after > config::Duration::zero())
        invitation.remind_at = rules.survey->hours.next_within(asked_at + rules.survey->remind_after);
    invitation.tally = counts(*invitation.session, rules.survey->questionnaire);
    return invitation;
}

TimeoutDecision on_expiry(const Session& session, const Rules& rules, Time now) {
    TimeoutDecision decision;
    if (!open(session.state) || now < session.expires_at) return decision;
    decision.next = session;
    // A score without its reason is an answer all the same.
    decision.next->state = session.answer ? SessionState::answered : SessionState::expired;
    decision.tally = notify::difference(
        counts(session, rules.survey->questionnaire), counts(*decision.next, rules.survey->questionnaire)
    );
    return decision;
}

TimeoutDecision on_reminder(const Session& session, const Rules& rules, bool opted_out, Time now) {
    TimeoutDecision decision;
    if (session.state != SessionState::asked || session.unreadable > 0 || opted_out) return decision;
    if (now >= session.expires_at) return decision;
    const Wording reminder{
        rules.survey->questionnaire.texts.remind, "survey_remind",
        fmt::format("{}/survey/remind", session.dossier_code), notify::Lane::campaign
    };
    decision.draft = draft(reminder, session.phone, session.dossier_code, rules, now);
    return decision;
}

}  // namespace survey
