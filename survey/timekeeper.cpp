#include "survey/timekeeper.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace survey {

namespace asio = boost::asio;

namespace {

constexpr int batch = 200;
constexpr std::chrono::seconds store_pause{1};

}  // namespace

Timekeeper::Timekeeper(asio::any_io_executor executor, Ports ports)
    : executor_(std::move(executor)), ports_(std::move(ports)), alarm_(ports_.clock->alarm(executor_)) {}

asio::awaitable<void> Timekeeper::run() {
    while (!stopping_) {
        bool failed = false;
        std::optional<Time> next;
        try {
            const auto run = co_await ports_.store->run_timers(ports_.clock->now(), batch);
            if (run.outbox_due) ports_.outbox_due(*run.outbox_due);
            next = run.next_due;
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("timekeeper", error.what());
            failed = true;
        }
        if (failed) {
            asio::steady_timer pause(executor_, store_pause);
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        sleeping_until_ = next.value_or(Time::max());
        co_await alarm_->wait(next);
        sleeping_until_ = Time{};
    }
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
