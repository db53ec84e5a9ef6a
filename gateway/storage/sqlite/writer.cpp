#include "gateway/storage/sqlite/writer.hpp"

#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/schema.hpp"

#include <algorithm>
#include <chrono>

namespace gateway::storage {
namespace {

constexpr std::size_t longest_queue = 10'000;  // steps; beyond it the daemon answers 503
// Steps in one transaction: callers go on with these while the next ones run.
constexpr std::size_t largest_batch = 96;
constexpr std::size_t completed_at_once = 4;
// On a slow disk the next transaction would begin as soon as this one is synced, and a command that waits for
// the lock (it looks every millisecond, connection.cpp) would never get it.
constexpr std::chrono::milliseconds slow_commit{20}, courtesy{2};

}  // namespace

Writer::Writer(const std::filesystem::path& file) : connection_(file, Connection::Mode::read_write) {
    migrate(connection_);
    thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Writer::submit(std::unique_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() < longest_queue && !stopping_) {
            queue_.push_back(std::move(job));
            if (queue_.size() == 1) wake_.notify_one();
            return;
        }
    }
    job->failure = std::make_exception_ptr(notify::StoreUnavailable("database: too many steps are waiting"));
    Batch refused;
    refused.push_back(std::move(job));
    complete(std::move(refused));
}

void Writer::loop() {
    while (true) {
        auto batch = next_batch();
        if (batch.empty()) return;
        const auto began = std::chrono::steady_clock::now();
        commit(batch);
        const bool slow = std::chrono::steady_clock::now() - began > slow_commit;
        complete(std::move(batch));
        if (slow) std::this_thread::sleep_for(courtesy);
    }
}

// Empty when the writer stops.
Writer::Batch Writer::next_batch() {
    Batch batch;
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    while (!queue_.empty() && batch.size() < largest_batch) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

// In small parts, between which the callers' thread takes new requests: else the writer has nothing to do
// while all of these are answered.
void Writer::complete(Batch batch, std::size_t from) {
    const auto executor = batch[from]->executor();
    boost::asio::post(executor, [batch = std::move(batch), from]() mutable {
        const auto end = std::min(from + completed_at_once, batch.size());
        for (auto i = from; i < end; ++i)
            batch[i]->complete();
        if (end < batch.size()) complete(std::move(batch), end);
    });
}

void Writer::commit(Batch& batch) {
    steps_at_once_ = batch.size();
    try {
        if (!all_at_once(batch)) each_in_a_savepoint(batch);
    } catch (...) {
        roll_back();
        for (auto& job : batch)
            job->failure = std::current_exception();
    }
}

// False when a step failed and all were undone.
bool Writer::all_at_once(Batch& batch) {
    connection_.run("BEGIN IMMEDIATE");
    try {
        for (auto& job : batch)
            job->work(connection_);
        write_pending(connection_);
    } catch (...) {
        roll_back();
        return false;
    }
    connection_.run("COMMIT");
    return true;
}

void Writer::each_in_a_savepoint(Batch& batch) {
    connection_.run("BEGIN IMMEDIATE");
    for (auto& job : batch)
        run_in_savepoint(*job);
    connection_.run("COMMIT");
}

// A step that fails is undone alone. When even that is impossible SQLite has ended the whole transaction, and
// commit() reports it for everyone.
void Writer::run_in_savepoint(Job& job) {
    connection_.run("SAVEPOINT step");
    try {
        job.work(connection_);
        write_pending(connection_);
    } catch (...) {
        job.failure = std::current_exception();
        connection_.pending() = {};
        connection_.run("ROLLBACK TO step");
    }
    connection_.run("RELEASE step");
}

void Writer::roll_back() {
    connection_.pending() = {};
    try {
        connection_.run("ROLLBACK");
    } catch (const notify::StoreUnavailable&) {
        // Some failures (disk full) have rolled back already.
    }
}

}  // namespace gateway::storage
