// An HTTP client on the I/O thread: libcurl's multi interface driven by Asio's sockets and timers, so that
// hundreds of requests are in flight without a thread. Connections are kept and reused. Answers larger than
// the limit are cut off as errors. The only user is a provider; curl's headers stay in the .cpp.
#pragma once

#include "config/civil_time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace notify::provider {

struct HttpRequest {
    std::string method = "POST";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string basic_user, basic_password;
    config::Duration timeout = std::chrono::seconds(30);
};

struct HttpAnswer {
    /// `not_sent`: the request cannot have reached the other side. `lost`: it may have, but no answer came.
    enum class Kind { answered, not_sent, lost } kind = Kind::not_sent;
    long status = 0;
    std::string body;
    std::string error;  // curl's words, without the URL
};

class HttpClient {
public:
    /// At most so many connections are kept open for the next request.
    HttpClient(boost::asio::any_io_executor executor, int kept_connections);
    ~HttpClient();
    boost::asio::awaitable<HttpAnswer> send(HttpRequest request);

private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace notify::provider
