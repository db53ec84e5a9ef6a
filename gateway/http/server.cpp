#include "gateway/http/server.hpp"

#include "gateway/http/problem.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <tuple>

namespace gateway::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds idle_timeout{75};  // between two requests of one connection
constexpr std::chrono::seconds write_timeout{30};
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t largest_header = 16 * 1024;
constexpr std::size_t read_ahead = 64 * 1024;
constexpr std::size_t first_read = 4096;
constexpr std::size_t bodies_at_once = 4;             // of the largest size, in memory
constexpr std::chrono::milliseconds room_pause{100};  // of the acceptor while all places are taken
constexpr std::chrono::seconds linger{5};             // for a refused body, so that its sender reads why
constexpr std::chrono::seconds patience_at_stop{2};
constexpr std::chrono::milliseconds sweep_interval{500};

std::string lower(std::string_view text) {
    std::string result(text);
    for (auto& c : result)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

std::optional<Request> request_from(bhttp::request<bhttp::string_body>& message) {
    const auto target =
        boost::urls::parse_origin_form(std::string_view(message.target().data(), message.target().size()));
    if (!target) return std::nullopt;
    Request request;
    request.method = message.method_string();
    // Decoded per segment, so that an escaped slash stays inside its segment.
    for (const auto segment : target->segments())
        request.path += '/' + segment;
    if (request.path.empty()) request.path = "/";
    request.query = target->encoded_query();
    for (const auto& field : message)
        request.headers.insert_or_assign(lower(field.name_string()), std::string(field.value()));
    request.body = std::move(message.body());
    return request;
}

Response refusal(const boost::system::error_code& error) {
    if (error == bhttp::error::body_limit)
        return problem({413, "body_too_large", "The body is over the limit; send fewer events at a time."});
    if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow)
        return problem({431, "header_too_large", "The header is over 16 KiB."});
    return problem({400, "malformed_request", "This is not an HTTP/1.1 request."});
}

/// One client. The sweep cancels what it waits for when the deadline passes: a timer per operation would cost
/// more than the operation.
struct Connection {
    explicit Connection(tcp::socket accepted, std::size_t most_buffered)
        : socket(std::move(accepted)), buffer(most_buffered) {}
    void allow(std::chrono::steady_clock::duration time) {
        since = std::chrono::steady_clock::now();
        deadline = since + time;
    }
    void allow_any_time() { deadline = std::chrono::steady_clock::time_point::max(); }

    tcp::socket socket;
    beast::flat_buffer buffer;
    std::chrono::steady_clock::time_point since, deadline;
    bool idle = true;  // between two requests
    bool reading = false;
    std::size_t large_body = 0;  // bytes of it that count among all that are in memory
};

Response unknown_coding() {
    return problem({501, "unknown_transfer_encoding", "The body may be sent chunked or with its length."});
}

Response crowded() {
    return problem({503, "busy", "Too many large requests at once; send it again in a moment."});
}

std::string head_of(const Response& response, unsigned version, bool keep) {
    const auto reason = bhttp::obsolete_reason(static_cast<bhttp::status>(response.status));
    std::string head = fmt::format(
        "HTTP/1.{} {} {}\r\nContent-Type: {}\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {}\r\n",
        version % 10, response.status, std::string_view(reason.data(), reason.size()), response.content_type,
        response.body.size()
    );
    for (const auto& [name, value] : response.headers)
        head += fmt::format("{}: {}\r\n", name, value);
    if (!keep) head += "Connection: close\r\n";
    if (keep && version == 10) head += "Connection: keep-alive\r\n";
    return head += "\r\n";
}

}  // namespace

class Server::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::any_io_executor executor, const config::Server& settings, Handler handler)
        : executor_(std::move(executor)),
          settings_(settings),
          handler_(std::move(handler)),
          acceptor_(executor_),
          room_(executor_),
          next_sweep_(executor_) {
        const tcp::endpoint endpoint(asio::ip::make_address(settings.address), settings.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(1024);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int connections() const { return static_cast<int>(connections_.size()); }

    asio::awaitable<void> accept() {
        const auto self = shared_from_this();
        asio::co_spawn(executor_, sweep(), asio::detached);
        while (!stopping_) {
            if (connections() >= settings_.most_connections) {
                make_room();
                room_.expires_after(room_pause);
                co_await room_.async_wait(awaiting);
                continue;
            }
            auto [error, socket] = co_await acceptor_.async_accept(awaiting);
            if (stopping_) break;
            if (error) {  // out of descriptors, or the client is gone again
                room_.expires_after(std::chrono::milliseconds(50));
                co_await room_.async_wait(awaiting);
                continue;
            }
            asio::co_spawn(executor_, serve(std::move(socket)), asio::detached);
        }
    }

    void stop() {
        stopping_ = true;
        acceptor_.close();
        room_.cancel();
        next_sweep_.cancel();
        for (auto* connection : connections_)
            end_soon(*connection);
    }

private:
    struct Present {
        Present(Implementation& of, Connection& one) : server(of), connection(one) {
            server.connections_.insert(&connection);
        }
        Present(const Present&) = delete;
        Present& operator=(const Present&) = delete;
        ~Present() {
            server.large_bodies_ -= connection.large_body;
            server.connections_.erase(&connection);
            server.room_.cancel();
            if (server.stopping_) server.next_sweep_.cancel();
        }
        Implementation& server;
        Connection& connection;
    };

    // Silent clients must not keep others out: whoever has been idle for longest goes, else a request that
    // drips.
    void make_room() const {
        const auto now = std::chrono::steady_clock::now();
        Connection* longest = nullptr;
        for (auto* each : connections_) {
            const bool silent = each->idle ? now - each->since > room_pause
                                           : each->reading && now - each->since > patience_at_stop;
            if (!silent) continue;
            const auto rank = [](const Connection& one) { return std::pair(!one.idle, one.since); };
            if (!longest || rank(*each) < rank(*longest)) longest = each;
        }
        boost::system::error_code ignored;
        if (longest) longest->socket.cancel(ignored);
    }

    // A request that is half here when we stop gets a little time for the rest.
    void end_soon(Connection& connection) const {
        boost::system::error_code ignored;
        if (connection.idle)
            connection.socket.cancel(ignored);
        else if (connection.deadline != std::chrono::steady_clock::time_point::max())
            connection.deadline =
                std::min(connection.deadline, std::chrono::steady_clock::now() + patience_at_stop);
    }

    asio::awaitable<void> sweep() {
        const auto self = shared_from_this();
        while (!stopping_ || !connections_.empty()) {
            next_sweep_.expires_after(sweep_interval);
            co_await next_sweep_.async_wait(awaiting);
            const auto now = std::chrono::steady_clock::now();
            boost::system::error_code ignored;
            for (auto* connection : connections_)
                if (connection->deadline < now) connection->socket.cancel(ignored);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        const auto self = shared_from_this();
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        Connection connection(std::move(socket), settings_.body_limit + read_ahead);
        const Present present(*this, connection);
        try {
            while (!stopping_ && co_await one_request(connection)) {
            }
        } catch (const std::exception&) {
            // A connection that broke while we wrote: the client will ask again.
        }
        connection.socket.shutdown(tcp::socket::shutdown_send, ignored);
    }

    // False when the connection is to be closed.
    asio::awaitable<bool> one_request(Connection& connection) {
        if (connection.buffer.size() == 0 && !co_await await_first_bytes(connection)) co_return false;
        bhttp::request_parser<bhttp::string_body> parser;
        const auto error = co_await read(connection, parser);
        if (error == bhttp::error::end_of_stream) co_return false;
        if (error == asio::error::no_buffer_space) {
            co_await write(connection, crowded(), 11, false);
            co_await drain(connection);
            co_return false;
        }
        if (error && error.category() != bhttp::make_error_code(bhttp::error::bad_method).category())
            co_return false;
        if (error) {
            co_await write(connection, refusal(error), 11, false);
            co_await drain(connection);
            co_return false;
        }
        auto message = parser.release();
        const bool keep = message.keep_alive() && !stopping_;
        const auto version = message.version();
        const bool head = message.method() == bhttp::verb::head;
        // Beast takes it for a request without a body, and the body for the next request.
        if (message.count(bhttp::field::transfer_encoding) > 0 && !message.chunked()) {
            co_await write(connection, unknown_coding(), version, false);
            co_await drain(connection);
            co_return false;
        }
        auto request = request_from(message);
        if (!request) {
            co_await write(
                connection, problem({400, "malformed_target", "The request's target is not a path."}),
                version, false
            );
            co_return false;
        }
        if (head) request->method = "GET";
        connection.allow_any_time();
        const auto response = co_await handler_(*std::move(request));
        large_bodies_ -= std::exchange(connection.large_body, 0);
        co_await write(connection, response, version, keep, head);
        co_return keep;
    }

    asio::awaitable<bool> await_first_bytes(Connection& connection) {
        connection.allow(idle_timeout);
        connection.idle = true;
        const auto [error, size] =
            co_await connection.socket.async_read_some(connection.buffer.prepare(first_read), awaiting);
        connection.idle = false;
        connection.buffer.commit(size);
        co_return !error;
    }

    // Most requests are here as a whole with their first bytes.
    asio::awaitable<boost::system::error_code> read(
        Connection& connection, bhttp::request_parser<bhttp::string_body>& parser
    ) {
        parser.body_limit(settings_.body_limit);
        parser.header_limit(largest_header);
        parser.eager(true);
        boost::system::error_code error;
        connection.buffer.consume(parser.put(connection.buffer.data(), error));
        if (parser.is_done() || (error && error != bhttp::error::need_more)) co_return error;
        connection.allow(settings_.read_timeout);
        connection.reading = true;
        error = {};
        if (!parser.is_header_done())
            std::tie(error, std::ignore) =
                co_await bhttp::async_read_header(connection.socket, connection.buffer, parser, awaiting);
        if (!error && !parser.is_done()) error = co_await read_body(connection, parser);
        connection.reading = false;
        co_return error;
    }

    asio::awaitable<boost::system::error_code> read_body(
        Connection& connection, bhttp::request_parser<bhttp::string_body>& parser
    ) {
        if (!make_room_for_body(connection, parser)) co_return asio::error::no_buffer_space;
        boost::system::error_code error;
        if (beast::iequals(parser.get()[bhttp::field::expect], "100-continue"))
            std::tie(error, std::ignore) =
                co_await asio::async_write(connection.socket, asio::buffer(go_on), awaiting);
        while (!error && !parser.is_done()) {
            std::tie(error, std::ignore) =
                co_await bhttp::async_read_some(connection.socket, connection.buffer, parser, awaiting);
            if (!error && !make_room_for_body(connection, parser)) error = asio::error::no_buffer_space;
        }
        co_return error;
    }

    // False when too many large bodies are in memory already; small ones cost no more than their connection.
    // What has come counts, not what is told: who tells much and sends nothing is in nobody's way.
    bool make_room_for_body(Connection& connection, const bhttp::request_parser<bhttp::string_body>& parser) {
        const auto length = parser.get().body().size();
        if (length <= std::max(read_ahead, connection.large_body)) return true;
        const auto more = length - connection.large_body;
        if (large_bodies_ + more > bodies_at_once * settings_.body_limit) return false;
        connection.large_body = length;
        large_bodies_ += more;
        return true;
    }

    // Closing while the client still sends would reset the connection and take the answer from it.
    asio::awaitable<void> drain(Connection& connection) {
        boost::system::error_code error;
        connection.socket.shutdown(tcp::socket::shutdown_send, error);
        connection.allow(linger);
        while (!error && !stopping_) {
            connection.buffer.clear();
            std::tie(error, std::ignore) =
                co_await connection.socket.async_read_some(connection.buffer.prepare(read_ahead), awaiting);
        }
    }

    // The answer to HEAD has the length of the body, but no body.
    asio::awaitable<void> write(
        Connection& connection, const Response& response, unsigned version, bool keep, bool head = false
    ) {
        connection.allow(write_timeout);
        const auto start = head_of(response, version, keep);
        const std::array parts{
            asio::buffer(start), asio::buffer(response.body.data(), head ? 0 : response.body.size())
        };
        co_await asio::async_write(connection.socket, parts, asio::use_awaitable);
    }

    asio::any_io_executor executor_;
    config::Server settings_;
    Handler handler_;
    tcp::acceptor acceptor_;
    asio::steady_timer room_, next_sweep_;
    std::set<Connection*> connections_;
    std::size_t large_bodies_ = 0;  // bytes
    bool stopping_ = false;
};

Server::Server(asio::any_io_executor executor, const config::Server& settings, Handler handler)
    : implementation_(std::make_shared<Implementation>(std::move(executor), settings, std::move(handler))) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
    return implementation_->port();
}
boost::asio::awaitable<void> Server::run() {
    return implementation_->accept();
}
void Server::stop() {
    implementation_->stop();
}
int Server::connections() const {
    return implementation_->connections();
}

}  // namespace gateway::http
