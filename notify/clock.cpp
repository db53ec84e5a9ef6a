#include "notify/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace notify {
namespace {

namespace asio = boost::asio;

// Never sleeps longer than this in one go, so that a wall clock set forward is noticed.
constexpr std::chrono::seconds longest_nap{30};

class SystemAlarm final : public Alarm {
public:
    SystemAlarm(const asio::any_io_executor& executor, const Clock& clock)
        : timer_(executor), clock_(clock) {}

    asio::awaitable<void> wait(std::optional<Time> until) override {
        while (!rung_) {
            auto nap = Duration(longest_nap);
            if (until) nap = std::min(nap, *until - clock_.now());
            if (nap <= Duration::zero()) break;
            timer_.expires_after(nap);
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        rung_ = false;
    }

    void ring() override {
        rung_ = true;
        timer_.cancel();
    }

private:
    asio::steady_timer timer_;
    const Clock& clock_;
    bool rung_ = false;
};

}  // namespace

Time SystemClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::unique_ptr<Alarm> SystemClock::alarm(asio::any_io_executor executor) {
    return std::make_unique<SystemAlarm>(executor, *this);
}

}  // namespace notify
