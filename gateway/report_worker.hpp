// Applies deferred delivery reports (gateway/storage/sqlite/deferred_reports.hpp): in small steps as soon as
// the writer has time for them, and now and then when it has not. One coroutine on the I/O thread; stop()
// ends it after the present step, and what it has not done is done after the next start.
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
    ReportWorker(boost::asio::any_io_executor executor, Ports ports)
        : ports_(ports), timer_(std::move(executor)) {}

    boost::asio::awaitable<void> run();
    /// A report was deferred.
    void wake();
    void stop();

private:
    boost::asio::awaitable<void> apply_all();
    boost::asio::awaitable<void> apply(std::shared_ptr<const storage::DeferredRun> run);
    boost::asio::awaitable<void> forget(const storage::DeferredRun& run);
    boost::asio::awaitable<void> sleep(std::chrono::steady_clock::duration time);

    Ports ports_;
    boost::asio::steady_timer timer_;
    std::optional<notify::Working> working_;  // a virtual clock stands still until all are applied
    bool asleep_ = false, stopping_ = false;
};

}  // namespace gateway
