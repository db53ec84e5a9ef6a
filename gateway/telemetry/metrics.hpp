// The figures an operator's Prometheus reads at /metrics: requests, events, attempts, reports, replies,
// queues. Labels are names of ours or of the configuration, never a phone number or a dossier. prometheus-cpp
// stays in the .cpp. Implements the message side's Monitor. On the I/O thread.
#pragma once

#include "notify/monitor.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace gateway::telemetry {

class Metrics final : public notify::Monitor {
public:
    Metrics();
    ~Metrics() override;

    void attempted(std::string_view provider, config::OutcomeClass outcome, config::Duration took) override;
    void lane_stopped(std::string_view provider, std::string_view code, config::Duration stopped_for)
        override;
    void unreachable(std::string_view provider, config::Duration paused_for) override;
    void unknown_code(std::string_view provider, std::string_view code) override;
    void worker_failed(std::string_view worker, std::string_view error) override;

    void request(std::string_view route, int status, config::Duration took);
    void event(std::string_view result, std::string_view silent_cause);
    void report(std::string_view provider, std::string_view result);
    void inbound(std::string_view provider, std::string_view taken);
    void queues(const std::map<std::string, std::int64_t>& depths);

    /// The text format of Prometheus.
    std::string text() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace gateway::telemetry
