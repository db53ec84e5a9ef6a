#include "gateway/api/api.hpp"

#include "gateway/http/problem.hpp"
#include "gateway/telemetry/log.hpp"

#include <algorithm>

namespace gateway::api {

namespace asio = boost::asio;
using http::Request;
using http::Response;

namespace {

asio::awaitable<Response> check_then_handle(
    Access& access, const std::vector<Role>& roles, const http::Handler& handler, Request request
) {
    const auto have = co_await access.role(std::string(request.header("authorization")));
    if (!have)
        co_return http::problem(
            {401, "unauthorized", "Send \"Authorization: Bearer KEY\"; hoiam key add makes a key."}
        );
    const bool allowed = std::ranges::any_of(roles, [&](Role need) { return may(*have, need); });
    if (!allowed) co_return http::problem({403, "forbidden", "This key's role may not do this."});
    co_return co_await handler(std::move(request));
}

// The one place where what a request threw is turned into an answer.
asio::awaitable<Response> answer(const http::Router& router, telemetry::Metrics& metrics, Request request) {
    const auto started = std::chrono::steady_clock::now();
    const auto route = router.name_of(request);
    Response response;
    try {
        response = co_await router.route(std::move(request));
    } catch (const notify::StoreUnavailable& error) {
        telemetry::log(telemetry::Level::error, "store_unavailable", {{"error", error.what()}});
        response = http::problem(
            {503, "store_unavailable",
             "The database cannot be written now. Send the same again: what was kept changes nothing then."}
        );
    } catch (const std::exception& error) {
        telemetry::log(telemetry::Level::error, "request_failed", {{"error", error.what()}});
        response =
            http::problem({500, "internal", "The request could not be handled; the log has the cause."});
    }
    const auto took =
        std::chrono::duration_cast<config::Duration>(std::chrono::steady_clock::now() - started);
    metrics.request(route, response.status, took);
    co_return response;
}

}  // namespace

http::Handler guarded(const Ports& ports, Role role, http::Handler handler) {
    return guarded(ports, std::vector{role}, std::move(handler));
}

http::Handler guarded(const Ports& ports, std::vector<Role> roles, http::Handler handler) {
    return [access = ports.access, roles = std::move(roles), handler = std::move(handler)](Request request) {
        return check_then_handle(*access, roles, handler, std::move(request));
    };
}

http::Handler make_handler(Ports ports) {
    auto router = std::make_shared<http::Router>();
    const auto shared = std::make_shared<Ports>(std::move(ports));
    add_dossier_events(*router, *shared);
    add_national(*router, *shared);
    add_hooks(*router, *shared);
    add_messages(*router, *shared);
    add_figures(*router, *shared);
    add_health(*router, *shared);
    if (shared->virtual_clock) add_clock(*router, *shared);
    return
        [router, shared](Request request) { return answer(*router, *shared->metrics, std::move(request)); };
}

}  // namespace gateway::api
