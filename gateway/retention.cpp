#include "gateway/retention.hpp"

#include "gateway/telemetry/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway {

namespace asio = boost::asio;
using storage::RetentionStage;

namespace {

constexpr std::chrono::minutes after_the_start{10};
constexpr std::chrono::hours between_rounds{24};
constexpr std::chrono::days abandoned_after{730};
constexpr int pause_factor = 3;  // the writer is busy with it for a quarter of the time at most
constexpr std::chrono::seconds longest_pause{1};

}  // namespace

Retention::Retention(asio::any_io_executor executor, const config::Retention& limits, Ports ports)
    : executor_(std::move(executor)),
      limits_(limits),
      ports_(ports),
      alarm_(ports_.clock->alarm(executor_)) {}

asio::awaitable<void> Retention::run() {
    if (!limits_.messages && !limits_.personal_data) co_return;
    co_await alarm_->wait(ports_.clock->now() + after_the_start);
    while (!stopping_) {
        try {
            co_await round();
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("retention", error.what());
        }
        if (!stopping_) co_await alarm_->wait(ports_.clock->now() + between_rounds);
    }
}

asio::awaitable<void> Retention::round() {
    using Clock = std::chrono::steady_clock;
    const auto now = ports_.clock->now();
    storage::Retained retained;
    if (limits_.messages) retained.messages = now - *limits_.messages;
    if (limits_.personal_data) {
        retained.personal_data = now - *limits_.personal_data;
        retained.abandoned = now - std::max<config::Duration>(*limits_.personal_data, abandoned_after);
    }
    storage::RetentionPlace place;
    asio::steady_timer pause(executor_);
    while (!stopping_ && place.stage != RetentionStage::done) {
        const auto began = Clock::now();
        place = co_await ports_.store->forget_some(retained, std::move(place));
        pause.expires_after(std::min<Clock::duration>((Clock::now() - began) * pause_factor, longest_pause));
        co_await pause.async_wait(asio::use_awaitable);
    }
    if (place.removed > 0)
        telemetry::log(
            telemetry::Level::info, "retention", {{"records_removed", std::to_string(place.removed)}}
        );
}

void Retention::stop() {
    stopping_ = true;
    alarm_->ring();
}

}  // namespace gateway
