// Lets the daemon forget: a round some minutes after the start and once a day after it, in small steps with
// pauses between them, so that the writer has most of its time for others. One coroutine on the I/O thread;
// stop() ends it after the present step, and the next round goes on. What is forgotten stands in
// gateway/storage/sqlite/retention.hpp.
#pragma once

#include "config/settings.hpp"
#include "gateway/storage/sqlite_store.hpp"
#include "notify/clock.hpp"
#include "notify/monitor.hpp"

#include <memory>

namespace gateway {

class Retention {
public:
    struct Ports {
        storage::SqliteStore* store;
        notify::Clock* clock;
        notify::Monitor* monitor;
    };
    Retention(boost::asio::any_io_executor executor, const config::Retention& limits, Ports ports);

    boost::asio::awaitable<void> run();
    void stop();

private:
    boost::asio::awaitable<void> round();

    boost::asio::any_io_executor executor_;
    config::Retention limits_;
    Ports ports_;
    std::unique_ptr<notify::Alarm> alarm_;
    bool stopping_ = false;
};

}  // namespace gateway
