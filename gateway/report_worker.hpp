// Applies deferred delivery reports (gateway/storage/sqlite/deferred_reports.hpp): as soon as fewer than
// 1,000 a second come and the writer has time, after a minute or when a million wait also while it has not. A
// report that cannot be applied (its tally is unreadable, a page is damaged) is logged, kept and tried again
// with the next ones. One coroutine on the I/O thread; stop() ends it after the present step, and what it has
// not done is done after the next start.
#pragma once

#include "gateway/storage/sqlite_store.hpp"
#include "notify/clock.hpp"
#include "notify/monitor.hpp"

#include <boost/asio/steady_timer.hpp>

#include <optional>

namespace gateway {

class ReportWorker {
public:
    struct Ports {
        storage::SqliteStore* store;
        notify::Clock* clock;
        notify::Monitor* monitor;
    };
    struct Pauses {
        std::chrono::milliseconds busy{200};      // before it looks whether the writer has time now
        std::chrono::milliseconds failed{1'000};  // before a refused step is tried again
        std::chrono::milliseconds kept{30'000};   // before what could not be applied is tried again
    };
    ReportWorker(const boost::asio::any_io_executor& executor, Ports ports)
        : ReportWorker(executor, ports, Pauses{}) {}
    ReportWorker(const boost::asio::any_io_executor& executor, Ports ports, Pauses pauses)
        : ports_(ports), pauses_(pauses), timer_(executor) {}

    boost::asio::awaitable<void> run();
    /// A report was deferred.
    void wake();
    void stop();

private:
    using Run = std::shared_ptr<const storage::DeferredRun>;
    using Ids = std::vector<std::int64_t>;

    boost::asio::awaitable<bool> apply_all();
    boost::asio::awaitable<bool> drained();
    boost::asio::awaitable<bool> flooded();
    boost::asio::awaitable<void> ebb();
    boost::asio::awaitable<Ids> apply(Run run);
    boost::asio::awaitable<std::optional<storage::SqliteStore::Applied>> apply_some(
        Run run, storage::SqliteStore::Part part
    );
    bool must_not_wait() const;
    static std::size_t put_aside(const storage::DeferredRun& run, std::size_t from, Ids& again);
    boost::asio::awaitable<void> forget(const storage::DeferredRun& run, Ids again);
    boost::asio::awaitable<void> sleep(std::chrono::milliseconds time);

    Ports ports_;
    Pauses pauses_;
    boost::asio::steady_timer timer_;
    std::optional<notify::Working> working_;         // a virtual clock stands still until all are applied
    std::chrono::steady_clock::time_point since_{};  // the present ones wait
    bool asleep_ = false, woken_ = false, stopping_ = false;
};

}  // namespace gateway
