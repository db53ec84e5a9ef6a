#include "survey/timekeeper.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace survey {

namespace asio = boost::asio;

namespace {

constexpr int most_at_once = 200;
constexpr std::chrono::seconds store_pause{1};
constexpr std::chrono::minutes put_off_by{5};

}  // namespace

Timekeeper::Timekeeper(asio::any_io_executor executor, Ports ports)
    : executor_(std::move(executor)),
      ports_(std::move(ports)),
      alarm_(ports_.clock->alarm(executor_)),
      at_once_(most_at_once) {}

asio::awaitable<void> Timekeeper::run() {
    while (!stopping_) {
        const auto run = co_await run_some();
        if (!run) continue;
        if (run->outbox_due) ports_.outbox_due(*run->outbox_due);
        sleeping_until_ = run->next_due.value_or(Time::max());
        co_await alarm_->wait(run->next_due);
        sleeping_until_ = Time{};
    }
}

// Nothing where the store refused: then again in halves, since one timer may be the cause.
asio::awaitable<std::optional<TimersRun>> Timekeeper::run_some() {
    std::string cause;
    try {
        auto run = co_await ports_.store->run_timers(ports_.clock->now(), at_once_);
        at_once_ = std::min(at_once_ * 2, most_at_once);
        co_return run;
    } catch (const std::exception& error) {
        cause = error.what();
    }
    if (at_once_ == 1) co_await put_off_one(cause);
    at_once_ = std::max(at_once_ / 2, 1);
    co_return std::nullopt;
}

// A store that does not take even this has more than one bad timer.
asio::awaitable<void> Timekeeper::put_off_one(std::string_view cause) {
    ports_.monitor->worker_failed("timekeeper", cause);
    try {
        const auto now = ports_.clock->now();
        co_await ports_.store->put_off_timer(now, now + put_off_by);
        co_return;
    } catch (const std::exception&) {  // told already
    }
    asio::steady_timer pause(executor_, store_pause);
    co_await pause.async_wait(asio::use_awaitable);
}

// Also while a step runs (sleeping_until_ is 0 then): its answer may not know of this timer yet.
void Timekeeper::wake(Time due) {
    if (sleeping_until_ == Time{} || due < sleeping_until_) alarm_->ring();
}

void Timekeeper::stop() {
    stopping_ = true;
    alarm_->ring();
}

}  // namespace survey
