#include "gateway/storage/sqlite/deferred_reports.hpp"
#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace gateway::storage {
namespace {

using notify::MessageState;

std::string instance_of(Connection& db) {
    auto rows = db.query("SELECT value FROM meta WHERE key = 'instance'");
    rows.next();
    return rows.text(0);
}

notify::Outbound outbound_from(const Rows& rows, const std::string& instance) {
    return {
        .id = notify::MessageId{rows.integer(0)},
        .request_id = fmt::format("{}-{}", instance, rows.integer(0)),
        .provider = rows.null(1) ? std::string() : rows.text(1),
        .phone = notify::PhoneNumber::from_subscriber(static_cast<std::uint32_t>(rows.integer(2))),
        .text = rows.text(3),
        .situation = rows.text(4),
        .ucs2 = rows.integer(5) != 0,
        .repeatable = rows.integer(6) != 0,
        .attempt = static_cast<int>(rows.integer(7)),
        .may_have_arrived = rows.integer(11) != 0,
        .first_sent_at = rows.time(8),
        .started_at = rows.time(9),
        .expires_at = rows.time(10),
    };
}

// When a lane may send next: a person who waits for an answer is answered at any hour, others within theirs,
// also when the messages have been waiting through an outage.
Time opening(const Rulebook& rules, int lane, Time time) {
    switch (static_cast<notify::Lane>(lane)) {
        case notify::Lane::reply:
            return time;
        case notify::Lane::notice:
            return rules.notify.notify->hours.next_within(time);
        case notify::Lane::campaign:
            return rules.survey.survey->hours.next_within(time);
    }
    return time;
}

constexpr int lanes = 3;

// The conditions of messages_due and messages_bound: what any provider may send, and what only one may
// repeat, so that the backlog of one that cannot be reached is in nobody's way.
#define FREE "due_at IS NOT NULL AND provider IS NULL "
#define BOUND "due_at IS NOT NULL AND provider IS NOT NULL "

std::optional<Time> next_due(Connection& db, const Rulebook& rules, const notify::Claim& claim) {
    std::optional<Time> due;
    for (int lane = 0; lane < lanes; ++lane) {
        auto rows = db.query(
            "SELECT (SELECT due_at FROM messages WHERE " FREE
            "AND lane = ?1 ORDER BY due_at LIMIT 1), "
            "(SELECT due_at FROM messages WHERE " BOUND
            "AND provider = ?2 AND lane = ?1 ORDER BY due_at LIMIT 1)",
            lane, claim.provider
        );
        rows.next();
        const auto first = earliest(rows.optional_time(0), rows.optional_time(1));
        if (first) due = earliest(due, opening(rules, lane, std::max(*first, claim.now)));
    }
    return due;
}

// What could not be sent in its time stays as a dead letter; what may have arrived already stays unknown.
void expire(Connection& db, notify::MessageId id, Time now) {
    db.run(
        "UPDATE messages SET state = CASE state WHEN 3 THEN 3 ELSE 8 END, due_at = NULL, "
        "cause = CASE cause WHEN '' THEN 'too_late' ELSE cause END, updated_at = ? WHERE id = ?",
        now, id
    );
}

// Tried before, and its recipient has opted out since; the confirmation of that is still owed.
bool is_unwanted(Connection& db, const notify::Outbound& message) {
    return message.attempt > 0 && message.situation != survey::opt_out_confirmation &&
           opted_out(db, message.phone);
}

void leave_unwanted(Connection& db, notify::MessageId id, Time now) {
    db.run(
        "UPDATE messages SET state = CASE state WHEN 3 THEN 3 ELSE 9 END, due_at = NULL, cause = "
        "'opted_out', "
        "updated_at = ? WHERE id = ?",
        now, id
    );
}

// Only a message that waits has a due_at.
#define OUTBOUND_COLUMNS                                                                                   \
    "SELECT id, provider, phone, text, situation, ucs2, repeatable, attempts, first_sent_at, updated_at, " \
    "expires_at, state = 3, due_at FROM messages "

// Or a repeat for whose request id it is too late.
bool is_too_late(const notify::Outbound& message, const notify::Claim& claim) {
    return message.expires_at <= claim.now ||
           (message.may_have_arrived && !notify::recognised(message, claim.policy, claim.now));
}

std::vector<notify::Outbound> due_messages(
    Connection& db, const Rulebook& rules, const notify::Claim& claim
) {
    std::vector<notify::Outbound> due, expired, unwanted;
    const auto instance = instance_of(db);
    for (int lane = 0; lane < lanes && static_cast<int>(due.size()) < claim.limit; ++lane) {
        if (opening(rules, lane, claim.now) > claim.now) continue;
        auto rows = db.query(
            OUTBOUND_COLUMNS "WHERE " FREE "AND lane = ?1 AND due_at <= ?2 UNION ALL " OUTBOUND_COLUMNS
                             "WHERE " BOUND
                             "AND provider = ?3 AND lane = ?1 AND due_at <= ?2 "
                             "ORDER BY due_at LIMIT ?4",
            lane, claim.now, claim.provider, claim.limit - static_cast<int>(due.size())
        );
        while (rows.next()) {
            auto message = outbound_from(rows, instance);
            auto& these = is_too_late(message, claim) ? expired : is_unwanted(db, message) ? unwanted : due;
            these.push_back(std::move(message));
        }
    }
    for (const auto& message : expired)
        expire(db, message.id, claim.now);
    for (const auto& message : unwanted)
        leave_unwanted(db, message.id, claim.now);
    return due;
}

}  // namespace

std::string request_id_of(Connection& db, std::int64_t message) {
    return fmt::format("{}-{}", instance_of(db), message);
}

std::optional<std::int64_t> message_of_request_id(Connection& db, std::string_view request_id) {
    const auto instance = instance_of(db);
    if (!request_id.starts_with(instance + "-")) return std::nullopt;
    request_id.remove_prefix(instance.size() + 1);
    std::int64_t id = 0;
    const auto* const end = request_id.data() + request_id.size();
    const auto [after, error] = std::from_chars(request_id.data(), end, id);
    if (error != std::errc{} || after != end || id <= 0) return std::nullopt;
    return id;
}

notify::Claimed claim(Connection& db, const Rulebook& rules, const notify::Claim& claim) {
    notify::Claimed claimed{.messages = due_messages(db, rules, claim)};
    for (auto& message : claimed.messages) {
        ++message.attempt;
        if (message.first_sent_at == Time{}) message.first_sent_at = claim.now;  // the column was NULL
        message.started_at = claim.now;
        message.provider = claim.provider;
        db.run(
            "UPDATE messages SET state = 1, due_at = NULL, attempts = ?1, provider = ?2, first_sent_at = ?3, "
            "updated_at = ?4 WHERE id = ?5",
            message.attempt, message.provider, message.first_sent_at, claim.now, message.id
        );
    }
    claimed.next_due = next_due(db, rules, claim);
    return claimed;
}

std::optional<notify::Outbound> queue_claimed(
    Connection& db, const notify::Draft& draft, const DraftOwner& owner, const notify::Claim& claim
) {
    const bool fresh =
        db.run(
            "INSERT INTO messages (key, dossier_id, session_id, situation, lane, phone, text, ucs2, parts, "
            "repeatable, state, expires_at, provider, attempts, first_sent_at, created_at, updated_at) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, ?12, 1, ?13, ?13, ?13) "
            "ON CONFLICT (key) DO NOTHING",
            draft.key, owner.dossier, owner.session, draft.situation, draft.lane, draft.phone.subscriber(),
            draft.text, draft.ucs2, draft.parts, draft.repeatable, draft.expires_at, claim.provider, claim.now
        ) > 0;
    if (!fresh) return std::nullopt;
    const notify::MessageId id{db.last_id()};
    return notify::Outbound{
        .id = id,
        .request_id = request_id_of(db, static_cast<std::int64_t>(id)),
        .provider = claim.provider,
        .phone = draft.phone,
        .text = draft.text,
        .situation = draft.situation,
        .ucs2 = draft.ucs2,
        .repeatable = draft.repeatable,
        .first_sent_at = claim.now,
        .started_at = claim.now,
        .expires_at = draft.expires_at,
    };
}

namespace {

bool was_overtaken(Connection& db, notify::MessageId id) {
    return db.query("SELECT 1 FROM messages WHERE id = ? AND state = 1 AND cause = 'overtaken'", id).next();
}

// While the attempt was under way its dossier may have changed: a notice that was overtaken is not tried
// again, another one goes to the number that is known now.
void catch_up(Connection& db, notify::MessageId id, bool overtaken, Time now) {
    if (overtaken) {
        db.run(
            "UPDATE messages SET state = 9, due_at = NULL, cause = 'overtaken', updated_at = ? WHERE id = ?",
            now, id
        );
        return;
    }
    const auto withdrawn = db.run(
        "UPDATE messages SET state = 9, due_at = NULL, cause = 'number_changed', updated_at = ? WHERE id = ? "
        "AND lane = 1 AND dossier_id IN (SELECT id FROM dossiers WHERE phone IS NULL)",
        now, id
    );
    if (withdrawn > 0) return;
    db.run(
        "UPDATE messages SET phone = coalesce((SELECT phone FROM dossiers WHERE id = dossier_id), phone) "
        "WHERE id = ? AND lane = 1",
        id
    );
}

}  // namespace

notify::OutcomeDecision record_attempt(
    Connection& db, const Rulebook& rules, const notify::Attempt& attempt
) {
    const auto& [message, outcome, provider, policy, now, jitter] = attempt;
    auto decision = notify::on_outcome(message, outcome, policy, now, jitter);
    db.run(
        "INSERT INTO attempts (message_id, number, provider, started_at, finished_at, outcome, code) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
        "ON CONFLICT (message_id, number) DO UPDATE SET finished_at = ?5, outcome = ?6, code = ?7",
        message.id, message.attempt, provider, message.started_at, now, config::to_string(outcome.kind),
        outcome.code
    );
    const bool accepted = decision.next == MessageState::accepted;
    const bool not_taken = decision.next == MessageState::retry;
    const bool overtaken = not_taken && was_overtaken(db, message.id);
    // Only what the provider cannot have taken may go to another one.
    const auto bound = not_taken ? std::nullopt : std::optional(provider);
    std::optional<std::string> id;
    if (!outcome.provider_message_id.empty()) id = outcome.provider_message_id;
    const bool moved =
        db.run(
            "UPDATE messages SET state = ?1, due_at = ?2, cause = ?3, updated_at = ?4, provider = ?5, "
            "provider_message_id = coalesce(?6, provider_message_id) WHERE id = ?7 AND ((1 << state) & ?8) "
            "<> 0",
            decision.next, decision.due_at, accepted ? std::string() : outcome.code, now, bound, id,
            message.id, sources_of(decision.next)
        ) > 0;
    if (moved && not_taken) catch_up(db, message.id, overtaken, now);
    // A report that was faster than the answer has moved the message on; the id is still news.
    if (!moved && id) db.run("UPDATE messages SET provider_message_id = ? WHERE id = ?", id, message.id);
    if (decision.suppress) set_opted_out(db, message.phone, true, "provider", now);
    if (id) match_waiting_reports(db, rules, provider, *id, now);
    return decision;
}

namespace {

void leave_to_persons(Connection& db, const std::map<std::string, notify::ResendPolicy>& policies, Time now) {
    std::vector<std::string> gone;
    {
        auto rows = db.query("SELECT DISTINCT provider FROM messages WHERE " BOUND);
        while (rows.next())
            if (!policies.contains(rows.text(0))) gone.push_back(rows.text(0));
    }
    for (const auto& provider : gone)
        db.run(
            "UPDATE messages SET due_at = NULL, updated_at = ? WHERE " BOUND "AND provider = ?", now, provider
        );
}

}  // namespace

int recover(
    Connection& db, const Rulebook& rules, const std::map<std::string, notify::ResendPolicy>& policies,
    Time now
) {
    std::vector<notify::Outbound> left;
    const auto instance = instance_of(db);
    {
        auto rows = db.query(OUTBOUND_COLUMNS "WHERE state = 1 AND " OPEN);
        while (rows.next())
            left.push_back(outbound_from(rows, instance));
    }
    for (const auto& message : left) {
        const auto policy = policies.find(message.provider);
        const notify::Attempt attempt{
            .message = message,
            .outcome = {.kind = config::OutcomeClass::ambiguous, .code = "restarted"},
            .provider = message.provider,
            .policy = policy == policies.end() ? notify::ResendPolicy{} : policy->second,
            .now = now,
        };
        record_attempt(db, rules, attempt);
    }
    leave_to_persons(db, policies, now);
    return static_cast<int>(left.size());
}

// What was refused or came too late goes to the number that its dossier has now; what may have arrived, with
// its request id, to the one that it was sent to.
bool replay(Connection& db, notify::MessageId id, Time now) {
    constexpr std::chrono::hours fresh{24};
    const bool replayed =
        db.run(
            "WITH known (phone) AS (SELECT coalesce((SELECT phone FROM dossiers WHERE id = m.dossier_id AND "
            "m.lane = 1 "
            "AND m.state <> 3), m.phone) FROM messages m WHERE m.id = ?3) "
            "UPDATE messages SET state = 0, due_at = ?1, cause = '', updated_at = ?1, provider = NULL, "
            "first_sent_at = NULL, expires_at = max(expires_at, ?2), phone = (SELECT phone FROM known) "
            "WHERE id = ?3 AND ((1 << state) & ?4) <> 0 "
            "AND (SELECT phone FROM known) NOT IN (SELECT phone FROM suppressions)",
            now, now + fresh, id, sources_of(MessageState::queued)
        ) > 0;
    if (replayed) leave_deferred_behind(db, id);
    return replayed;
}

}  // namespace gateway::storage
