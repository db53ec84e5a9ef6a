#include "gateway/api/api.hpp"
#include "gateway/http/problem.hpp"
#include "notify/provider/webhook.hpp"

#include <algorithm>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace hook = notify::provider;
using http::Request;
using http::Response;

// Read before the sender is known. An SMS of 255 parts, the most that there can be, has 39 KB.
constexpr std::size_t largest_hook = std::size_t{64} * 1024;

// By the provider's own name, else by its profile's when only one has it.
const config::ProviderSettings* provider_named(const config::Settings& settings, std::string_view name) {
    const auto& providers = settings.providers;
    const auto named = std::ranges::find(providers, name, &config::ProviderSettings::name);
    if (named != providers.end()) return &*named;
    const auto profile_is = [&](const config::ProviderSettings& each) { return each.profile.name == name; };
    const auto found = std::ranges::find_if(providers, profile_is);
    return found != providers.end() && std::ranges::count_if(providers, profile_is) == 1 ? &*found : nullptr;
}

std::string_view to_string(notify::ReportResult result) {
    switch (result) {
        case notify::ReportResult::recorded:
            return "recorded";
        case notify::ReportResult::repeated:
            return "repeated";
        case notify::ReportResult::deferred:
            return "deferred";
        case notify::ReportResult::kept_unmatched:
            return "unmatched";
        case notify::ReportResult::pending:
            return "pending";
    }
    return "";
}

Response hook_answer(
    const config::WebhookAnswer& answer, const config::ProviderSettings& provider,
    const hook::WebhookRequest& request
) {
    return {
        .status = 200,
        .body = hook::render_answer(answer, provider, request),
        .content_type = answer.content_type
    };
}

Response forged(const Ports& ports, const config::ProviderSettings& provider, bool inbound) {
    if (inbound)
        ports.metrics->inbound(provider.name, "forged");
    else
        ports.metrics->report(provider.name, "forged");
    return http::problem(
        {401, "bad_signature", "The signature or token does not fit; check the provider's settings."}
    );
}

/// Room with a provider for the answer to an inbound SMS, given back whatever happens.
class Reserved {
public:
    explicit Reserved(const Ports& ports) : ports_(ports), room_(ports.reserve()) {}
    Reserved(const Reserved&) = delete;
    Reserved& operator=(const Reserved&) = delete;
    ~Reserved() {
        if (room_) ports_.use_reserved(std::move(answer_));
    }
    const std::optional<notify::Claim>& room() const { return room_; }
    void use_for(std::optional<notify::Outbound> answer) { answer_ = std::move(answer); }

private:
    const Ports& ports_;
    std::optional<notify::Claim> room_;
    std::optional<notify::Outbound> answer_;
};

asio::awaitable<Response> take_inbound(
    const Ports& ports, const config::ProviderSettings& provider, hook::WebhookRequest request
) {
    const auto& profile = *provider.profile.inbound;
    if (!hook::authentic(profile.authentication, provider, request)) co_return forged(ports, provider, true);
    const auto now = ports.clock->now();
    auto sms = hook::read_inbound(provider, request, now);
    if (!sms) co_return http::problem({400, "malformed_inbound", "The inbound SMS " + sms.error() + "."});
    Reserved reserved(ports);
    auto result = co_await ports.survey->take_inbound(*std::move(sms), now, reserved.room());
    reserved.use_for(std::move(result.claimed));
    ports.metrics->inbound(provider.name, result.repeated ? "repeated" : survey::to_string(result.taken));
    if (result.outbox_due) ports.outbox_due(*result.outbox_due);
    co_return hook_answer(profile.answer, provider, request);
}

asio::awaitable<Response> take_report(
    const Ports& ports, const config::ProviderSettings& provider, hook::WebhookRequest request
) {
    const auto& profile = *provider.profile.report;
    if (!hook::authentic(profile.authentication, provider, request)) co_return forged(ports, provider, false);
    auto report = hook::read_report(provider, request);
    if (!report) co_return http::problem({400, "malformed_report", "The report " + report.error() + "."});
    const auto result = co_await ports.messages->record_report(*std::move(report), ports.clock->now());
    ports.metrics->report(provider.name, to_string(result));
    if (result == notify::ReportResult::deferred) ports.report_deferred();
    co_return hook_answer(profile.answer, provider, request);
}

asio::awaitable<Response> take(const Ports& ports, Request request) {
    if (request.body.size() > largest_hook)
        co_return http::problem({413, "body_too_large", "A report or an inbound SMS has at most 64 KiB."});
    const auto* const provider = provider_named(*ports.settings, request.parameter("provider"));
    const auto& kind = request.parameter("kind");
    const bool inbound_url = kind == "inbound";
    if (!provider || (!inbound_url && kind != "report"))
        co_return http::problem({404, "unknown_provider", "No [[provider]] of this name takes this hook."});
    const auto& profile = provider->profile;
    auto fields = hook::webhook_request(request.query, request.header("content-type"), request.body);
    if (!fields)
        co_return http::problem({400, "malformed_hook", "The body is neither a form nor a JSON object."});
    fields->headers = std::move(request.headers);
    // Some providers send reports and inbound SMS to one URL; a condition in the profile tells them apart.
    const bool is_inbound = profile.inbound && !profile.inbound->when.empty()
                                ? hook::is_inbound(*profile.inbound, *fields)
                                : inbound_url;
    if (is_inbound && profile.inbound) co_return co_await take_inbound(ports, *provider, *std::move(fields));
    if (!is_inbound && profile.report) co_return co_await take_report(ports, *provider, *std::move(fields));
    co_return http::problem({404, "unknown_hook", "The profile of this provider describes no such hook."});
}

}  // namespace

void add_hooks(http::Router& router, const Ports& ports) {
    for (const auto* const method : {"GET", "POST"})
        router.add(method, "/hooks/{provider}/{kind}", [&ports](Request request) {
            return take(ports, std::move(request));
        });
}

}  // namespace gateway::api
