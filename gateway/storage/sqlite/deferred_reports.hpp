// Delivery reports that are kept but not yet applied to their messages. Reports in random order would have
// the writer read and write a page of the database for each; so when it has much to do, a report of a message
// far from the last one's is only appended to a table, and applied later together with those of the messages
// beside it. While any wait, all that come after them wait as well: each message sees its reports in the
// order of their coming and ends in the state that it would have had at once. Only messages that are
// accepted, delivered or cancelled are treated so, for which nothing is to be sent any more; one that was
// rejected since and that a person sends anew leaves those that wait behind. A report that names a request of
// ours is kept for no other message: where there is none or it is another provider's, it is nobody's. Applied
// again after a crash, reports change nothing. Who runs this: gateway/report_worker.hpp.
#pragma once

#include "gateway/storage/sqlite/steps.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gateway::storage {

struct DeferredReport {
    std::int64_t message, id;
    config::Time received_at;
    std::uint32_t provider;  // its place among the run's
    notify::MessageState state;
};

/// The oldest of them, by message and then as they came; the ids are those of the table.
struct DeferredRun {
    std::vector<DeferredReport> reports;
    std::vector<std::string> providers;
    std::int64_t first_id = 0, last_id = 0;
    std::int64_t in_table = 0;  // when it was read, these among them
};

/// `message` is the id that the report names; whether it is the provider's is seen when it is applied.
void defer_report(
    Connection& db, std::int64_t message, const notify::DeliveryReport& report, notify::MessageState next,
    config::Time now
);

/// On a reader's thread: up to half a million rows, read and sorted.
std::shared_ptr<const DeferredRun> deferred_run(Connection& db);

void apply_deferred(
    Connection& db, const Rulebook& rules, const DeferredRun& run, std::span<const DeferredReport> reports
);
/// Once they are applied: those of the table up to this one. `again` could not be and come behind all others.
/// By how many they are fewer.
std::int64_t forget_deferred(Connection& db, std::int64_t last_id, std::span<const std::int64_t> again);

/// The message is sent anew: what waits for it tells of its former life. Looks at each that waits.
void leave_deferred_behind(Connection& db, notify::MessageId message);

/// Applies and forgets all, where they are few; else nothing, and false.
bool drain_deferred(Connection& db, const Rulebook& rules);

}  // namespace gateway::storage
