// A clock that stands still until it is moved, for replaying a year in a minute: `hoiam serve
// --virtual-clock`. advance() sets it forward, wakes every worker whose time has come, and completes when all
// of them sleep again with nothing due and nothing in flight, so whoever moves it knows that all consequences
// are on disk. On the I/O thread.
#pragma once

#include "notify/clock.hpp"

#include <boost/asio/steady_timer.hpp>

#include <set>

namespace gateway {

class VirtualClock final : public notify::Clock {
public:
    VirtualClock(const boost::asio::any_io_executor& executor, notify::Time start);

    notify::Time now() const override { return now_; }
    std::unique_ptr<notify::Alarm> alarm(boost::asio::any_io_executor executor) override;
    void begin_work() override { ++working_; }
    void end_work() override;

    /// Never moves backwards. Returns when the next worker wants to be woken, if any does.
    boost::asio::awaitable<std::optional<notify::Time>> advance(notify::Time to);
    std::optional<notify::Time> next_due() const;

private:
    class Bed;
    void changed() { settled_.cancel(); }
    bool settled() const;

    notify::Time now_;
    int working_ = 0;
    std::set<Bed*> beds_;
    boost::asio::steady_timer settled_;
};

}  // namespace gateway
