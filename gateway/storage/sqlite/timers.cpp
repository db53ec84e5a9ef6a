#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

namespace gateway::storage {
namespace {

struct Timer {
    TimerKind kind;
    std::int64_t subject;
    Time due_at;
};

/// One run: what the timers of one batch bring.
struct Run {
    Connection& db;
    const Rulebook& rules;
    Time now;
    survey::TimersRun result;

    void draft(const notify::Draft& draft, const DraftOwner& owner) {
        if (save_draft(db, draft, owner, now)) result.outbox_due = earliest(result.outbox_due, draft.due_at);
    }
};

void overdue(Run& run, std::int64_t subject) {
    const auto dossier = dossier_by_id(run.db, notify::DossierId{subject});
    if (!dossier) return;
    const bool out = dossier->phone && opted_out(run.db, *dossier->phone);
    const auto decision = notify::on_overdue(*dossier, run.rules.notify, out, run.now);
    if (decision.draft) run.draft(*decision.draft, {.dossier = dossier->id});
}

survey::Recipient recipient(Connection& db, notify::PhoneNumber phone) {
    survey::Recipient recipient{.opted_out = opted_out(db, phone)};
    auto rows = db.query(
        "SELECT max(asked_at), max(state IN (0, 1)) FROM sessions WHERE phone = ?", phone.subscriber()
    );
    if (rows.next()) {
        recipient.last_asked_at = rows.optional_time(0);
        recipient.has_open_session = rows.optional_integer(1).value_or(0) != 0;
    }
    return recipient;
}

void ask(Run& run, const Timer& timer) {
    // The daemon stood still meanwhile: who is asked so late has forgotten.
    if (run.now >= timer.due_at + run.rules.survey.survey->expires_after) return;
    const auto subject = timer.subject;
    const auto dossier = dossier_by_id(run.db, notify::DossierId{subject});
    if (!dossier || !dossier->phone) return;
    std::optional<Time> closed_at;
    {
        auto rows = run.db.query(
            "SELECT closed_at FROM dossiers WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM sessions WHERE "
            "dossier_id = ?1)",
            subject
        );
        if (rows.next()) closed_at = rows.optional_time(0);
    }
    if (!closed_at) return;
    auto invitation =
        survey::invite(*dossier, *closed_at, recipient(run.db, *dossier->phone), run.rules.survey, run.now);
    if (!invitation.session) return;
    save_session(run.db, *invitation.session);
    run.draft(*invitation.draft, {dossier->id, invitation.session->id});
    add_tallies(run.db, invitation.tally);
    const auto id = static_cast<std::int64_t>(invitation.session->id);
    set_timer(run.db, TimerKind::expire, id, invitation.session->expires_at);
    if (invitation.remind_at) set_timer(run.db, TimerKind::remind, id, *invitation.remind_at);
}

void remind(Run& run, std::int64_t subject) {
    const auto session = session_by_id(run.db, subject);
    if (!session) return;
    const auto decision =
        survey::on_reminder(*session, run.rules.survey, opted_out(run.db, session->phone), run.now);
    if (decision.draft) run.draft(*decision.draft, {session->dossier, session->id});
}

void expire(Run& run, std::int64_t subject) {
    const auto session = session_by_id(run.db, subject);
    if (!session) return;
    auto decision = survey::on_expiry(*session, run.rules.survey, run.now);
    if (!decision.next) return;
    save_session(run.db, *decision.next);
    add_tallies(run.db, decision.tally);
}

void fire(Run& run, const Timer& timer) {
    switch (timer.kind) {
        case TimerKind::overdue:
            return overdue(run, timer.subject);
        case TimerKind::ask:
            return ask(run, timer);
        case TimerKind::remind:
            return remind(run, timer.subject);
        case TimerKind::expire:
            return expire(run, timer.subject);
    }
}

// At the same instant a survey ends before another one asks the same phone.
std::vector<Timer> due_timers(Connection& db, Time now, int limit) {
    auto rows = db.query(
        "SELECT kind, subject, due_at FROM timers WHERE due_at <= ? ORDER BY due_at, kind DESC LIMIT ?", now,
        limit
    );
    std::vector<Timer> due;
    while (rows.next())
        due.push_back({static_cast<TimerKind>(rows.integer(0)), rows.integer(1), rows.time(2)});
    return due;
}

}  // namespace

survey::TimersRun run_timers(Connection& db, const Rulebook& rules, Time now, int limit) {
    const auto due = due_timers(db, now, limit);
    Run run{db, rules, now, {}};
    for (const auto& timer : due) {
        clear_timer(db, timer.kind, timer.subject);
        fire(run, timer);
    }
    run.result.ran = static_cast<int>(due.size());
    auto rows = db.query("SELECT min(due_at) FROM timers");
    if (rows.next()) run.result.next_due = rows.optional_time(0);
    return run.result;
}

bool put_off_timer(Connection& db, Time now, Time until) {
    const auto due = due_timers(db, now, 1);
    if (due.empty()) return false;
    set_timer(db, due.front().kind, due.front().subject, until);
    return true;
}

}  // namespace gateway::storage
