#include "gateway/storage/sqlite/deferred_reports.hpp"

#include <algorithm>
#include <utility>

namespace gateway::storage {
namespace {

constexpr int longest_run = 500'000;  // 16 MB while they are applied
constexpr int few = 500;              // as many as one step may apply

std::uint32_t place_of(std::vector<std::string>& providers, std::string provider) {
    const auto found = std::ranges::find(providers, provider);
    const auto place = static_cast<std::uint32_t>(found - providers.begin());
    if (found == providers.end()) providers.push_back(std::move(provider));
    return place;
}

DeferredRun oldest(Connection& db, int limit) {
    DeferredRun run;
    auto rows = db.query(
        "SELECT id, message_id, provider, state, received_at FROM deferred_reports ORDER BY id LIMIT ?", limit
    );
    while (rows.next())
        run.reports.push_back({
            .message = rows.integer(1),
            .id = rows.integer(0),
            .received_at = rows.time(4),
            .provider = place_of(run.providers, rows.text(2)),
            .state = static_cast<notify::MessageState>(rows.integer(3)),
        });
    if (run.reports.empty()) return run;
    run.first_id = run.reports.front().id;
    run.last_id = run.reports.back().id;
    std::ranges::sort(run.reports, {}, [](const DeferredReport& report) {
        return std::pair(report.message, report.id);
    });
    return run;
}

}  // namespace

void defer_report(
    Connection& db, std::int64_t message, const notify::DeliveryReport& report, notify::MessageState next,
    config::Time now
) {
    db.run(
        "INSERT INTO deferred_reports (message_id, provider, state, code, received_at) VALUES (?, ?, ?, ?, "
        "?)",
        message, report.provider, next, report.code, now
    );
}

std::shared_ptr<const DeferredRun> deferred_run(Connection& db) {
    auto run = std::make_shared<DeferredRun>(oldest(db, longest_run));
    // Reports are appended and removed from the front, so that their ids have no gaps.
    auto rows = db.query("SELECT max(id) FROM deferred_reports");
    if (!run->reports.empty() && rows.next()) run->in_table = rows.integer(0) - run->first_id + 1;
    return run;
}

std::int64_t forget_deferred(Connection& db, std::int64_t last_id, std::span<const std::int64_t> again) {
    for (const auto id : again)
        db.run(
            "INSERT INTO deferred_reports (message_id, provider, state, code, received_at) "
            "SELECT message_id, provider, state, code, received_at FROM deferred_reports WHERE id = ?",
            id
        );
    return db.run("DELETE FROM deferred_reports WHERE id <= ?", last_id) - std::ssize(again);
}

// They stay in the table, for nobody, whose ids are to have no gaps.
void leave_deferred_behind(Connection& db, notify::MessageId message) {
    db.run("UPDATE deferred_reports SET message_id = 0 WHERE message_id = ?", message);
}

bool drain_deferred(Connection& db, const Rulebook& rules) {
    const auto run = oldest(db, few + 1);
    if (run.reports.size() > few) return false;
    apply_deferred(db, rules, run, run.reports);
    if (!run.reports.empty()) forget_deferred(db, run.last_id, {});
    return true;
}

}  // namespace gateway::storage
