#include "gateway/telemetry/metrics.hpp"

#include "gateway/telemetry/log.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <vector>

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

/// The members of a family that are counted all the time, found without building a map of labels.
template <typename Metric>
class Members {
public:
    template <typename Make>
    Metric& of(std::string_view first, std::string_view second, Make make) {
        for (const auto& member : members_)
            if (member.first == first && member.second == second) return *member.metric;
        members_.push_back({std::string(first), std::string(second), &make()});
        return *members_.back().metric;
    }

private:
    struct Member {
        std::string first, second;
        Metric* metric;
    };
    std::vector<Member> members_;  // a few dozen: routes, outcomes, causes
};

using Counters = Members<prometheus::Counter>;
using Histograms = Members<prometheus::Histogram>;

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
            .Help("Messages waiting, sending or dead, reports still to be applied, inbound SMS for a person")
            .Register(registry);
    Counters request_members, event_members, silent_members, attempt_members, report_members;
    Histograms request_time_members, attempt_time_members;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::attempted(std::string_view provider, config::OutcomeClass outcome, config::Duration took) {
    auto& f = *families_;
    const auto name = config::to_string(outcome);
    const auto count = [&]() -> auto& {
        return f.attempts.Add({{"provider", std::string(provider)}, {"outcome", std::string(name)}});
    };
    const auto time = [&]() -> auto& {
        return f.attempt_time.Add({{"provider", std::string(provider)}}, seconds);
    };
    f.attempt_members.of(provider, name, count).Increment();
    f.attempt_time_members.of(provider, "", time).Observe(in_seconds(took));
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
    auto& f = *families_;
    const auto code = std::to_string(status);
    const auto count = [&]() -> auto& {
        return f.requests.Add({{"route", std::string(route)}, {"status", code}});
    };
    const auto time = [&]() -> auto& { return f.request_time.Add({{"route", std::string(route)}}, seconds); };
    f.request_members.of(route, code, count).Increment();
    f.request_time_members.of(route, "", time).Observe(in_seconds(took));
}

void Metrics::event(std::string_view result, std::string_view silent_cause) {
    auto& f = *families_;
    const auto count = [&]() -> auto& { return f.events.Add({{"result", std::string(result)}}); };
    f.event_members.of(result, "", count).Increment();
    if (silent_cause.empty()) return;
    const auto silent = [&]() -> auto& { return f.silent.Add({{"cause", std::string(silent_cause)}}); };
    f.silent_members.of(silent_cause, "", silent).Increment();
}

void Metrics::report(std::string_view provider, std::string_view result) {
    auto& f = *families_;
    const auto count = [&]() -> auto& {
        return f.reports.Add({{"provider", std::string(provider)}, {"result", std::string(result)}});
    };
    f.report_members.of(provider, result, count).Increment();
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
