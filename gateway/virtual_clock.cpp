#include "gateway/virtual_clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway {

namespace asio = boost::asio;
using notify::Time;

class VirtualClock::Bed final : public notify::Alarm {
public:
    Bed(const asio::any_io_executor& executor, VirtualClock& clock)
        : timer_(executor, asio::steady_timer::time_point::max()), clock_(clock) {
        clock_.beds_.insert(this);
    }
    ~Bed() override { clock_.beds_.erase(this); }

    asio::awaitable<void> wait(std::optional<Time> until) override {
        until_ = until.value_or(Time::max());
        asleep_ = true;
        while (!rung_ && until_ > clock_.now()) {
            clock_.changed();
            co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        asleep_ = false;
        rung_ = false;
    }
    void ring() override {
        rung_ = true;
        timer_.cancel();
    }

    void look_at_the_clock() { timer_.cancel(); }
    bool at_rest() const { return asleep_ && !rung_ && until_ > clock_.now(); }
    Time until() const { return until_; }

private:
    asio::steady_timer timer_;
    VirtualClock& clock_;
    Time until_ = Time::max();
    bool asleep_ = false, rung_ = false;
};

VirtualClock::VirtualClock(const asio::any_io_executor& executor, Time start)
    : now_(start), settled_(executor, asio::steady_timer::time_point::max()) {}

std::unique_ptr<notify::Alarm> VirtualClock::alarm(asio::any_io_executor executor) {
    return std::make_unique<Bed>(executor, *this);
}

void VirtualClock::end_work() {
    --working_;
    changed();
}

bool VirtualClock::settled() const {
    return working_ == 0 && std::ranges::all_of(beds_, [](const Bed* bed) { return bed->at_rest(); });
}

std::optional<Time> VirtualClock::next_due() const {
    std::optional<Time> next;
    for (const auto* bed : beds_)
        if (bed->until() != Time::max() && (!next || bed->until() < *next)) next = bed->until();
    return next;
}

asio::awaitable<std::optional<Time>> VirtualClock::advance(Time to) {
    now_ = std::max(now_, to);
    for (auto* bed : beds_)
        bed->look_at_the_clock();
    while (!settled())
        co_await settled_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return next_due();
}

}  // namespace gateway
