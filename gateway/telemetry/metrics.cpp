#include "gateway/telemetry/metrics.hpp"

#include "gateway/telemetry/log.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace gateway::telemetry {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Family;

namespace {

const prometheus::Histogram::BucketBoundaries seconds{0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60};

double in_seconds(config::Duration duration) {
    return static_cast<double>(duration.count()) / 1000;
}

Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return BuildCounter().Name(name).Help(help).Register(registry);
}

Family<prometheus::Histogram>& histogram(prometheus::Registry& registry, const char* name, const char* help) {
    return BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    Family<prometheus::Counter>& requests =
        counter(registry, "hoiam_http_requests_total", "Requests answered, by route and status");
    Family<prometheus::Histogram>& request_time =
        histogram(registry, "hoiam_http_request_seconds", "Time to answer a request");
    Family<prometheus::Counter>& events =
        counter(registry, "hoiam_dossier_events_total", "Dossier events, by result");
    Family<prometheus::Counter>& silent =
        counter(registry, "hoiam_events_without_sms_total", "Accepted events that brought no SMS, by cause");
    Family<prometheus::Counter>& attempts =
        counter(registry, "hoiam_sms_attempts_total", "Attempts to send, by provider and outcome");
    Family<prometheus::Histogram>& attempt_time =
        histogram(registry, "hoiam_sms_attempt_seconds", "Time a provider took to answer");
    Family<prometheus::Counter>& stops = counter(
        registry, "hoiam_provider_stops_total",
        "Times a provider was stopped or paused: credit, configuration, unreachable"
    );
    Family<prometheus::Counter>& unknown_codes = counter(
        registry, "hoiam_provider_unknown_codes_total", "Answers whose code the profile does not know"
    );
    Family<prometheus::Counter>& reports =
        counter(registry, "hoiam_delivery_reports_total", "Delivery reports, by result");
    Family<prometheus::Counter>& inbound =
        counter(registry, "hoiam_inbound_sms_total", "Inbound SMS, by how they were taken");
    Family<prometheus::Counter>& failures =
        counter(registry, "hoiam_worker_failures_total", "Failed iterations of a worker");
    Family<prometheus::Gauge>& queues =
        BuildGauge()
            .Name("hoiam_queue_depth")
            .Help("Messages waiting, sending or dead, and inbound SMS for a person")
            .Register(registry);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::attempted(std::string_view provider, config::OutcomeClass outcome, config::Duration took) {
    families_->attempts
        .Add({{"provider", std::string(provider)}, {"outcome", std::string(config::to_string(outcome))}})
        .Increment();
    families_->attempt_time.Add({{"provider", std::string(provider)}}, seconds).Observe(in_seconds(took));
}

void Metrics::lane_stopped(std::string_view provider, std::string_view code, config::Duration stopped_for) {
    families_->stops.Add({{"provider", std::string(provider)}}).Increment();
    log(Level::error, "provider_stopped",
        {{"provider", std::string(provider)},
         {"code", std::string(code)},
         {"seconds", std::to_string(stopped_for.count() / 1000)},
         {"what_to_do", "check the account's balance, keys and brandname with the provider"}});
}

void Metrics::unreachable(std::string_view provider, config::Duration paused_for) {
    families_->stops.Add({{"provider", std::string(provider)}}).Increment();
    log(Level::warning, "provider_unreachable",
        {{"provider", std::string(provider)}, {"seconds", std::to_string(paused_for.count() / 1000)}});
}

void Metrics::unknown_code(std::string_view provider, std::string_view code) {
    families_->unknown_codes.Add({{"provider", std::string(provider)}}).Increment();
    log(Level::warning, "unknown_provider_code",
        {{"provider", std::string(provider)}, {"code", std::string(code)}});
}

void Metrics::worker_failed(std::string_view worker, std::string_view error) {
    families_->failures.Add({{"worker", std::string(worker)}}).Increment();
    log(Level::error, "worker_failed", {{"worker", std::string(worker)}, {"error", std::string(error)}});
}

void Metrics::request(std::string_view route, int status, config::Duration took) {
    families_->requests.Add({{"route", std::string(route)}, {"status", std::to_string(status)}}).Increment();
    families_->request_time.Add({{"route", std::string(route)}}, seconds).Observe(in_seconds(took));
}

void Metrics::event(std::string_view result, std::string_view silent_cause) {
    families_->events.Add({{"result", std::string(result)}}).Increment();
    if (!silent_cause.empty()) families_->silent.Add({{"cause", std::string(silent_cause)}}).Increment();
}

void Metrics::report(std::string_view provider, std::string_view result) {
    families_->reports.Add({{"provider", std::string(provider)}, {"result", std::string(result)}}
    ).Increment();
}

void Metrics::inbound(std::string_view provider, std::string_view taken) {
    families_->inbound.Add({{"provider", std::string(provider)}, {"taken", std::string(taken)}}).Increment();
}

void Metrics::queues(const std::map<std::string, std::int64_t>& depths) {
    for (const auto& [queue, depth] : depths)
        families_->queues.Add({{"queue", queue}}).Set(static_cast<double>(depth));
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace gateway::telemetry
