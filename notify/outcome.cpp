#include "notify/outcome.hpp"

#include <algorithm>

namespace notify {
namespace {

using config::OutcomeClass;
using namespace std::chrono;

constexpr minutes lane_stop{5};
constexpr seconds free_again{1};     // sooner than the shortest pause of the lane that failed
constexpr minutes repeat_after{15};  // a status whose fate is unknown
constexpr int most_repeats = 2;      // of a status at a provider that cannot recognise repeats

OutcomeDecision again(const Outbound& message, Time due, MessageState state) {
    if (due >= message.expires_at)
        return {.next = state == MessageState::unknown ? state : MessageState::expired};
    return {.next = state, .due_at = due};
}

OutcomeDecision repeated(const Outbound& message, const ResendPolicy& policy, Time due) {
    if (!recognised(message, policy, due)) return {.next = MessageState::unknown};
    return again(message, due, MessageState::unknown);
}

OutcomeDecision on_ambiguous(const Outbound& message, const ResendPolicy& policy, Time now, double jitter) {
    if (policy.idempotency > Duration::zero())
        return repeated(message, policy, now + backoff(message.attempt, jitter));
    if (message.repeatable && message.attempt < most_repeats)
        return again(message, now + repeat_after, MessageState::unknown);
    return {.next = MessageState::unknown};
}

// Not taken this time: free for any provider, unless an earlier attempt may have arrived at this one.
OutcomeDecision on_not_taken(const Outbound& message, const ResendPolicy& policy, Time due) {
    if (message.may_have_arrived) return repeated(message, policy, due);
    return again(message, due, MessageState::retry);
}

}  // namespace

// Nine tenths of the window: the provider's clock began before ours.
bool recognised(const Outbound& message, const ResendPolicy& policy, Time at) {
    return policy.idempotency == Duration::zero() || at < message.first_sent_at + policy.idempotency * 9 / 10;
}

Duration backoff(int attempt, double jitter) {
    const auto doubled = seconds(5) * (1LL << std::clamp(attempt - 1, 0, 20));
    const auto capped = std::min<Duration>(doubled, minutes(30));
    return Duration(static_cast<Duration::rep>(static_cast<double>(capped.count()) * (0.5 + jitter)));
}

OutcomeDecision on_outcome(
    const Outbound& message, const Outcome& outcome, const ResendPolicy& policy, Time now, double jitter
) {
    switch (outcome.kind) {
        case OutcomeClass::accepted:
        case OutcomeClass::duplicate:
            return {.next = MessageState::accepted};
        case OutcomeClass::throttle:
        case OutcomeClass::transient:
            // The pause of a provider out of reach is its lane's; meanwhile another one may take the message.
            if (outcome.code == not_reached) return on_not_taken(message, policy, now + free_again);
            return on_not_taken(message, policy, now + backoff(message.attempt, jitter));
        case OutcomeClass::ambiguous:
            return on_ambiguous(message, policy, now, jitter);
        case OutcomeClass::credit:
        case OutcomeClass::config: {
            // Due soon: another provider may take it while this one stands still.
            auto decision = on_not_taken(message, policy, now + backoff(message.attempt, jitter));
            decision.stop_lane = lane_stop;
            return decision;
        }
        case OutcomeClass::content:
        case OutcomeClass::recipient:
            return {.next = MessageState::rejected};
        case OutcomeClass::optout:
            return {.next = MessageState::rejected, .suppress = true};
        case OutcomeClass::unknown:
            return {.next = MessageState::unknown};
    }
    return {};
}

std::optional<MessageState> state_of(config::ReportState report) {
    switch (report) {
        case config::ReportState::pending:
            return std::nullopt;
        case config::ReportState::delivered:
            return MessageState::delivered;
        case config::ReportState::undelivered:
            return MessageState::undelivered;
        case config::ReportState::rejected:
            return MessageState::rejected;
    }
    return std::nullopt;
}

}  // namespace notify
