#include "gateway/storage/sqlite/deferred_reports.hpp"
#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

#include <cstdlib>
#include <utility>

namespace gateway::storage {
namespace {

using notify::MessageState;
using notify::ReportResult;

// Strangers can call an unsigned report URL, so what matches nothing is kept only so long and so many.
constexpr std::chrono::days keep_unmatched{7};
constexpr int most_unmatched = 100'000;
// Messages this near to each other are on neighbouring pages, which their reports share.
constexpr std::int64_t near = 1'000;

/// The message that a report belongs to.
struct Reported {
    std::int64_t id;
    MessageState state;
    std::optional<std::int64_t> question_of;  // session whose first question this is
    int attempts;
};

#define REPORTED_COLUMNS \
    "SELECT id, state, CASE situation WHEN 'survey_score' THEN session_id END, attempts FROM messages "

std::optional<Reported> reported_from(Rows rows) {
    if (!rows.next()) return std::nullopt;
    return Reported{
        rows.integer(0), static_cast<MessageState>(rows.integer(1)), rows.optional_integer(2),
        static_cast<int>(rows.integer(3))
    };
}

std::optional<Reported> message_of(Connection& db, const notify::DeliveryReport& report) {
    if (!report.request_id.empty())
        if (const auto id = message_of_request_id(db, report.request_id))
            if (auto found = reported_from(db.query(
                    REPORTED_COLUMNS "WHERE id = ?1 AND coalesce(provider, ?2) = ?2", *id, report.provider
                )))
                return found;
    if (report.provider_message_id.empty()) return std::nullopt;
    return reported_from(db.query(
        REPORTED_COLUMNS "WHERE provider_message_id = ? AND provider = ?", report.provider_message_id,
        report.provider
    ));
}

// A delivered question is what the response rate is counted from.
void mark_question_delivered(Connection& db, const Rulebook& rules, std::int64_t session_id) {
    auto session = session_by_id(db, session_id);
    if (!session || session->delivered) return;
    const auto before = survey::counts(*session, rules.survey.survey->questionnaire);
    session->delivered = true;
    save_session(db, *session);
    add_tallies(db, notify::difference(before, survey::counts(*session, rules.survey.survey->questionnaire)));
}

// An attempt is written with its outcome. This one's may never come: when the process dies now, the message
// is settled and nobody asks for it again.
void keep_open_attempt(Connection& db, std::int64_t message) {
    db.run(
        "INSERT INTO attempts (message_id, number, provider, started_at) "
        "SELECT id, attempts, provider, updated_at FROM messages WHERE id = ? ON CONFLICT DO NOTHING",
        message
    );
}

ReportResult apply(
    Connection& db, const Rulebook& rules, const Reported& message, MessageState next,
    const std::string& code, Time now
) {
    if (message.state == MessageState::sending) keep_open_attempt(db, message.id);
    const int changed = db.run(
        "UPDATE messages SET state = ?1, due_at = NULL, cause = ?2, updated_at = ?3 WHERE id = ?4 AND ((1 << "
        "state) & ?5) <> 0",
        next, next == MessageState::delivered ? std::string() : "report_" + code, now, message.id,
        sources_of(next)
    );
    if (changed == 0) return ReportResult::repeated;
    if (next == MessageState::delivered && message.question_of)
        mark_question_delivered(db, rules, *message.question_of);
    return ReportResult::recorded;
}

void keep_for_later(Connection& db, const notify::DeliveryReport& report, MessageState next, Time now) {
    db.run("DELETE FROM unmatched_reports WHERE received_at < ?", now - keep_unmatched);
    db.run(
        "INSERT INTO unmatched_reports (provider, provider_message_id, state, code, received_at) "
        "SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM unmatched_reports) < ?6 ON CONFLICT DO "
        "NOTHING",
        report.provider, report.provider_message_id, next, report.code, now, most_unmatched
    );
}

bool any_deferred(Connection& db) {
    auto rows = db.query("SELECT 1 FROM deferred_reports LIMIT 1");
    return rows.next();
}

// Behind those that wait every other one waits, too, so that none overtakes another.
bool to_be_deferred(Connection& db, const Reported& message, const ReportStep& step) {
    if (message.state != MessageState::accepted) return false;
    const auto& last = *step.last_reported;
    return (step.much_to_do && last && std::abs(message.id - *last) > near) || any_deferred(db);
}

std::string code_of(Connection& db, const DeferredReport& report) {
    if (report.state == MessageState::delivered) return {};
    auto rows = db.query("SELECT code FROM deferred_reports WHERE id = ?", report.id);
    return rows.next() ? rows.text(0) : std::string();
}

}  // namespace

notify::ReportResult record_report(Connection& db, const Rulebook& rules, const ReportStep& step) {
    const auto& report = step.report;
    const auto next = notify::state_of(report.state);
    if (!next) return ReportResult::pending;
    const auto message = message_of(db, report);
    if (!message) {
        if (!report.provider_message_id.empty()) keep_for_later(db, report, *next, step.now);
        return ReportResult::kept_unmatched;
    }
    const bool deferred = to_be_deferred(db, *message, step);
    *step.last_reported = message->id;
    if (!deferred) return apply(db, rules, *message, *next, report.code, step.now);
    defer_report(
        db, {.message = message->id, .received_at = step.now, .attempts = message->attempts, .state = *next},
        report.code
    );
    return ReportResult::deferred;
}

void apply_deferred(Connection& db, const Rulebook& rules, std::span<const DeferredReport> reports) {
    for (const auto& report : reports)
        if (const auto message = reported_from(
                db.query(REPORTED_COLUMNS "WHERE id = ? AND attempts = ?", report.message, report.attempts)
            ))
            apply(db, rules, *message, report.state, code_of(db, report), report.received_at);
}

void match_waiting_reports(
    Connection& db, const Rulebook& rules, const std::string& provider,
    const std::string& provider_message_id, Time now
) {
    struct Waiting {
        MessageState state;
        std::string code;
    };
    std::vector<Waiting> waiting;
    {
        auto rows = db.query(
            "SELECT state, code FROM unmatched_reports WHERE provider = ? AND provider_message_id = ? ORDER "
            "BY received_at",
            provider, provider_message_id
        );
        while (rows.next())
            waiting.push_back({static_cast<MessageState>(rows.integer(0)), rows.text(1)});
    }
    if (waiting.empty()) return;
    const auto message = message_of(db, {.provider = provider, .provider_message_id = provider_message_id});
    if (!message) return;
    for (const auto& report : waiting)
        apply(db, rules, *message, report.state, report.code, now);
    db.run(
        "DELETE FROM unmatched_reports WHERE provider = ? AND provider_message_id = ?", provider,
        provider_message_id
    );
}

}  // namespace gateway::storage
