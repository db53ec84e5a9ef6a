#include "gateway/storage/sqlite/writer.hpp"

#include "gateway/storage/sqlite/schema.hpp"

namespace gateway::storage {
namespace {

constexpr std::size_t longest_queue = 10'000;  // steps; beyond it the daemon answers 503
constexpr std::size_t largest_batch = 512;     // steps in one transaction, so that the first do not wait long

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
            wake_.notify_one();
            return;
        }
    }
    job->finish(std::make_exception_ptr(notify::StoreUnavailable("database: too many steps are waiting")));
}

void Writer::loop() {
    while (true) {
        Batch batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            while (!queue_.empty() && batch.size() < largest_batch) {
                batch.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        const auto error = commit(batch);
        for (auto& job : batch)
            job->finish(error ? error : job->failure);
    }
}

std::exception_ptr Writer::commit(Batch& batch) {
    try {
        connection_.run("BEGIN IMMEDIATE");
        for (auto& job : batch)
            run_in_savepoint(*job);
        connection_.run("COMMIT");
        return nullptr;
    } catch (...) {
        auto error = std::current_exception();
        try {
            connection_.run("ROLLBACK");
        } catch (const notify::StoreUnavailable&) {
            // Some failures (disk full) have rolled back already.
        }
        return error;
    }
}

// A step that fails is undone alone. When even that is impossible SQLite has ended the whole transaction, and
// commit() reports it for everyone.
void Writer::run_in_savepoint(Job& job) {
    connection_.run("SAVEPOINT step");
    try {
        job.work(connection_);
    } catch (...) {
        job.failure = std::current_exception();
        connection_.run("ROLLBACK TO step");
    }
    connection_.run("RELEASE step");
}

}  // namespace gateway::storage
