// The one thread that writes to the database. Steps queue up; the thread takes all that wait, runs them in
// one transaction (group commit), and only after the commit tells each caller its result. When a step fails
// the batch is undone and run again with each step in a savepoint, so that one failure hurts no neighbour; so
// a step may run twice and must not consume what it was given. When the commit fails, nothing of the batch is
// kept and every caller hears so. Callers are coroutines on the one I/O thread, whose io_context outlives the
// writer; the queue is bounded, a full one refuses.
#pragma once

#include "gateway/storage/sqlite/connection.hpp"
#include "notify/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gateway::storage {

class Writer {
public:
    explicit Writer(const std::filesystem::path& file);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Runs `step(connection)` in a transaction; completes on the caller's executor once it is on disk.
    template <typename Step>
    auto run(Step step) -> boost::asio::awaitable<std::invoke_result_t<Step, Connection&>> {
        using Result = std::invoke_result_t<Step, Connection&>;
        return boost::asio::async_initiate<
            const boost::asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
            [this](auto handler, Step moved) {
                auto executor = boost::asio::get_associated_executor(handler);
                auto job = std::make_unique<JobOf<Step, Result, decltype(handler), decltype(executor)>>(
                    std::move(moved), std::move(handler), std::move(executor)
                );
                submit(std::move(job));
            },
            boost::asio::use_awaitable, std::move(step)
        );
    }

    /// How many share the present transaction; for a step, on the writer's thread.
    std::size_t steps_at_once() const { return steps_at_once_; }

private:
    struct Job {
        virtual ~Job() = default;
        virtual void work(Connection& connection) = 0;
        /// Resumes the caller, on his thread.
        virtual void complete() = 0;
        virtual boost::asio::any_io_executor executor() const = 0;
        std::exception_ptr failure;
    };

    template <typename Step, typename Result, typename Handler, typename Executor>
    struct JobOf final : Job {
        JobOf(Step s, Handler h, Executor e)
            : step(std::move(s)), handler(std::move(h)), guard(boost::asio::make_work_guard(std::move(e))) {}
        void work(Connection& connection) override { result.emplace(std::as_const(step)(connection)); }
        void complete() override {
            std::move(handler)(std::move(failure), result ? *std::move(result) : Result{});
        }
        boost::asio::any_io_executor executor() const override { return guard.get_executor(); }
        Step step;
        Handler handler;
        std::optional<Result> result;
        boost::asio::executor_work_guard<Executor> guard;
    };

    using Batch = std::vector<std::unique_ptr<Job>>;

    void submit(std::unique_ptr<Job> job);
    void loop();
    Batch next_batch();
    void commit(Batch& batch);
    bool all_at_once(Batch& batch);
    void each_in_a_savepoint(Batch& batch);
    void run_in_savepoint(Job& job);
    void roll_back();
    static void complete(Batch batch, std::size_t from = 0);

    Connection connection_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Job>> queue_;
    bool stopping_ = false;
    std::size_t steps_at_once_ = 0;
    std::thread thread_;
};

}  // namespace gateway::storage
