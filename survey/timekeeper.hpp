// Runs what is due later: apologies for passed appointments, survey questions, reminders, the end of a
// survey. Sleeps until the store's next timer. A timer that cannot be run (a tally that it changes is
// unreadable, a page is damaged) is logged and put off by five minutes. One coroutine on the I/O thread;
// stop() ends it after the present step.
#pragma once

#include "notify/clock.hpp"
#include "notify/monitor.hpp"
#include "survey/store.hpp"

#include <functional>
#include <memory>

namespace survey {

class Timekeeper {
public:
    struct Ports {
        Store* store;
        notify::Clock* clock;
        notify::Monitor* monitor;
        std::function<void(Time)> outbox_due;
    };
    Timekeeper(boost::asio::any_io_executor executor, Ports ports);

    boost::asio::awaitable<void> run();
    /// A timer was set for this time.
    void wake(Time due);
    void stop();

private:
    boost::asio::awaitable<std::optional<TimersRun>> run_some();
    boost::asio::awaitable<void> put_off_one(std::string_view cause);

    boost::asio::any_io_executor executor_;
    Ports ports_;
    std::unique_ptr<notify::Alarm> alarm_;
    int at_once_;
    Time sleeping_until_{};
    bool stopping_ = false;
};

}  // namespace survey
