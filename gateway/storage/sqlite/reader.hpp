// Reads for pages and reports on a read-only connection and thread of their own, so that they never wait for
// the writer nor make it wait (WAL). After a long one it rests for a moment: the write-ahead log begins anew
// only when nobody reads in it. Callers are coroutines on the I/O thread.
#pragma once

#include "gateway/storage/sqlite/connection.hpp"
#include "notify/store.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <thread>

namespace gateway::storage {

class Reader {
public:
    explicit Reader(const std::filesystem::path& file) : connection_(file, Connection::Mode::read_only) {}
    ~Reader() { pool_.join(); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    template <typename Step>
    auto run(Step step) -> boost::asio::awaitable<std::invoke_result_t<Step, Connection&>> {
        using Result = std::invoke_result_t<Step, Connection&>;
        return boost::asio::async_initiate<
            const boost::asio::use_awaitable_t<>, void(std::exception_ptr, Result)>(
            [this](auto handler, Step moved) {
                auto guard = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
                auto task = [this, s = std::move(moved), h = std::move(handler),
                             g = std::move(guard)]() mutable {
                    std::exception_ptr error;
                    Result result{};
                    const auto began = std::chrono::steady_clock::now();
                    try {
                        result = s(connection_);
                    } catch (...) {
                        error = std::current_exception();
                    }
                    const bool slow = std::chrono::steady_clock::now() - began > slow_step;
                    // Moved, not copied: the exception ends on the caller's thread, whoever is faster.
                    auto executor = g.get_executor();
                    boost::asio::post(
                        executor, [h2 = std::move(h), e = std::move(error), r = std::move(result),
                                   g2 = std::move(g)]() mutable { std::move(h2)(std::move(e), std::move(r)); }
                    );
                    if (slow) std::this_thread::sleep_for(rest);
                };
                boost::asio::post(pool_, std::move(task));
            },
            boost::asio::use_awaitable, std::move(step)
        );
    }

private:
    static constexpr std::chrono::milliseconds slow_step{20}, rest{10};

    Connection connection_;
    boost::asio::thread_pool pool_{1};
};

}  // namespace gateway::storage
