// Drives the telecom by the real clock: sends each report and reply when it is due. Used by telecom_sim and
// by tests that talk to a daemon. One thread, that of the io_context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/desk.hpp"

namespace sim {

TimePoint real_now();

class RealTime {
public:
    RealTime(boost::asio::io_context& context, Telecom& telecom, Desk& desk);

    // Sets the telecom's clock and answers; the handler of the HTTP server.
    HttpAnswer serve(const HttpRequest& request);
    void stop();

private:
    boost::asio::awaitable<void> pump();
    boost::asio::awaitable<void> send(Due due);

    boost::asio::io_context& context_;
    Telecom& telecom_;
    Desk& desk_;
    HttpClient client_;
    boost::asio::steady_timer timer_;
    bool stopped_ = false;
};

}  // namespace sim
