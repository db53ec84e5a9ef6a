#include "gateway/api/api.hpp"
#include "gateway/http/problem.hpp"

namespace gateway::api {

std::string_view openapi_json();  // generated from openapi.json

namespace {

namespace asio = boost::asio;
using http::Request;
using http::Response;

asio::awaitable<Response> alive(Request) {
    co_return Response{.body = R"({"status":"ok"})"};
}

asio::awaitable<Response> describe(Request) {
    co_return Response{.body = std::string(openapi_json())};
}

asio::awaitable<Response> ready(const Ports& ports, Request) {
    if (!ports.ready()) co_return http::problem({503, "not_ready", "The daemon is starting or stopping."});
    co_await ports.measure();  // throws when the database cannot be read
    co_return Response{.body = R"({"status":"ready"})"};
}

asio::awaitable<Response> metrics(const Ports& ports, Request) {
    co_await ports.measure();
    co_return Response{
        .body = ports.metrics->text(), .content_type = "text/plain; version=0.0.4; charset=utf-8"
    };
}

}  // namespace

void add_health(http::Router& router, const Ports& ports) {
    router.add("GET", "/healthz", alive);
    router.add("GET", "/openapi.json", describe);
    router.add("GET", "/readyz", [&ports](Request request) { return ready(ports, std::move(request)); });
    router.add("GET", "/metrics", [&ports](Request request) { return metrics(ports, std::move(request)); });
}

}  // namespace gateway::api
