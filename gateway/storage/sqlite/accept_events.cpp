#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

namespace gateway::storage {
namespace {

using notify::EventResult;

// A notice that no provider has taken, or that waits for a better number.
#define WAITING "lane = 1 AND (state IN (0, 2) OR (state = 9 AND cause = 'number_changed')) "

// The newest fact only: what waits for its minutes to pass, or was not taken by a provider, and is overtaken
// is never sent.
void cancel_overtaken(Connection& db, const notify::Dossier& dossier, notify::Overtakes overtakes, Time now) {
    if (overtakes == notify::Overtakes::nothing) return;
    const bool requests = overtakes == notify::Overtakes::requests;
    // What is under way cannot be called back, but need not be tried again (outbox.cpp).
    db.run(
        "UPDATE messages SET state = CASE state WHEN 1 THEN 1 ELSE 9 END, due_at = NULL, cause = "
        "'overtaken', "
        "updated_at = CASE state WHEN 1 THEN updated_at ELSE ?1 END "
        "WHERE dossier_id = ?2 AND (" WAITING
        "OR (lane = 1 AND state = 1)) "
        "AND (?3 = 0 OR situation IN ('supplement', 'payment_due'))",
        now, dossier.id, requests
    );
}

// A corrected number holds for what waits, too; until there is a good one, nobody is written to.
std::optional<Time> follow_number(
    Connection& db, const notify::Dossier& before, const notify::Dossier& now_known, Time now
) {
    if (before.phone == now_known.phone) return std::nullopt;
    if (!now_known.phone || opted_out(db, *now_known.phone)) {
        db.run(
            "UPDATE messages SET state = 9, due_at = NULL, cause = 'number_changed', updated_at = ? "
            "WHERE dossier_id = ? AND lane = 1 AND state IN (0, 2)",
            now, now_known.id
        );
        return std::nullopt;
    }
    db.run(
        "UPDATE messages SET state = CASE state WHEN 2 THEN 2 ELSE 0 END, due_at = coalesce(due_at, ?1), "
        "cause = CASE cause WHEN 'number_changed' THEN '' ELSE cause END, phone = ?2, updated_at = ?1 "
        "WHERE dossier_id = ?3 AND expires_at > ?1 AND " WAITING,
        now, now_known.phone->subscriber(), now_known.id
    );
    return now;
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
    Connection& db, const Rulebook& rules, const notify::DossierEvent& event,
    const std::optional<notify::Dossier>& current, notify::EventDecision& decision, Time now,
    notify::EventResults& results
) {
    save_dossier(db, decision.next);
    db.run(
        "INSERT INTO events (event_id, dossier_id, status, at, accepted_at, silent_cause) VALUES (?, ?, ?, "
        "?, ?, ?)",
        event.event_id, decision.next.id, event.status, event.at, now, decision.silent_cause
    );
    if (current) {
        cancel_overtaken(db, decision.next, decision.overtakes, now);
        results.outbox_due = earliest(results.outbox_due, follow_number(db, *current, decision.next, now));
    }
    if (decision.draft && save_draft(db, *decision.draft, {.dossier = decision.next.id}, now))
        results.outbox_due = earliest(results.outbox_due, decision.draft->due_at);
    add_tallies(db, decision.tally);
    set_timers(db, rules, decision, !current, now, results);
}

std::optional<std::string> dossier_of_event(Connection& db, const std::string& event_id) {
    auto rows = db.query(
        "SELECT d.code FROM events e JOIN dossiers d ON d.id = e.dossier_id WHERE e.event_id = ?", event_id
    );
    return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

const notify::Remark id_of_another{
    "/event_id", "used_already", "is that of an event of another dossier; each event has an id of its own"
};

EventResult accept(
    Connection& db, const Rulebook& rules, const notify::DossierEvent& event, Time now,
    notify::EventResults& results
) {
    if (const auto known = dossier_of_event(db, event.event_id)) {
        if (*known == event.dossier.str()) return {.kind = EventResult::Kind::duplicate};
        return {.kind = EventResult::Kind::rejected, .refusal = id_of_another};
    }
    const auto current = dossier_by_code(db, event.dossier.str());
    std::optional<notify::PhoneNumber> phone = current ? current->phone : std::nullopt;
    if (event.phone)
        if (const auto parsed = notify::PhoneNumber::parse(*event.phone, *rules.numbering)) phone = *parsed;
    auto decision = notify::on_event(event, current, rules.notify, phone && opted_out(db, *phone), now);
    if (!decision) return {.kind = EventResult::Kind::rejected, .refusal = decision.error()};
    keep(db, rules, event, current, *decision, now, results);
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
