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
constexpr std::size_t looked_after = 16;  // steps, some 50 ms
constexpr std::int64_t forgotten_at_once = 5'000;
constexpr std::int64_t many = 1'000'000;  // about 40 MB of the file

}  // namespace

asio::awaitable<void> ReportWorker::run() {
    working_.emplace(*ports_.clock);  // an earlier process may have left some
    while (!stopping_) {
        bool failed = false, all = false;
        woken_ = false;
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
        if (woken_ || ports_.store->deferred_reports() > 0) continue;  // they came meanwhile
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
        if (stopping_) break;
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
    co_return stopping_ || ports_.store->deferred_reports() - waiting > flood;
}

asio::awaitable<void> ReportWorker::ebb() {
    while (!stopping_ && !must_not_wait() && co_await flooded()) {
    }
}

// The ids of those that could not be applied. A step that is refused is tried again in halves, since one
// report may be the cause.
asio::awaitable<ReportWorker::Ids> ReportWorker::apply(Run run) {
    Ids again;
    auto count = applied_at_once;
    auto waiting = ports_.store->deferred_reports();
    for (std::size_t from = 0, steps = 1; from < run->reports.size() && !stopping_; ++steps) {
        if (steps % looked_after == 0) {
            if (ports_.store->deferred_reports() - waiting > flood) co_await ebb();
            waiting = ports_.store->deferred_reports();
        }
        const auto applied = co_await apply_some(run, {from, count, must_not_wait()});
        if (applied == Applied::busy) {
            co_await sleep(pauses_.busy);
        } else if (applied) {
            from += count;
            count = std::min(count * 2, applied_at_once);
        } else {
            if (count == 1) from = put_aside(*run, from, again);
            count = std::max<std::size_t>(count / 2, 1);
            co_await sleep(pauses_.failed);
        }
    }
    co_return again;
}

// With all later ones of its message, which must not overtake it; where the next message begins.
std::size_t ReportWorker::put_aside(const storage::DeferredRun& run, std::size_t from, Ids& again) {
    const auto message = run.reports[from].message;
    for (; from < run.reports.size() && run.reports[from].message == message; ++from)
        again.push_back(run.reports[from].id);
    return from;
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
    woken_ = true;
    if (!working_) working_.emplace(*ports_.clock);
    if (asleep_) timer_.cancel();
}

void ReportWorker::stop() {
    stopping_ = true;
    timer_.cancel();
}

}  // namespace gateway
