// Finds the endpoint of a request by method and path ("/v1/messages/{id}/replay") and answers 404 or 405
// otherwise. Filled once at start; used on the I/O thread.
#pragma once

#include "gateway/http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace gateway::http {

using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

class Router {
public:
    void add(std::string method, std::string pattern, Handler handler);
    boost::asio::awaitable<Response> route(Request request) const;
    /// "GET /v1/messages/{id}" of the route that takes this request; "none" when there is none.
    std::string name_of(const Request& request) const;

private:
    struct Route {
        std::string method, pattern;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Route> routes_;
};

}  // namespace gateway::http
