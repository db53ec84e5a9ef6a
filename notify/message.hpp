// A message (SMS) on its way to a citizen: what is asked to be sent (Draft), the states of its life and the
// table of allowed moves between them, and what a claimed message carries to the provider.
// The diagram stands in notify/README.md. Plain values for any thread; storage compiles the table into the
// WHERE of its updates, so a late or repeated report can never move a message backwards.
#pragma once

#include "config/civil_time.hpp"
#include "notify/phone_number.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace notify {

using config::Time;

enum class MessageId : std::int64_t {};

enum class MessageState {
    queued = 0,    // waits for its time
    sending = 1,   // claimed, with the provider
    retry = 2,     // failed before acceptance, due later
    unknown = 3,   // may have been accepted: waits for a report, or is repeated where that is safe
    accepted = 4,  // the provider took it
    delivered = 5,
    undelivered = 6,
    rejected = 7,   // will not be sent: dead letter with its cause
    expired = 8,    // its time passed: dead letter with its cause
    cancelled = 9,  // overtaken by a newer fact or an opt-out
};
std::string_view to_string(MessageState state);
std::optional<MessageState> message_state_from(std::string_view text);

/// The states from which a message may move to `next`.
std::span<const MessageState> may_become(MessageState next);
bool allowed(MessageState from, MessageState next);

/// Who goes first when the provider is slow.
enum class Lane { reply = 0, notice = 1, campaign = 2 };

/// An SMS that a decision asks for. `key` is unique per fact: the same fact is never sent twice.
struct Draft {
    std::string key;
    std::string situation;
    Lane lane = Lane::notice;
    PhoneNumber phone;
    std::string text;
    bool ucs2 = false;
    int parts = 1;
    Time due_at, expires_at;
    bool repeatable = true;  // a status may arrive twice, a survey question never
};

/// A message in the hands of the dispatcher.
struct Outbound {
    MessageId id{};
    std::string request_id;  // ours, the same on every attempt
    std::string provider;    // that it must go to; empty: any
    PhoneNumber phone;
    std::string text, situation;
    bool ucs2 = false;
    bool repeatable = true;
    int attempt = 1;
    bool may_have_arrived = false;               // an earlier attempt's answer was lost
    Time first_sent_at, started_at, expires_at;  // started_at: of this attempt
};

}  // namespace notify
