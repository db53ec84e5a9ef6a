// Time as a port: what it is now, and how a worker sleeps until something is due or it is woken. The system
// clock serves a real telecom; the virtual clock of gateway/virtual_clock.hpp lets a year pass in a minute.
// Everything here runs on the I/O thread.
#pragma once

#include "config/civil_time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>

namespace notify {

using config::Duration;
using config::Time;

/// One worker's bed: it sleeps until a time, or until somebody rings.
class Alarm {
public:
    virtual ~Alarm() = default;
    /// Returns at `until` (never, without one) or when rung; at once if rung since the last wait.
    virtual boost::asio::awaitable<void> wait(std::optional<Time> until) = 0;
    virtual void ring() = 0;
};

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual std::unique_ptr<Alarm> alarm(boost::asio::any_io_executor executor) = 0;
    /// Work that is neither asleep nor finished; a virtual clock stands still meanwhile.
    virtual void begin_work() {}
    virtual void end_work() {}
};

/// Marks work in flight for as long as it lives.
class Working {
public:
    explicit Working(Clock& clock) : clock_(&clock) { clock_->begin_work(); }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
    ~Working() { clock_->end_work(); }

private:
    Clock* clock_;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    std::unique_ptr<Alarm> alarm(boost::asio::any_io_executor executor) override;
};

}  // namespace notify
