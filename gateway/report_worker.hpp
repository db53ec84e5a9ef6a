// Applies deferred delivery reports (gateway/storage/sqlite/deferred_reports.hpp) as soon as the writer has
// time for them, in small steps, and now and then when it has not. One coroutine on the I/O thread; stop()
// ends it after the present step, and what it has not done is done after the next start.
#pragma once

#include "gateway/storage/sqlite_store.hpp"
#include "notify/monitor.hpp"

#include <boost/asio/steady_timer.hpp>

namespace gateway {

class ReportWorker {
public:
    ReportWorker(boost::asio::any_io_executor executor, storage::SqliteStore& store, notify::Monitor& monitor)
        : store_(store), monitor_(monitor), timer_(std::move(executor)) {}

    boost::asio::awaitable<void> run();
    void stop();

private:
    boost::asio::awaitable<void> apply_all();
    boost::asio::awaitable<void> apply(std::shared_ptr<const storage::DeferredRun> run);
    boost::asio::awaitable<void> forget(const storage::DeferredRun& run);
    boost::asio::awaitable<void> pause();

    storage::SqliteStore& store_;
    notify::Monitor& monitor_;
    boost::asio::steady_timer timer_;
    bool stopping_ = false;
};

}  // namespace gateway
