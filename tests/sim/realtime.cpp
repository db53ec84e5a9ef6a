#include "tests/sim/realtime.hpp"

#include <boost/asio.hpp>

namespace sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr int tries = 5;  // as eSMS does where the client does not answer

}  // namespace

TimePoint real_now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

RealTime::RealTime(asio::io_context& context, Telecom& telecom, Desk& desk)
    : context_(context), telecom_(telecom), desk_(desk), client_(context), timer_(context) {
    telecom_.on_planned = [this] { timer_.cancel(); };
    asio::co_spawn(context_, pump(), asio::detached);
}

HttpAnswer RealTime::serve(const HttpRequest& request) {
    telecom_.set_now(real_now());
    return desk_.serve(request);
}

void RealTime::stop() {
    stopped_ = true;
    timer_.cancel();
    client_.close();
}

asio::awaitable<void> RealTime::pump() {
    while (!stopped_) {
        for (auto& due : telecom_.take_due(real_now()))
            asio::co_spawn(context_, send(std::move(due)), asio::detached);
        const auto next = telecom_.next_due();
        timer_.expires_after(next ? *next - real_now() : 1h);
        co_await timer_.async_wait(token);
    }
}

asio::awaitable<void> RealTime::send(Due due) {
    const auto call = desk_.call_for(due);
    if (!call) co_return;
    HttpResult result;
    for (int attempt = 0; attempt < tries && !stopped_; ++attempt) {
        result = co_await client_.send(*call);
        if (result.status != 0 && result.status < 500) break;
        asio::steady_timer pause(context_, 200ms * (attempt + 1));
        co_await pause.async_wait(token);
    }
    desk_.called(due, result);
}

}  // namespace sim
