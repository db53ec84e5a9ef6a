#include "gateway/report_worker.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace gateway {

namespace asio = boost::asio;
using storage::SqliteStore;
using Applied = SqliteStore::Applied;

namespace {

constexpr std::chrono::hours until_woken{24};
constexpr std::chrono::minutes longest_wait{1};
constexpr std::int64_t flood = 200;  // coming in a pause, 1,000 a second
constexpr std::size_t applied_at_once = 500;
constexpr std::int64_t forgotten_at_once = 5'000;
constexpr std::int64_t many = 1'000'000;  // about 40 MB of the file

}  // namespace

asio::awaitable<void> ReportWorker::run() {
    working_.emplace(*ports_.clock);  // an earlier process may have left some
    while (!stopping_) {
        bool failed = false, all = false;
        try {
            all = co_await apply_all();
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("deferred_reports", error.what());
            failed = true;
        }
        if (failed || !all) {
            co_await sleep(failed ? pauses_.failed : pauses_.kept);
            continue;
        }
        if (ports_.store->deferred_reports() > 0) continue;  // they came meanwhile
        working_.reset();
        asleep_ = true;
        co_await sleep(until_woken);
        asleep_ = false;
    }
    working_.reset();
}

// False where some could not be applied and are kept.
asio::awaitable<bool> ReportWorker::apply_all() {
    while (!stopping_) {
        since_ = std::chrono::steady_clock::now();
        if (co_await drained()) co_return true;
        const auto run = co_await ports_.store->deferred_run();
        auto again = co_await apply(run);
        if (stopping_) break;
        const bool some_kept = !again.empty();
        co_await forget(*run, std::move(again));
        if (some_kept) co_return false;
    }
    co_return true;
}

bool ReportWorker::must_not_wait() const {
    return std::chrono::steady_clock::now() - since_ > longest_wait ||
           ports_.store->deferred_reports() > many;
}

// True when none is left; false when they are to be applied as a run: they are many, or one of them is
// refused.
asio::awaitable<bool> ReportWorker::drained() {
    while (!stopping_ && !must_not_wait()) {
        if (co_await flooded()) continue;
        auto drained = Applied::some;
        try {
            drained = co_await ports_.store->drain_deferred();
        } catch (const notify::StoreUnavailable&) {
            co_return false;  // the run finds out which
        }
        if (drained != Applied::busy) co_return drained == Applied::all;
        co_await sleep(pauses_.busy);
    }
    co_return stopping_;
}

// While many come, the writer may have little to do at the moment that it is asked, since to append is
// little.
asio::awaitable<bool> ReportWorker::flooded() {
    const auto waiting = ports_.store->deferred_reports();
    if (waiting <= flood) co_return false;
    co_await sleep(pauses_.busy);
    co_return ports_.store->deferred_reports() - waiting > flood;
}

// The ids of those that could not be applied. A step that is refused is tried again in halves, since one
// report may be the cause.
asio::awaitable<ReportWorker::Ids> ReportWorker::apply(Run run) {
    Ids again;
    auto count = applied_at_once;
    for (std::size_t from = 0; from < run->reports.size() && !stopping_;) {
        const auto applied = co_await apply_some(run, {from, count, must_not_wait()});
        if (applied == Applied::busy) {
            co_await sleep(pauses_.busy);
        } else if (applied) {
            from += count;
            count = std::min(count * 2, applied_at_once);
        } else {
            if (count == 1) again.push_back(run->reports[from++].id);
            count = std::max<std::size_t>(count / 2, 1);
            co_await sleep(pauses_.failed);
        }
    }
    co_return again;
}

// Nothing where the store refused.
asio::awaitable<std::optional<Applied>> ReportWorker::apply_some(Run run, SqliteStore::Part part) {
    try {
        co_return co_await ports_.store->apply_deferred(std::move(run), part);
    } catch (const std::exception& error) {
        ports_.monitor->worker_failed("deferred_reports", error.what());
    }
    co_return std::nullopt;
}

asio::awaitable<void> ReportWorker::forget(const storage::DeferredRun& run, Ids again) {
    for (auto last = run.first_id - 1; last < run.last_id;) {
        last = std::min(last + forgotten_at_once, run.last_id);
        Ids of_these;
        std::ranges::copy_if(again, std::back_inserter(of_these), [&](auto id) {
            return id <= last && id > last - forgotten_at_once;
        });
        co_await ports_.store->forget_deferred(last, std::move(of_these));
    }
}

asio::awaitable<void> ReportWorker::sleep(std::chrono::milliseconds time) {
    if (stopping_) co_return;
    timer_.expires_after(time);
    boost::system::error_code ended_early;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended_early));
}

void ReportWorker::wake() {
    if (stopping_) return;
    if (!working_) working_.emplace(*ports_.clock);
    if (asleep_) timer_.cancel();
}

void ReportWorker::stop() {
    stopping_ = true;
    timer_.cancel();
}

}  // namespace gateway
