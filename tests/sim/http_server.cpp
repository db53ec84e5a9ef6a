#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>

#include "tests/sim/http.hpp"

namespace sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

HttpRequest plain(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = message.body();
    return request;
}

http::response<http::string_body> response_of(HttpAnswer answer, unsigned version, bool keep_alive) {
    http::response<http::string_body> response{http::int_to_status(answer.status), version};
    response.result(answer.status);
    response.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers)
        response.set(name, value);
    response.keep_alive(keep_alive);
    response.body() = std::move(answer.body);
    response.prepare_payload();
    return response;
}

}  // namespace

struct HttpServer::Impl {
    tcp::acceptor acceptor;
    Handler handler;
    std::list<tcp::socket*> open;
    bool stopped = false;

    Impl(asio::io_context& context, std::uint16_t port, Handler handle)
        : acceptor(context, {asio::ip::make_address_v4("127.0.0.1"), port}), handler(std::move(handle)) {}

    static asio::awaitable<void> accept_all(std::shared_ptr<Impl> self) {
        while (!self->stopped) {
            auto [error, socket] = co_await self->acceptor.async_accept(token);
            if (error) co_return;
            asio::co_spawn(self->acceptor.get_executor(), converse(self, std::move(socket)), asio::detached);
        }
    }

    static asio::awaitable<void> converse(std::shared_ptr<Impl> self, tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto place = self->open.insert(self->open.end(), &socket);
        beast::flat_buffer buffer;
        for (bool keep_alive = true; keep_alive && !self->stopped;) {
            http::request_parser<http::string_body> parser;
            parser.body_limit(std::uint64_t{64} << 20);
            auto [read_error, read_bytes] = co_await http::async_read(socket, buffer, parser, token);
            if (read_error) break;
            const auto request = plain(parser.get());
            auto answer = self->handler(request);
            if (answer.delay.count() > 0) {
                asio::steady_timer timer(socket.get_executor(), answer.delay);
                co_await timer.async_wait(token);
            }
            if (answer.drop) break;
            keep_alive = parser.get().keep_alive();
            auto response = response_of(std::move(answer), parser.get().version(), keep_alive);
            auto [write_error, written] = co_await http::async_write(socket, response, token);
            if (write_error) break;
        }
        self->open.erase(place);
        socket.close(ignored);
    }
};

HttpServer::HttpServer(asio::io_context& context, std::uint16_t port, Handler handler)
    : impl_(std::make_shared<Impl>(context, port, std::move(handler))) {
    asio::co_spawn(context, Impl::accept_all(impl_), asio::detached);
}

HttpServer::~HttpServer() {
    stop();
}

std::uint16_t HttpServer::port() const {
    return impl_->acceptor.local_endpoint().port();
}

void HttpServer::stop() {
    if (impl_->stopped) return;
    impl_->stopped = true;
    boost::system::error_code ignored;
    impl_->acceptor.close(ignored);
    for (auto* socket : impl_->open)
        socket->shutdown(tcp::socket::shutdown_both, ignored);
}

}  // namespace sim
