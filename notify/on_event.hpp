// Decides what one dossier event changes: the dossier's next state, which situation the citizen should hear
// of, which waiting messages it overtakes, what it adds to the figures, and whether it closes the dossier (so
// that a survey may follow). Pure: called by the store inside the transaction that has just read the dossier.
// Situations are rows 1, 2, 3, 6, 9, 16, 18, 20, 22 and 23 of the list in notify/README.md.
#pragma once

#include "config/settings.hpp"
#include "notify/dossier.hpp"
#include "notify/message.hpp"
#include "notify/sms/parts.hpp"

#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace notify {

struct Rules {
    const config::Organisation* organisation;
    const config::Notify* notify;
    const config::Numbering* numbering;
    sms::PartLimits limits;
};

Rules rules_of(const config::Settings& settings);

/// Why an event, or a part of it, could not be used: JSON pointer into the event, stable code, and a sentence
/// that says what would be right.
struct Remark {
    std::string pointer, code, message;
};

enum class Overtakes { nothing, requests, everything };  // of the dossier's waiting notices

struct EventDecision {
    Dossier next;
    bool status_changed = false;
    std::optional<Draft> draft;
    std::string silent_cause;  // why this change brings no SMS; counted
    Overtakes overtakes = Overtakes::nothing;
    std::optional<Time> overdue_at;  // when to apologise if nothing has come by then
    std::optional<Time> closed_at;   // the result was returned or refused by this event
    bool reopened = false;           // what was closed is being worked on again
    std::vector<Count> tally;
    std::vector<Remark> warnings;
};

std::expected<EventDecision, Remark> on_event(
    const DossierEvent& event, const std::optional<Dossier>& current, const Rules& rules, bool opted_out,
    Time now
);

struct OverdueDecision {
    std::optional<Draft> draft;
    std::string silent_cause;
};

/// The appointment has passed: an apology when the dossier still has no result.
OverdueDecision on_overdue(const Dossier& dossier, const Rules& rules, bool opted_out, Time now);

}  // namespace notify
