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
constexpr int unmatched_between_counts = 1'000;
// Messages this near to each other are on neighbouring pages, which their reports share.
constexpr std::int64_t near = 1'000;

/// The message that a report belongs to.
struct Reported {
    std::int64_t id;
    MessageState state;
    std::optional<std::int64_t> question_of;  // session whose first question this is
    bool sent_again;
};

#define REPORTED_COLUMNS \
    "SELECT id, state, CASE situation WHEN 'survey_score' THEN session_id END, attempts > 1 FROM messages "

std::optional<Reported> reported_from(Rows rows) {
    if (!rows.next()) return std::nullopt;
    return Reported{
        rows.integer(0), static_cast<MessageState>(rows.integer(1)), rows.optional_integer(2),
        rows.integer(3) != 0
    };
}

// Without reading the message's row.
std::optional<std::int64_t> id_in(Connection& db, const notify::DeliveryReport& report) {
    if (!report.request_id.empty())
        if (const auto id = message_of_request_id(db, report.request_id)) return id;
    if (report.provider_message_id.empty()) return std::nullopt;
    auto rows = db.query(
        "SELECT id FROM messages WHERE provider_message_id = ? AND provider = ?", report.provider_message_id,
        report.provider
    );
    return rows.next() ? std::optional(rows.integer(0)) : std::nullopt;
}

std::optional<Reported> message_of(
    Connection& db, const notify::DeliveryReport& report, std::optional<std::int64_t> id
) {
    if (!id) return std::nullopt;
    if (auto found = reported_from(
            db.query(REPORTED_COLUMNS "WHERE id = ?1 AND coalesce(provider, ?2) = ?2", *id, report.provider)
        ))
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

// The oldest go first: the answer to the newest may be on its way.
void keep_for_later(Connection& db, const ReportStep& step, MessageState next) {
    const auto& report = step.report;
    db.run("DELETE FROM unmatched_reports WHERE received_at < ?", step.now - keep_unmatched);
    db.run(
        "INSERT INTO unmatched_reports (provider, provider_message_id, state, code, received_at) "
        "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        report.provider, report.provider_message_id, next, report.code, step.now
    );
    if (++step.memory->unmatched < unmatched_between_counts) return;
    step.memory->unmatched = 0;
    db.run(
        "DELETE FROM unmatched_reports WHERE received_at < (SELECT received_at FROM unmatched_reports "
        "ORDER BY received_at DESC LIMIT 1 OFFSET ?)",
        most_unmatched
    );
}

bool any_deferred(Connection& db) {
    auto rows = db.query("SELECT 1 FROM deferred_reports LIMIT 1");
    return rows.next();
}

// In every state but accepted, delivered and cancelled, of which the index has none.
bool is_open(Connection& db, std::int64_t id) {
    auto rows = db.query(
        "SELECT 1 FROM messages INDEXED BY messages_open WHERE id = ? AND state IN (0, 1, 2, 3, 6, 7, 8) "
        "AND " OPEN,
        id
    );
    return rows.next();
}

// Behind those that wait every other one waits, too, so that none overtakes another.
bool to_be_deferred(Connection& db, std::int64_t id, const ReportStep& step) {
    const auto& last = step.memory->last;
    const bool far = step.much_to_do && last && std::abs(id - *last) > near;
    return (far || any_deferred(db)) && !is_open(db, id);
}

// Nothing when the message has left it behind.
std::optional<std::string> code_of(Connection& db, const DeferredReport& report) {
    auto rows = db.query(
        "SELECT code FROM deferred_reports WHERE id = ? AND message_id = ?", report.id, report.message
    );
    return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

void apply_deferred(
    Connection& db, const Rulebook& rules, const std::string& provider, const DeferredReport& report
) {
    const auto message =
        reported_from(db.query(REPORTED_COLUMNS "WHERE id = ? AND provider = ?", report.message, provider));
    if (!message) return;
    std::optional<std::string> code{std::in_place};
    if (message->sent_again || report.state != MessageState::delivered) code = code_of(db, report);
    if (code) apply(db, rules, *message, report.state, *code, report.received_at);
}

}  // namespace

notify::ReportResult record_report(Connection& db, const Rulebook& rules, const ReportStep& step) {
    const auto& report = step.report;
    const auto next = notify::state_of(report.state);
    if (!next) return ReportResult::pending;
    const auto id = id_in(db, report);
    if (id) {
        const bool deferred = to_be_deferred(db, *id, step);
        step.memory->last = id;
        if (deferred) {
            defer_report(db, *id, report, *next, step.now);
            return ReportResult::deferred;
        }
    }
    const auto message = message_of(db, report, id);
    if (message) return apply(db, rules, *message, *next, report.code, step.now);
    if (!report.provider_message_id.empty()) keep_for_later(db, step, *next);
    return ReportResult::kept_unmatched;
}

void apply_deferred(
    Connection& db, const Rulebook& rules, const DeferredRun& run, std::span<const DeferredReport> reports
) {
    for (const auto& report : reports)
        apply_deferred(db, rules, run.providers[report.provider], report);
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
    const notify::DeliveryReport any{.provider = provider, .provider_message_id = provider_message_id};
    const auto message = message_of(db, any, id_in(db, any));
    if (!message) return;
    for (const auto& report : waiting)
        apply(db, rules, *message, report.state, report.code, now);
    db.run(
        "DELETE FROM unmatched_reports WHERE provider = ? AND provider_message_id = ?", provider,
        provider_message_id
    );
}

}  // namespace gateway::storage
