// The HTTP interface: puts every endpoint on the router with the role it needs. Endpoints decode, call one
// store step or query, and encode; what they decide stands in notify and survey. On the I/O thread.
#pragma once

#include "config/settings.hpp"
#include "gateway/api/access.hpp"
#include "gateway/http/router.hpp"
#include "gateway/telemetry/metrics.hpp"
#include "gateway/virtual_clock.hpp"
#include "notify/store.hpp"
#include "survey/store.hpp"

#include <functional>

namespace gateway::api {

struct Ports {
    const config::Settings* settings;
    notify::Store* messages;
    survey::Store* survey;
    Access* access;
    notify::Clock* clock;
    telemetry::Metrics* metrics;
    VirtualClock* virtual_clock = nullptr;         // only when replaying
    std::function<void(config::Time)> outbox_due;  // a message was queued for then
    // Room with a provider for an SMS that a step is about to bring; each is given back by use_reserved.
    std::function<std::optional<notify::Claim>()> reserve;
    std::function<void(std::optional<notify::Outbound>)> use_reserved;
    std::function<void()> report_deferred;
    std::function<void(config::Time)> timer_due;
    std::function<bool()> ready;
    std::function<boost::asio::awaitable<void>()> measure;  // brings the queue gauges up to date
};

/// The whole interface behind one handler, which also catches what an endpoint throws (503, 500).
http::Handler make_handler(Ports ports);

// Each in the file of its name.
void add_dossier_events(http::Router& router, const Ports& ports);
void add_national(http::Router& router, const Ports& ports);
void add_hooks(http::Router& router, const Ports& ports);
void add_messages(http::Router& router, const Ports& ports);
void add_figures(http::Router& router, const Ports& ports);
void add_health(http::Router& router, const Ports& ports);
void add_clock(http::Router& router, const Ports& ports);

/// Answers 401 or 403 unless the request's key may act as `role`.
http::Handler guarded(const Ports& ports, Role role, http::Handler handler);
/// The same for any of several roles.
http::Handler guarded(const Ports& ports, std::vector<Role> roles, http::Handler handler);

}  // namespace gateway::api
