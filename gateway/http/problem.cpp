#include "gateway/http/problem.hpp"

#include <boost/json.hpp>

namespace gateway::http {

Response problem(const Problem& problem) {
    boost::json::object body{
        {"type", "about:blank"},
        {"status", problem.status},
        {"code", problem.code},
        {"detail", problem.detail}
    };
    boost::json::array errors;
    for (const auto& error : problem.errors)
        errors.push_back({{"pointer", error.pointer}, {"code", error.code}, {"message", error.message}});
    body["errors"] = std::move(errors);
    Response response{
        .status = problem.status,
        .body = boost::json::serialize(body),
        .content_type = "application/problem+json"
    };
    if (problem.status == 503) response.headers.emplace_back("Retry-After", "2");
    if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace gateway::http
