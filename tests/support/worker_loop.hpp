// For tests of the daemon's workers: an I/O thread's loop, a virtual clock, and a monitor that counts
// failures.
#pragma once

#include "gateway/virtual_clock.hpp"
#include "notify/monitor.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace testing_support {

class Failures final : public notify::Monitor {
public:
    void attempted(std::string_view, config::OutcomeClass, config::Duration) override {}
    void lane_stopped(std::string_view, std::string_view, config::Duration) override {}
    void unreachable(std::string_view, config::Duration) override {}
    void unknown_code(std::string_view, std::string_view) override {}
    void worker_failed(std::string_view, std::string_view) override { ++count; }
    int count = 0;
};

struct WorkerLoop {
    explicit WorkerLoop(config::Time start) : clock(context.get_executor(), start) {}

    template <typename Condition>
    void until(Condition condition) {
        context.restart();
        for (int turns = 0; !condition(); ++turns) {
            ASSERT_LT(turns, 20'000) << "in vain";
            context.run_one();
        }
    }
    /// Moves the clock and turns until every worker sleeps.
    void settle(config::Time now) {
        bool settled = false;
        boost::asio::co_spawn(
            context,
            [this, &settled, now]() -> boost::asio::awaitable<void> {
                co_await clock.advance(now);
                settled = true;
            },
            boost::asio::detached
        );
        until([&] { return settled; });
    }

    boost::asio::io_context context{1};
    gateway::VirtualClock clock;
    Failures failures;
};

}  // namespace testing_support
