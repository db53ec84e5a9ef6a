// An HTTP request and response as plain values, so that the endpoints know nothing of the server behind them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway::http {

struct Request {
    std::string method;
    std::string path;                                         // decoded, without the query
    std::string query;                                        // as it stood after "?"
    std::map<std::string, std::string, std::less<>> headers;  // names in lower case
    std::string body;
    std::map<std::string, std::string, std::less<>> parameters;  // {names} of the route

    std::string_view header(std::string_view name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string_view() : std::string_view(found->second);
    }
    const std::string& parameter(std::string_view name) const { return parameters.find(name)->second; }
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers = {};
};

/// One field of a query, decoded; empty when it is not there.
std::string query_field(std::string_view query, std::string_view name);

}  // namespace gateway::http
