#include "gateway/report_worker.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds when_there_is_much_to_do{200};
constexpr std::chrono::seconds store_pause{1};
constexpr std::chrono::hours until_woken{24};
constexpr std::int64_t forgotten_at_once = 5'000;
constexpr std::int64_t many = 1'000'000;  // 40 MB of the file; then others have to wait, too

}  // namespace

asio::awaitable<void> ReportWorker::run() {
    while (!stopping_) {
        bool failed = false;
        try {
            co_await apply_all();
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("deferred_reports", error.what());
            failed = true;
        }
        if (!failed && ports_.store->deferred_reports() > 0) continue;  // they came meanwhile
        if (!failed) working_.reset();
        asleep_ = !failed;
        co_await sleep(failed ? store_pause : until_woken);
        asleep_ = false;
    }
}

// Also what an earlier process left.
asio::awaitable<void> ReportWorker::apply_all() {
    while (!stopping_) {
        const auto run = co_await ports_.store->deferred_run();
        if (run->reports.empty()) co_return;
        co_await apply(run);
        if (!stopping_) co_await forget(*run);
    }
}

asio::awaitable<void> ReportWorker::apply(std::shared_ptr<const storage::DeferredRun> run) {
    for (std::size_t from = 0; from < run->reports.size() && !stopping_;
         from += storage::SqliteStore::applied_at_once)
        if (co_await ports_.store->apply_deferred(run, from) && ports_.store->deferred_reports() < many)
            co_await sleep(when_there_is_much_to_do);
}

asio::awaitable<void> ReportWorker::forget(const storage::DeferredRun& run) {
    for (auto last = run.first_id - 1; last < run.last_id;) {
        last = std::min(last + forgotten_at_once, run.last_id);
        co_await ports_.store->forget_deferred(last);
    }
}

asio::awaitable<void> ReportWorker::sleep(std::chrono::steady_clock::duration time) {
    if (stopping_) co_return;
    timer_.expires_after(time);
    boost::system::error_code ended_early;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended_early));
}

void ReportWorker::wake() {
    if (!working_) working_.emplace(*ports_.clock);
    if (asleep_) timer_.cancel();
}

void ReportWorker::stop() {
    stopping_ = true;
    timer_.cancel();
}

}  // namespace gateway
