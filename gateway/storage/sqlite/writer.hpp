// The one thread that writes to the database. Steps queue up; the thread takes all that wait, runs them in
// one transaction (group commit), each in a savepoint so that one failure hurts no neighbour, and only after
// the commit tells each caller its result. When the commit fails, nothing of the batch is kept and every
// caller hears so. Callers are coroutines on the I/O thread; the queue is bounded, a full one refuses.
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

private:
    struct Job {
        virtual ~Job() = default;
        virtual void work(Connection& connection) = 0;
        /// With the error when the step or the commit failed. Hands over to the caller's thread.
        virtual void finish(std::exception_ptr error) = 0;
        std::exception_ptr failure;
    };

    template <typename Step, typename Result, typename Handler, typename Executor>
    struct JobOf final : Job {
        JobOf(Step s, Handler h, Executor e)
            : step(std::move(s)), handler(std::move(h)), guard(boost::asio::make_work_guard(std::move(e))) {}
        void work(Connection& connection) override { result.emplace(step(connection)); }
        void finish(std::exception_ptr error) override {
            auto executor = guard.get_executor();
            boost::asio::post(
                executor, [h = std::move(handler), error = std::move(error), r = std::move(result),
                           g = std::move(guard)](
                          ) mutable { std::move(h)(std::move(error), r ? *std::move(r) : Result{}); }
            );
        }
        Step step;
        Handler handler;
        std::optional<Result> result;
        boost::asio::executor_work_guard<Executor> guard;
    };

    using Batch = std::deque<std::unique_ptr<Job>>;

    void submit(std::unique_ptr<Job> job);
    void loop();
    std::exception_ptr commit(Batch& batch);
    void run_in_savepoint(Job& job);

    Connection connection_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Batch queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gateway::storage
