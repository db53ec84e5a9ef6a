#include "gateway/http/router.hpp"

#include "gateway/http/problem.hpp"

#include <boost/url/params_view.hpp>
#include <boost/url/parse_query.hpp>

#include <optional>

namespace gateway::http {
namespace {

using Segments = std::vector<std::string_view>;

Segments split(std::string_view path) {
    Segments segments;
    segments.reserve(8);
    for (std::size_t from = 1; from <= path.size();) {
        const auto slash = std::min(path.find('/', from), path.size());
        segments.push_back(path.substr(from, slash - from));
        from = slash + 1;
    }
    return segments;
}

using Parameters = std::map<std::string, std::string, std::less<>>;

std::optional<Parameters> match(const std::vector<std::string>& pattern, const Segments& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    Parameters parameters;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool variable = pattern[i].starts_with('{');
        if (!variable && pattern[i] != path[i]) return std::nullopt;
        if (variable && path[i].empty()) return std::nullopt;
        if (variable) parameters.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    }
    return parameters;
}

}  // namespace

std::string query_field(std::string_view query, std::string_view name) {
    const auto parsed = boost::urls::parse_query(query);
    if (!parsed) return "";
    for (const auto& param : boost::urls::params_view(*parsed))
        if (param.key == name) return std::string(param.value);
    return "";
}

void Router::add(std::string method, std::string pattern, Handler handler) {
    const auto parts = split(pattern);
    std::vector<std::string> segments(parts.begin(), parts.end());
    routes_.push_back({std::move(method), std::move(pattern), std::move(segments), std::move(handler)});
}

std::string Router::name_of(const Request& request) const {
    const auto path = split(request.path);
    for (const auto& route : routes_)
        if (route.method == request.method && match(route.segments, path))
            return route.method + ' ' + route.pattern;
    return "none";
}

boost::asio::awaitable<Response> Router::route(Request request) const {
    const auto path = split(request.path);
    std::string allowed;
    for (const auto& route : routes_) {
        auto parameters = match(route.segments, path);
        if (!parameters) continue;
        if (route.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + route.method;
            continue;
        }
        request.parameters = *std::move(parameters);
        return route.handler(std::move(request));
    }
    auto response =
        allowed.empty()
            ? problem({404, "not_found", "No such resource; GET /openapi.json lists what there is."})
            : problem({405, "method_not_allowed", "This resource takes " + allowed + "."});
    if (!allowed.empty()) response.headers.emplace_back("Allow", allowed);
    return [](Response answer) -> boost::asio::awaitable<Response> { co_return answer; }(std::move(response));
}

}  // namespace gateway::http
