// The simulator's HTTP: a server whose handler answers at once, and a client with keep-alive connections.
// Both run on the thread of their io_context. This header keeps Beast out of the other files; it stands only
// in http_server.cpp and http_client.cpp. Loopback only, no TLS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method;
    std::string target;  // path and query
    Headers headers;
    std::string body;

    std::string_view path() const;
    std::string header(std::string_view name) const;                // empty if absent; names in any case
    std::map<std::string, std::string, std::less<>> query() const;  // decoded
};

struct HttpAnswer {
    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    Headers headers;
    std::chrono::milliseconds delay{0};
    bool drop = false;  // close the connection instead of answering
};

// What the simulator sends to the daemon.
struct HttpCall {
    std::string method;
    std::string url;
    Headers headers;
    std::string body;
};

struct HttpResult {
    unsigned status = 0;  // 0: no answer
    std::string body;
    std::string error;

    bool ok() const { return status >= 200 && status < 300; }
};

std::string percent_encoded(std::string_view text);

class HttpServer {
public:
    using Handler = std::function<HttpAnswer(const HttpRequest&)>;

    HttpServer(boost::asio::io_context& context, std::uint16_t port, Handler handler);
    ~HttpServer();

    std::uint16_t port() const;
    void stop();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

class HttpClient {
public:
    explicit HttpClient(boost::asio::io_context& context);
    ~HttpClient();

    // A connection that the peer closed while it was idle is replaced once; other faults are the result.
    boost::asio::awaitable<HttpResult> send(
        HttpCall call, std::chrono::seconds timeout = std::chrono::seconds{30}
    );
    void close();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sim
