// fault_proxy: a bad line between the daemon and telecom_sim, on loopback. It understands just enough HTTP to
// know where a request and an answer end, and then does to it what lines and load balancers do. The rates of
// the faults are changed by POST /proxy/rates {"cut": 0.5}; GET shows how often each was done.
#include <fmt/format.h>

#include <array>
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <map>

#include "tests/sim/lot.hpp"
#include "tests/sim/options.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto token = asio::as_tuple(asio::use_awaitable);

// What was done with the request stands first: the telecom never sees one, sees a part, or has taken it.
constexpr std::array<std::string_view, 14> faults{
    "reset_at_once", "reset_in_request",
    "error_500",     "busy_503",
    "throttle_429",  "reset_after_request",
    "cut",           "late",
    "drip",          "taken_500",
    "wrong_json",    "wrong_type",
    "huge",          "endless",
};

std::string answer(int status, std::string_view type, std::string_view body) {
    return fmt::format(
        "HTTP/1.1 {} Fault\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status, type, body.size(),
        body
    );
}

std::size_t length_of(const std::string& header) {
    std::string lower = header;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto found = lower.find(name);
    if (found == std::string::npos) return 0;
    auto from = found + name.size();
    while (lower[from] == ' ')
        ++from;
    std::size_t length = 0;
    std::from_chars(lower.data() + from, lower.data() + lower.size(), length);
    return length;
}

void reset(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

class Proxy {
public:
    Proxy(asio::io_context& context, std::uint16_t port, std::uint16_t upstream, std::uint64_t seed)
        : acceptor_(context, {asio::ip::make_address_v4("127.0.0.1"), port}),
          upstream_(upstream),
          lot_(seed) {
        asio::co_spawn(context, accept(), asio::detached);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::awaitable<void> accept() {
        while (true) {
            auto [error, socket] = co_await acceptor_.async_accept(token);
            if (error) co_return;
            asio::co_spawn(acceptor_.get_executor(), converse(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> converse(tcp::socket client) {
        std::string buffer;
        while (true) {
            auto header = co_await read_header(client, buffer);
            if (header.empty()) co_return;
            if (header.find(" /proxy/rates ") != std::string::npos) {
                co_await control(client, header, buffer);
                continue;
            }
            const auto fault = next_fault();
            ++done_[fault];
            if (!co_await exchange(client, header, buffer, fault)) co_return;
        }
    }

    /// Up to the empty line; empty when the connection ended. What follows stays in the buffer.
    static asio::awaitable<std::string> read_header(tcp::socket& socket, std::string& buffer) {
        auto [error, size] =
            co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", token);
        if (error) co_return std::string();
        auto header = buffer.substr(0, size);
        buffer.erase(0, size);
        co_return header;
    }
    static asio::awaitable<std::string> read_body(
        tcp::socket& socket, std::string& buffer, std::size_t length
    ) {
        if (buffer.size() < length)
            co_await asio::async_read(
                socket, asio::dynamic_buffer(buffer), asio::transfer_exactly(length - buffer.size()), token
            );
        auto body = buffer.substr(0, length);
        buffer.erase(0, length);
        co_return body;
    }

    std::string next_fault() {
        auto share = lot_.share({"fault", std::to_string(exchanges_++)});
        for (const auto& [name, rate] : rates_) {
            if (share < rate) return name;
            share -= rate;
        }
        return "none";
    }

    // False when the connection is gone.
    asio::awaitable<bool> exchange(
        tcp::socket& client, const std::string& header, std::string& buffer, const std::string& fault
    ) {
        if (fault == "reset_at_once" || fault == "reset_in_request") {
            if (fault == "reset_in_request") co_await read_body(client, buffer, length_of(header) / 2);
            reset(client);
            co_return false;
        }
        const auto request = header + co_await read_body(client, buffer, length_of(header));
        if (fault == "error_500") co_return co_await send(client, answer(500, "text/html", "<h1>500</h1>"));
        if (fault == "busy_503") co_return co_await send(client, answer(503, "text/html", "<h1>503</h1>"));
        if (fault == "throttle_429") co_return co_await send(client, answer(429, "text/plain", "slower"));
        const auto good = co_await ask_upstream(request);
        if (good.empty() || fault == "reset_after_request") {
            reset(client);
            co_return false;
        }
        co_return co_await spoil(client, good, fault);
    }

    // The telecom has taken the request: only its answer suffers.
    asio::awaitable<bool> spoil(tcp::socket& client, const std::string& good, const std::string& fault) {
        if (fault == "taken_500") co_return co_await send(client, answer(500, "text/html", "<h1>500</h1>"));
        if (fault == "wrong_json")
            co_return co_await send(client, answer(200, "application/json", "{\"Code"));
        if (fault == "wrong_type") co_return co_await send(client, answer(200, "text/html", "<p>Login</p>"));
        if (fault == "huge")
            co_return co_await send(client, answer(200, "application/json", std::string(1 << 20, ' ')));
        if (fault == "cut") {
            co_await send(client, good.substr(0, good.size() - 10));
            co_return false;
        }
        if (fault == "late") {
            char byte = 0;
            co_await client.async_read_some(asio::buffer(&byte, 1), token);  // until the client gives up
            co_return false;
        }
        if (fault == "endless") {
            bool open = co_await send(client, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (open)
                open = co_await send(client, "1000\r\n" + std::string(0x1000, ' ') + "\r\n");
            co_return false;
        }
        if (fault == "drip") {
            asio::steady_timer timer(client.get_executor());
            bool open = true;
            for (std::size_t i = 0; open && i < good.size(); ++i) {
                open = co_await send(client, good.substr(i, 1));
                timer.expires_after(std::chrono::milliseconds(200));
                co_await timer.async_wait(token);
            }
            co_return open;
        }
        co_return co_await send(client, good);
    }

    /// The whole answer; empty when there is none.
    asio::awaitable<std::string> ask_upstream(const std::string& request) {
        tcp::socket telecom(acceptor_.get_executor());
        auto [error] =
            co_await telecom.async_connect({asio::ip::make_address_v4("127.0.0.1"), upstream_}, token);
        if (error || !co_await send(telecom, request)) co_return std::string();
        std::string buffer;
        const auto header = co_await read_header(telecom, buffer);
        if (header.empty()) co_return std::string();
        co_return header + co_await read_body(telecom, buffer, length_of(header));
    }

    static asio::awaitable<bool> send(tcp::socket& socket, const std::string& bytes) {
        auto [error, size] = co_await asio::async_write(socket, asio::buffer(bytes), token);
        co_return !error;
    }

    asio::awaitable<void> control(tcp::socket& client, const std::string& header, std::string& buffer) {
        const auto body = co_await read_body(client, buffer, length_of(header));
        boost::system::error_code error;
        const auto value = boost::json::parse(body.empty() ? "{}" : body, error);
        bool good = !error && value.is_object();
        std::map<std::string, double, std::less<>> rates;
        if (good)
            for (const auto& [name, rate] : value.get_object()) {
                good = good && std::ranges::find(faults, std::string_view(name)) != faults.end();
                rates[std::string(name)] = rate.to_number<double>(error);
            }
        if (good && !error && header.starts_with("POST")) rates_ = rates;
        boost::json::object done;
        for (const auto& [name, count] : done_)
            done[name] = count;
        co_await send(
            client, answer(good && !error ? 200 : 400, "application/json", boost::json::serialize(done))
        );
    }

    tcp::acceptor acceptor_;
    std::uint16_t upstream_;
    sim::Lot lot_;
    std::map<std::string, double, std::less<>> rates_;
    std::map<std::string, int, std::less<>> done_;
    std::uint64_t exchanges_ = 0;
};

int run(const sim::Options& options) {
    asio::io_context context(1);
    Proxy proxy(
        context, static_cast<std::uint16_t>(options.whole("port", 0)),
        static_cast<std::uint16_t>(options.whole("to", 0)), options.whole("seed", 1)
    );
    fmt::print("listening on 127.0.0.1:{}\n", proxy.port());
    std::fflush(stdout);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
    context.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(sim::Options(
            argc, argv, "fault_proxy: a bad line to a telecom, for tests.\nUsage: fault_proxy --to PORT",
            {{"port", "PORT", "where to listen on 127.0.0.1 (default 0: any)"},
             {"to", "PORT", "where the telecom listens on 127.0.0.1"},
             {"seed", "N", "draws which exchange gets which fault (default 1)"}}
        ));
    } catch (const std::exception& error) {
        fmt::print(stderr, "fault_proxy: {}\n", error.what());
        return 1;
    }
}
