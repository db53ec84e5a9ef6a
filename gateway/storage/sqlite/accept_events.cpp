#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

namespace gateway::storage {
namespace {

using notify::EventResult;

// The newest fact only: what waits for its minutes to pass and is overtaken is never sent.
void cancel_overtaken(Connection& db, const notify::Dossier& dossier, notify::Overtakes overtakes, Time now) {
    if (overtakes == notify::Overtakes::nothing) return;
    if (overtakes == notify::Overtakes::requests) {
        db.run(
            "UPDATE messages SET state = 9, due_at = NULL, cause = 'overtaken', updated_at = ? "
            "WHERE dossier_id = ? AND lane = 1 AND state = 0 AND situation IN ('supplement', 'payment_due')",
            now, dossier.id
        );
        return;
    }
    db.run(
        "UPDATE messages SET state = 9, due_at = NULL, cause = 'overtaken', updated_at = ? "
        "WHERE dossier_id = ? AND lane = 1 AND state = 0",
        now, dossier.id
    );
}

void set_timers(
    Connection& db, const Rulebook& rules, const notify::EventDecision& decision, bool is_new, Time now,
    notify::EventResults& results
) {
    const auto subject = static_cast<std::int64_t>(decision.next.id);
    if (decision.overdue_at) {
        set_timer(db, TimerKind::overdue, subject, *decision.overdue_at);
        results.timer_due = earliest(results.timer_due, decision.overdue_at);
    } else if (!is_new) {
        clear_timer(db, TimerKind::overdue, subject);
    }
    if (decision.reopened) {
        clear_timer(db, TimerKind::ask, subject);
        db.run("UPDATE dossiers SET closed_at = NULL WHERE id = ?", subject);
    }
    if (!decision.closed_at) return;
    db.run("UPDATE dossiers SET closed_at = ? WHERE id = ?", *decision.closed_at, subject);
    if (!decision.next.phone) return;
    const auto ask = survey::ask_at(*decision.closed_at, rules.survey, rules.notify.notify->stale_after, now);
    if (!ask) return;
    set_timer(db, TimerKind::ask, subject, *ask);
    results.timer_due = earliest(results.timer_due, ask);
}

void keep(
    Connection& db, const Rulebook& rules, const notify::DossierEvent& event, notify::EventDecision& decision,
    Time now, notify::EventResults& results
) {
    const bool is_new = decision.next.id == notify::DossierId{};
    save_dossier(db, decision.next);
    db.run(
        "INSERT INTO events (event_id, dossier_id, status, at, accepted_at, silent_cause) VALUES (?, ?, ?, "
        "?, ?, ?)",
        event.event_id, decision.next.id, event.status, event.at, now, decision.silent_cause
    );
    if (!is_new) cancel_overtaken(db, decision.next, decision.overtakes, now);
    if (decision.draft && save_draft(db, *decision.draft, {.dossier = decision.next.id}, now))
        results.outbox_due = earliest(results.outbox_due, decision.draft->due_at);
    add_tallies(db, decision.tally);
    set_timers(db, rules, decision, is_new, now, results);
}

EventResult accept(
    Connection& db, const Rulebook& rules, const notify::DossierEvent& event, Time now,
    notify::EventResults& results
) {
    if (db.query("SELECT 1 FROM events WHERE event_id = ?", event.event_id).next())
        return {.kind = EventResult::Kind::duplicate};
    const auto current = dossier_by_code(db, event.dossier.str());
    std::optional<notify::PhoneNumber> phone = current ? current->phone : std::nullopt;
    if (event.phone)
        if (const auto parsed = notify::PhoneNumber::parse(*event.phone, *rules.numbering)) phone = *parsed;
    auto decision = notify::on_event(event, current, rules.notify, phone && opted_out(db, *phone), now);
    if (!decision) return {.kind = EventResult::Kind::rejected, .refusal = decision.error()};
    keep(db, rules, event, *decision, now, results);
    return {.warnings = std::move(decision->warnings), .silent_cause = std::move(decision->silent_cause)};
}

}  // namespace

notify::EventResults accept_events(
    Connection& db, const Rulebook& rules, const std::vector<notify::DossierEvent>& events, Time now
) {
    notify::EventResults results;
    for (const auto& event : events)
        results.each.push_back(accept(db, rules, event, now, results));
    return results;
}

}  // namespace gateway::storage
