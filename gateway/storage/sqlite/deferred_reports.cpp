#include "gateway/storage/sqlite/deferred_reports.hpp"

#include <algorithm>

namespace gateway::storage {
namespace {

constexpr int longest_run = 500'000;  // 16 MB while they are applied

// Ids have no gaps: reports are appended, and removed from the front.
std::int64_t newest_id(Connection& db) {
    auto rows = db.query("SELECT max(id) FROM deferred_reports");
    return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

void defer_report(Connection& db, const DeferredReport& report, std::string_view code) {
    db.run(
        "INSERT INTO deferred_reports (message_id, attempts, state, code, received_at) VALUES (?, ?, ?, ?, "
        "?)",
        report.message, report.attempts, report.state, code, report.received_at
    );
}

std::shared_ptr<const DeferredRun> deferred_run(Connection& db) {
    auto run = std::make_shared<DeferredRun>();
    auto rows = db.query(
        "SELECT id, message_id, attempts, state, received_at FROM deferred_reports ORDER BY id LIMIT ?",
        longest_run
    );
    while (rows.next())
        run->reports.push_back({
            .message = rows.integer(1),
            .id = rows.integer(0),
            .received_at = rows.time(4),
            .attempts = static_cast<int>(rows.integer(2)),
            .state = static_cast<notify::MessageState>(rows.integer(3)),
        });
    if (run->reports.empty()) return run;
    run->first_id = run->reports.front().id;
    run->last_id = run->reports.back().id;
    run->in_table = newest_id(db) - run->first_id + 1;
    std::ranges::sort(run->reports, {}, [](const DeferredReport& report) {
        return std::pair(report.message, report.id);
    });
    return run;
}

void forget_deferred(Connection& db, std::int64_t last_id) {
    db.run("DELETE FROM deferred_reports WHERE id <= ?", last_id);
}

}  // namespace gateway::storage
