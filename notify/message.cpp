#include "notify/message.hpp"

#include <algorithm>
#include <array>

namespace notify {
namespace {

using enum MessageState;

constexpr std::array names{"queued",    "sending",     "retry",    "unknown", "accepted",
                           "delivered", "undelivered", "rejected", "expired", "cancelled"};

// A report may overtake the answer it belongs to, so it may arrive while we are still sending.
constexpr std::array<MessageState, 3> to_queued{rejected, expired, unknown};  // replay by a person
constexpr std::array<MessageState, 3> to_sending{queued, retry, unknown};
constexpr std::array<MessageState, 1> to_retry{sending};
constexpr std::array<MessageState, 1> to_unknown{sending};
constexpr std::array<MessageState, 3> to_accepted{sending, retry, unknown};
constexpr std::array<MessageState, 6> to_delivered{sending, retry, unknown, accepted, undelivered, expired};
constexpr std::array<MessageState, 4> to_undelivered{sending, retry, unknown, accepted};
constexpr std::array<MessageState, 4> to_rejected{sending, retry, unknown, accepted};
constexpr std::array<MessageState, 4> to_expired{queued, sending, retry, unknown};
constexpr std::array<MessageState, 2> to_cancelled{queued, retry};

}  // namespace

std::string_view to_string(MessageState state) {
    return names[static_cast<std::size_t>(state)];
}

std::optional<MessageState> message_state_from(std::string_view text) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<MessageState>(found - names.begin());
}

std::span<const MessageState> may_become(MessageState next) {
    switch (next) {
        case queued:
            return to_queued;
        case sending:
            return to_sending;
        case retry:
            return to_retry;
        case unknown:
            return to_unknown;
        case accepted:
            return to_accepted;
        case delivered:
            return to_delivered;
        case undelivered:
            return to_undelivered;
        case rejected:
            return to_rejected;
        case expired:
            return to_expired;
        case cancelled:
            return to_cancelled;
    }
    return {};
}

bool allowed(MessageState from, MessageState next) {
    const auto sources = may_become(next);
    return std::ranges::find(sources, from) != sources.end();
}

}  // namespace notify
