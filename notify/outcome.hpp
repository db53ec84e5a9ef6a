// Decides what a provider's answer, or its silence, means for a message: accepted, tried again later
// (back-off with jitter, the same request id), held as unknown, or a dead letter with its cause; and whether
// the provider's lane must stop or the recipient must not be written to again. Also maps a delivery report.
// The one place where "may I send again?" is decided. Pure.
#pragma once

#include "config/profile.hpp"
#include "notify/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace notify {

using config::Duration;

/// Code of an attempt that cannot have reached the provider.
inline constexpr std::string_view not_reached = "not_reached";

/// A provider's answer to one attempt.
struct Outcome {
    config::OutcomeClass kind = config::OutcomeClass::unknown;
    std::string code;                 // the provider's own, or http_503, timeout …
    std::string provider_message_id;  // may be empty
};

struct ResendPolicy {
    Duration idempotency{0};  // the provider recognises a request id for so long
};

/// Whether a repeat at `at` of what may have arrived is recognised by its request id, or nothing of the kind
/// is to be expected.
bool recognised(const Outbound& message, const ResendPolicy& policy, Time at);

struct OutcomeDecision {
    MessageState next = MessageState::unknown;
    std::optional<Time> due_at;         // when to try again; none: wait for a report or a person
    std::optional<Duration> stop_lane;  // nothing more to this provider for so long, and tell the operator
    bool suppress = false;              // the recipient refused all messages
};

/// `jitter` is uniform in [0, 1).
OutcomeDecision on_outcome(
    const Outbound& message, const Outcome& outcome, const ResendPolicy& policy, Time now, double jitter
);

/// Time before attempt number `attempt` + 1: 5 s doubling to 30 min, ±50 %.
Duration backoff(int attempt, double jitter);

struct DeliveryReport {
    std::string provider, provider_message_id, request_id, code;
    config::ReportState state = config::ReportState::pending;
};

/// The state a report asks for; none for a pending one.
std::optional<MessageState> state_of(config::ReportState report);

}  // namespace notify
