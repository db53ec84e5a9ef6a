#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url.hpp>
#include <unordered_map>

#include "tests/sim/http.hpp"

namespace sim {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);

struct Connection {
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    bool used = false;

    explicit Connection(asio::io_context& context) : stream(context) {}
};

using Request = http::request<http::string_body>;

Request request_of(HttpCall& call, const boost::urls::url_view& url) {
    std::string target(url.encoded_path());
    if (target.empty()) target = "/";
    if (url.has_query()) target += "?" + std::string(url.encoded_query());
    Request request{http::string_to_verb(call.method), target, 11};
    request.set(http::field::host, std::string(url.encoded_host_and_port()));
    request.set(http::field::user_agent, "telecom_sim");
    for (const auto& [name, value] : call.headers)
        request.set(name, value);
    request.body() = std::move(call.body);
    if (!request.body().empty() || call.method != "GET") request.prepare_payload();
    return request;
}

}  // namespace

struct HttpClient::Impl {
    asio::io_context& context;
    std::unordered_map<std::string, std::vector<std::unique_ptr<Connection>>> idle{};
    bool closed = false;

    std::unique_ptr<Connection> take(const std::string& host) {
        auto& free = idle[host];
        if (free.empty()) return std::make_unique<Connection>(context);
        auto connection = std::move(free.back());
        free.pop_back();
        return connection;
    }

    asio::awaitable<HttpResult> exchange(Connection& connection, Request& request) {
        HttpResult result;
        auto [write_error, written] = co_await http::async_write(connection.stream, request, token);
        if (write_error) {
            result.error = write_error.message();
            co_return result;
        }
        http::response_parser<http::string_body> parser;
        parser.body_limit(std::uint64_t{64} << 20);
        auto [read_error, read_bytes] =
            co_await http::async_read(connection.stream, connection.buffer, parser, token);
        if (read_error) {
            result.error = read_error.message();
            co_return result;
        }
        result.status = parser.get().result_int();
        result.body = std::move(parser.get().body());
        connection.used = parser.get().keep_alive();
        co_return result;
    }
};

HttpClient::HttpClient(asio::io_context& context) : impl_(std::make_unique<Impl>(context)) {}

HttpClient::~HttpClient() = default;

void HttpClient::close() {
    impl_->closed = true;
    impl_->idle.clear();
}

asio::awaitable<HttpResult> HttpClient::send(HttpCall call, std::chrono::seconds timeout) {
    HttpResult result;
    const auto url = boost::urls::parse_uri(call.url);
    if (!url || url->scheme() != "http") {
        result.error = "not an http URL: " + call.url;
        co_return result;
    }
    auto request = request_of(call, *url);
    const std::string host(url->encoded_host_and_port());
    const auto port = url->has_port() ? url->port_number() : std::uint16_t{80};
    boost::system::error_code bad_address;
    const auto address = url->host() == "localhost" ? asio::ip::make_address("127.0.0.1")
                                                    : asio::ip::make_address(url->host(), bad_address);
    if (bad_address) {
        result.error = "not an address: " + url->host();
        co_return result;
    }
    for (bool again = true; again;) {
        auto connection = impl_->take(host);
        const bool reused = connection->used;
        connection->stream.expires_after(timeout);
        if (!reused) {
            auto [error] = co_await connection->stream.async_connect(tcp::endpoint(address, port), token);
            if (error) {
                result.error = error.message();
                co_return result;
            }
            boost::system::error_code ignored;
            connection->stream.socket().set_option(tcp::no_delay(true), ignored);
        }
        connection->used = false;
        result = co_await impl_->exchange(*connection, request);
        again = result.status == 0 && reused;
        connection->stream.expires_never();
        if (connection->used && !impl_->closed) impl_->idle[host].push_back(std::move(connection));
    }
    co_return result;
}

}  // namespace sim
