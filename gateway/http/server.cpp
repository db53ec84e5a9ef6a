#include "gateway/http/server.hpp"

#include "gateway/http/problem.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

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
constexpr std::size_t largest_header = 16 * 1024;
constexpr std::size_t read_ahead = 64 * 1024;
constexpr std::chrono::seconds linger{5};  // for a refused body, so that its sender reads why

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

}  // namespace

class Server::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::any_io_executor executor, const config::Server& settings, Handler handler)
        : executor_(std::move(executor)),
          settings_(settings),
          handler_(std::move(handler)),
          acceptor_(executor_),
          room_(executor_) {
        const tcp::endpoint endpoint(asio::ip::make_address(settings.address), settings.port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(1024);
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    int connections() const { return connections_; }

    asio::awaitable<void> accept() {
        const auto self = shared_from_this();
        while (!stopping_) {
            if (connections_ >= settings_.most_connections) {
                room_.expires_after(std::chrono::seconds(1));
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
            ++connections_;
            asio::co_spawn(executor_, serve(std::move(socket)), asio::detached);
        }
    }

    void stop() {
        stopping_ = true;
        acceptor_.close();
        room_.cancel();
        for (auto* stream : idle_)
            stream->cancel();
    }

private:
    struct Leaving {
        Implementation& server;
        ~Leaving() {
            --server.connections_;
            server.room_.cancel();
        }
    };

    asio::awaitable<void> serve(tcp::socket socket) {
        const auto self = shared_from_this();
        const Leaving leaving{*this};
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        beast::tcp_stream stream(std::move(socket));
        beast::flat_buffer buffer(settings_.body_limit + read_ahead);
        try {
            while (!stopping_ && co_await one_request(stream, buffer)) {
            }
        } catch (const std::exception&) {
            // A connection that broke while we wrote: the client will ask again.
        }
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    // False when the connection is to be closed.
    asio::awaitable<bool> one_request(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
        if (buffer.size() == 0 && !co_await await_first_byte(stream, buffer)) co_return false;
        bhttp::request_parser<bhttp::string_body> parser;
        parser.body_limit(settings_.body_limit);
        parser.header_limit(largest_header);
        stream.expires_after(settings_.read_timeout);
        const auto [error, size] = co_await bhttp::async_read(stream, buffer, parser, awaiting);
        if (error == bhttp::error::end_of_stream || error == beast::error::timeout) co_return false;
        if (error && error.category() != bhttp::make_error_code(bhttp::error::bad_method).category())
            co_return false;
        if (error) {
            co_await write(stream, refusal(error), 11, false);
            co_await drain(stream, buffer);
            co_return false;
        }
        auto message = parser.release();
        const bool keep = message.keep_alive() && !stopping_;
        const auto version = message.version();
        const bool head = message.method() == bhttp::verb::head;
        auto request = request_from(message);
        if (!request) {
            co_await write(
                stream, problem({400, "malformed_target", "The request's target is not a path."}), version,
                false
            );
            co_return false;
        }
        if (head) request->method = "GET";
        stream.expires_never();
        auto response = co_await handler_(*std::move(request));
        co_await write(stream, std::move(response), version, keep, head);
        co_return keep;
    }

    asio::awaitable<bool> await_first_byte(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
        stream.expires_after(idle_timeout);
        idle_.insert(&stream);
        const auto [error, size] = co_await stream.async_read_some(buffer.prepare(4096), awaiting);
        idle_.erase(&stream);
        buffer.commit(size);
        co_return !error;
    }

    // Closing while the client still sends would reset the connection and take the answer from it.
    asio::awaitable<void> drain(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
        boost::system::error_code error;
        stream.socket().shutdown(tcp::socket::shutdown_send, error);
        stream.expires_after(linger);
        while (!error && !stopping_) {
            buffer.clear();
            std::tie(error, std::ignore) =
                co_await stream.async_read_some(buffer.prepare(read_ahead), awaiting);
        }
    }

    asio::awaitable<void> write(
        beast::tcp_stream& stream, Response response, unsigned version, bool keep, bool head = false
    ) {
        bhttp::response<bhttp::string_body> message(static_cast<bhttp::status>(response.status), version);
        message.set(bhttp::field::content_type, response.content_type);
        message.set("X-Content-Type-Options", "nosniff");
        for (const auto& [name, value] : response.headers)
            message.set(name, value);
        message.keep_alive(keep);
        message.body() = std::move(response.body);
        message.prepare_payload();
        if (head) message.body().clear();  // the length stays
        stream.expires_after(write_timeout);
        co_await bhttp::async_write(stream, message, asio::use_awaitable);
    }

    asio::any_io_executor executor_;
    config::Server settings_;
    Handler handler_;
    tcp::acceptor acceptor_;
    asio::steady_timer room_;
    std::set<beast::tcp_stream*> idle_;
    int connections_ = 0;
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
