#include "gateway/report_worker.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds between_looks{200};
constexpr std::int64_t forgotten_at_once = 5'000;
constexpr std::int64_t many = 1'000'000;  // 40 MB of the file; then others have to wait, too

}  // namespace

asio::awaitable<void> ReportWorker::run() {
    bool look = true;  // what an earlier process left is in no count
    while (!stopping_) {
        try {
            if (look || store_.deferred_reports() > 0) co_await apply_all();
            look = false;
        } catch (const std::exception& error) {
            look = true;
            monitor_.worker_failed("deferred_reports", error.what());
        }
        co_await pause();
    }
}

asio::awaitable<void> ReportWorker::apply_all() {
    while (!stopping_) {
        const auto run = co_await store_.deferred_run();
        if (run->reports.empty()) co_return;
        co_await apply(run);
        if (!stopping_) co_await forget(*run);
    }
}

asio::awaitable<void> ReportWorker::apply(std::shared_ptr<const storage::DeferredRun> run) {
    for (std::size_t from = 0; from < run->reports.size() && !stopping_;
         from += storage::SqliteStore::applied_at_once)
        if (co_await store_.apply_deferred(run, from) && store_.deferred_reports() < many) co_await pause();
}

asio::awaitable<void> ReportWorker::forget(const storage::DeferredRun& run) {
    for (auto last = run.first_id - 1; last < run.last_id;) {
        last = std::min(last + forgotten_at_once, run.last_id);
        co_await store_.forget_deferred(last);
    }
}

asio::awaitable<void> ReportWorker::pause() {
    if (stopping_) co_return;
    timer_.expires_after(between_looks);
    boost::system::error_code ended_early;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended_early));
}

void ReportWorker::stop() {
    stopping_ = true;
    timer_.cancel();
}

}  // namespace gateway
