#include "notify/on_event.hpp"

#include "notify/compose.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace notify {
namespace {

using namespace std::chrono;

constexpr hours clock_skew{24};  // a one-stop computer's clock may be this far ahead

// A due date without a time of day means until the end of that day.
Time end_of_day_if_midnight(Time due) {
    const auto day = config::civil_day(due);
    return due == config::start_of(day) ? due + hours(24) - seconds(1) : due;
}

std::expected<UnitKey, Remark> unit_on(const DossierEvent& event, Time when, const Rules& rules) {
    const auto day = config::civil_day(when);
    const auto& units = rules.organisation->units;
    const auto code = config::UnitCode::parse(*event.commune);
    const auto* const unit = code ? units.find(*code, day) : units.find_by_name(*event.commune, day);
    if (unit) return UnitKey{unit->code.str(), unit->valid_from};
    return std::unexpected(Remark{
        "/commune", "unknown_commune",
        fmt::format(
            "no unit of this code or name was valid on {}; give a five-digit code of the units file",
            config::format_day(config::start_of(day))
        )
    });
}

// The unit that was competent when the dossier was received. Of one under way when units are merged, the
// one-stop may write either code: the new one leaves a known dossier where its reception was counted.
std::expected<std::string, Remark> unit_of(
    const DossierEvent& event, const std::optional<Dossier>& current, const Dossier& next, const Rules& rules
) {
    const auto received = next.received_at.value_or(event.at);
    auto unit = unit_on(event, received, rules);
    if (unit) return unit->str();
    if (const auto present = unit_on(event, event.at, rules)) return current ? current->unit : present->str();
    return std::unexpected(std::move(unit).error());
}

std::optional<Remark> impossible_date(const DossierEvent& event, const Dossier& next, Time now) {
    const auto too_late = now + clock_skew;
    const auto remark = [](std::string_view pointer, std::string_view code, std::string_view message) {
        return Remark{std::string(pointer), std::string(code), std::string(message)};
    };
    if (event.at > too_late)
        return remark(
            "/at", "in_the_future", "lies in the future; give the time at which the status changed"
        );
    for (const auto& [pointer, time] :
         {std::pair{"/received_at", next.received_at},
          {"/finished_at", next.finished_at},
          {"/returned_at", next.returned_at}})
        if (time && *time > too_late)
            return remark(pointer, "in_the_future", "lies in the future; it must have happened already");
    if (!next.received_at) return std::nullopt;
    const auto received = config::civil_day(*next.received_at);
    if (next.due_at && config::civil_day(*next.due_at) < received)
        return remark(
            "/due_at", "before_received", "lies before the day of reception; give the appointment's date"
        );
    if (next.finished_at && config::civil_day(*next.finished_at) < received)
        return remark("/finished_at", "before_received", "lies before the day of reception");
    return std::nullopt;
}

template <typename T>
void take(T& target, const std::optional<T>& value) {
    if (value) target = *value;
}

template <typename T>
void take(std::optional<T>& target, const std::optional<T>& value) {
    if (value) target = value;
}

void merge_phone(const DossierEvent& event, const Rules& rules, EventDecision& decision) {
    if (!event.phone) return;
    const auto phone = PhoneNumber::parse(*event.phone, *rules.numbering);
    if (phone) {
        decision.next.phone = *phone;
        decision.next.phone_problem.clear();
        return;
    }
    decision.next.phone.reset();
    decision.next.phone_problem = to_string(phone.error());
    decision.warnings.push_back(
        {"/applicant/phone", std::string(to_string(phone.error())), std::string(explain(phone.error()))}
    );
}

// While the clock runs a new appointment is a promise and the dossier stays late by the first one; after a
// supplement or a payment it is the new legal date.
void merge_times(const DossierEvent& event, bool changed, bool moves_promise, Dossier& next) {
    take(next.received_at, event.received_at);
    if (!next.received_at && event.status == Status::received) next.received_at = event.at;
    // Said once more, with the first date: it has moved already.
    const bool known = event.new_due_at && next.due_at == end_of_day_if_midnight(*event.new_due_at);
    if (event.due_at && !known) next.due_at = end_of_day_if_midnight(*event.due_at);
    if (event.new_due_at && !known)
        (moves_promise ? next.promised_at : next.due_at) = end_of_day_if_midnight(*event.new_due_at);
    take(next.finished_at, event.finished_at);
    take(next.returned_at, event.returned_at);
    if (!changed) return;
    const bool resolved = next.status == Status::finished || next.status == Status::returned;
    if (resolved && !next.finished_at) next.finished_at = event.finished_at.value_or(event.at);
    if (next.status == Status::returned && !next.returned_at) next.returned_at = event.at;
    if (clock_runs(next.status)) {  // reopened
        next.finished_at = event.finished_at;
        next.returned_at = event.returned_at;
    }
}

Dossier merged(const DossierEvent& event, const std::optional<Dossier>& current, bool changed) {
    Dossier next =
        current.value_or(Dossier{.code = event.dossier, .status = event.status, .status_at = event.at});
    if (changed) {
        next.status = event.status;
        next.status_at = event.at;
    }
    // One without its code says less than what is known.
    if (next.procedure.code.empty() || (event.procedure && !event.procedure->code.empty()))
        take(next.procedure, event.procedure);
    take(next.applicant_name, event.applicant_name);
    take(next.submitted_by, event.submitted_by);
    take(next.return_by, event.return_by);
    take(next.note, event.note);
    const bool moves_promise = current && current->due_at && clock_runs(current->status);
    merge_times(event, changed, moves_promise, next);
    return next;
}

std::string_view result_situation(const Dossier& dossier) {
    if (dossier.return_by == Channel::post) return "result_posted";
    if (dossier.return_by == Channel::online) return "result_online";
    return "result_ready";
}

// The situation that a change of status brings; empty: the citizen is not told.
std::string_view situation_of(const Dossier& next, const std::optional<Dossier>& current) {
    switch (next.status) {
        case Status::registered:
            return next.submitted_by == Channel::counter ? "" : "registered";
        case Status::received:
            return "received";
        case Status::not_accepted:
            return "not_accepted";
        case Status::supplement:
            return "supplement";
        case Status::payment_due:
            return "payment_due";
        case Status::stopped:
            return "refused";
        case Status::finished:
            return result_situation(next);
        case Status::returned:  // the counter hands it over; by wire or post 10 may come without a 9 before
                                // it
            return next.return_by != Channel::counter && (!current || current->status != Status::finished)
                       ? result_situation(next)
                       : "";
        case Status::processing:
        case Status::withdrawn:
            return "";
    }
    return "";
}

// The one-stop moved the appointment while the clock ran: it will be late.
bool reappointed(const DossierEvent& event, const Dossier& next, const std::optional<Dossier>& current) {
    return event.new_due_at && current && current->due_at && clock_runs(current->status) &&
           clock_runs(next.status) && *appointment(next) > *appointment(*current);
}

Overtakes overtaken_by(const Dossier& next, bool draft) {
    if (draft) return Overtakes::everything;
    if (next.status == Status::processing || next.status == Status::received) return Overtakes::requests;
    return Overtakes::everything;
}

void set(Variables& variables, std::string_view name, const std::optional<std::string>& value) {
    if (value && !value->empty()) variables.insert_or_assign(std::string(name), *value);
}

Variables variables_of(const Dossier& dossier, const Rules& rules) {
    Variables variables;
    variables["organisation"] = rules.organisation->sms_name;
    variables["dossier"] = dossier.code.str();
    variables["procedure"] = dossier.procedure.name;
    const auto code =
        config::UnitCode::parse(std::string_view(dossier.unit).substr(0, dossier.unit.find('@')));
    const auto day = config::civil_day(dossier.received_at.value_or(dossier.status_at));
    const auto* const unit = code ? rules.organisation->units.find(*code, day) : nullptr;
    if (unit) variables["commune"] = "UBND " + unit->name;
    if (const auto due = appointment(dossier)) variables["due"] = config::format_appointment(*due);
    return variables;
}

Variables variables_of(const DossierEvent& event, const Dossier& next, const Rules& rules) {
    auto variables = variables_of(next, rules);
    set(variables, "reason", event.reason ? event.reason : event.note);
    set(variables, "missing_papers", event.missing_papers ? event.missing_papers : event.note);
    set(variables, "amount", event.amount);
    set(variables, "tracking_code", event.tracking_code);
    if (event.new_due_at) variables["new_due"] = config::format_appointment(*appointment(next));
    return variables;
}

struct Fact {
    std::string_view situation;
    std::string key;
    Time at;
};

/// The draft of a fact, or the cause of silence.
std::expected<Draft, std::string> draft_of(
    const Fact& fact, const Dossier& dossier, const Variables& variables, const Rules& rules, bool opted_out,
    Time now
) {
    const auto& situations = rules.notify->catalogue.situations;
    const auto situation = situations.find(fact.situation);
    if (situation == situations.end() || !situation->second.on) return std::unexpected("situation_off");
    if (!situation->second.counter && dossier.submitted_by == Channel::counter)
        return std::unexpected("handed_in_at_counter");
    if (fact.at < now - rules.notify->stale_after) return std::unexpected("stale");
    if (!dossier.phone) return std::unexpected("no_phone");
    if (opted_out) return std::unexpected("opted_out");
    auto text = compose(situation->second, variables, rules.notify->catalogue, rules.limits);
    if (!text) return std::unexpected("missing_variables");
    const auto due = rules.notify->hours.next_within(now + rules.notify->coalesce);
    return Draft{
        .key = fact.key,
        .situation = std::string(fact.situation),
        .lane = Lane::notice,
        .phone = *dossier.phone,
        .text = std::move(text->content),
        .ucs2 = text->ucs2,
        .parts = text->parts,
        .due_at = due,
        .expires_at = std::max(fact.at + rules.notify->stale_after, Time(due + hours(1))),
    };
}

std::optional<Fact> fact_of(
    const DossierEvent& event, const EventDecision& decision, const std::optional<Dossier>& current
) {
    const auto& next = decision.next;
    const auto key = [&](std::string_view situation, Time instant) {
        return fmt::format(
            "{}/{}/{}", next.code.str(), situation, duration_cast<seconds>(instant.time_since_epoch()).count()
        );
    };
    if (reappointed(event, next, current))
        return Fact{"late", key("reappointed", *appointment(next)), event.at};
    const auto situation = decision.status_changed ? situation_of(next, current) : std::string_view();
    if (situation.empty()) return std::nullopt;
    return Fact{situation, key(situation, next.status_at), event.at};
}

bool closes(Status status) {
    return status == Status::returned || status == Status::not_accepted || status == Status::stopped;
}

std::optional<Time> overdue_at(const Dossier& dossier, const Rules& rules, Time now) {
    const auto due = appointment(dossier);
    if (!clock_runs(dossier.status) || !due || *due <= now - rules.notify->stale_after) return std::nullopt;
    return due;
}

// An event older than what is known: the dossier has moved on, so it only fills what nobody said so far.
EventDecision latecomer(const DossierEvent& event, const Dossier& current, const Rules& rules, Time now) {
    EventDecision decision{.next = current, .silent_cause = "overtaken"};
    auto& next = decision.next;
    const auto fill = [](auto& target, const auto& value) {
        if (!target) target = value;
    };
    fill(
        next.received_at, event.received_at                  ? event.received_at
                          : event.status == Status::received ? std::optional(event.at)
                                                             : std::nullopt
    );
    if (event.due_at) fill(next.due_at, std::optional(end_of_day_if_midnight(*event.due_at)));
    // Returned before anybody had said that it was finished: the return was taken for it.
    const bool presumed = current.status == Status::returned && current.finished_at == current.status_at;
    if (event.status == Status::finished && presumed) next.finished_at = event.finished_at.value_or(event.at);
    fill(next.finished_at, event.finished_at);
    if (next.procedure.code.empty()) take(next.procedure, event.procedure);
    if (next.applicant_name.empty()) take(next.applicant_name, event.applicant_name);
    if (!next.phone) merge_phone(event, rules, decision);
    decision.overdue_at = overdue_at(next, rules, now);
    decision.tally = difference(counts(current), counts(next));
    return decision;
}

}  // namespace

Rules rules_of(const config::Settings& settings) {
    sms::PartLimits limits;
    if (!settings.providers.empty()) {
        const auto& parts = settings.providers.front().profile.parts;
        limits = {parts.gsm7_single, parts.gsm7_multi, parts.ucs2_single, parts.ucs2_multi};
    }
    return {&settings.organisation, &settings.notify, &settings.numbering, limits};
}

namespace {

DossierEvent without_person(DossierEvent event) {
    event.applicant_name.reset();
    event.phone.reset();
    event.note.reset();
    return event;
}

}  // namespace

std::expected<EventDecision, Remark> on_event(
    const DossierEvent& told, const std::optional<Dossier>& current, const Rules& rules, bool opted_out,
    Time now
) {
    const bool older = current && told.at < current->status_at;
    const bool changed = !current || (!older && told.status != current->status);
    // Who was forgotten comes back only when the dossier is taken up again, not with an old or repeated
    // event.
    const bool nameless = current && !changed && forgotten(*current);
    const auto bare = nameless ? std::optional(without_person(told)) : std::nullopt;
    const auto& event = bare ? *bare : told;
    if (older) return latecomer(event, *current, rules, now);
    EventDecision decision{.next = merged(event, current, changed), .status_changed = changed};
    auto& next = decision.next;
    if (event.commune) {
        auto unit = unit_of(event, current, next, rules);
        if (!unit) return std::unexpected(std::move(unit).error());
        next.unit = *std::move(unit);
    } else if (!current) {
        return std::unexpected(
            Remark{"/commune", "missing", "is missing; the first event of a dossier names its unit"}
        );
    }
    if (auto remark = impossible_date(event, next, now)) return std::unexpected(*std::move(remark));
    merge_phone(event, rules, decision);
    if (!current && !event.phone) next.phone_problem = to_string(PhoneProblem::empty);

    if (const auto fact = fact_of(event, decision, current)) {
        auto draft = draft_of(*fact, next, variables_of(event, next, rules), rules, opted_out, now);
        if (draft)
            decision.draft = *std::move(draft);
        else
            decision.silent_cause = draft.error();
    }
    if (changed || decision.draft) decision.overtakes = overtaken_by(next, decision.draft.has_value());
    decision.overdue_at = overdue_at(next, rules, now);
    if (changed && closes(next.status))
        decision.closed_at = next.status == Status::returned ? next.returned_at.value_or(event.at) : event.at;
    decision.reopened = changed && current && closes(current->status) && !closes(next.status);
    decision.tally = difference(current ? counts(*current) : std::vector<Count>{}, counts(next));
    return decision;
}

OverdueDecision on_overdue(const Dossier& dossier, const Rules& rules, bool opted_out, Time now) {
    OverdueDecision decision;
    const auto due = appointment(dossier);
    if (!clock_runs(dossier.status) || !due || *due > now) return decision;
    const auto instant = duration_cast<seconds>(due->time_since_epoch()).count();
    const Fact fact{"late", fmt::format("{}/late/{}", dossier.code.str(), instant), *due};
    auto draft = draft_of(fact, dossier, variables_of(dossier, rules), rules, opted_out, now);
    if (draft)
        decision.draft = *std::move(draft);
    else
        decision.silent_cause = draft.error();
    return decision;
}

}  // namespace notify
