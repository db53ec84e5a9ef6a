// The conversation with one citizen about one dossier: invited, asked for a score, perhaps asked why, closed.
// Decides what a closed dossier, a reply and a timer change. Pure: the store calls these inside the
// transaction that has just read the session; a decision carries everything that becomes true together.
// The state diagram stands in survey/README.md.
#pragma once

#include "config/settings.hpp"
#include "notify/compose.hpp"
#include "notify/dossier.hpp"
#include "notify/message.hpp"
#include "survey/rating.hpp"
#include "survey/text/reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace survey {

using config::Time;

enum class SessionId : std::int64_t {};

enum class SessionState {
    asked = 0,   // waits for a score
    reason = 1,  // has a score of 1 or 2, waits for the reason
    answered = 2,
    expired = 3,  // no score in time
    refused = 4,  // opted out
    person = 5,   // unreadable twice: a person reads it
};
std::string_view to_string(SessionState state);
bool open(SessionState state);

/// One per dossier, enforced by the database.
struct Answer {
    Rating score;
    std::vector<std::string> reasons;  // codes
    std::string rule;                  // that read it
    std::string lexicon_version;
    Time at;
};

struct Session {
    SessionId id{};
    notify::DossierId dossier{};
    std::string dossier_code;
    notify::PhoneNumber phone;
    // Where it counts: the month in which the result was returned or refused, the unit valid then.
    config::Month month;
    std::string unit, procedure;
    SessionState state = SessionState::asked;
    Time asked_at, expires_at;
    int unreadable = 0;      // replies to the present question that could not be read
    bool delivered = false;  // the handset has the question
    std::optional<Answer> answer;
};

/// What this session counts: invited, delivered, answered, score_N, dissatisfied, reason_CODE.
std::vector<notify::Count> counts(const Session& session, const config::Questionnaire& questionnaire);

struct Rules {
    const config::Organisation* organisation;
    const config::Survey* survey;
    const config::Inbound* inbound;
    const config::Catalogue* catalogue;  // for the lengths of variables
    const text::Reader* reader;
    notify::sms::PartLimits limits;
};

/// What is known of the citizen when a survey is due.
struct Recipient {
    bool opted_out = false;
    std::optional<Time> last_asked_at;  // any dossier of this phone
    bool has_open_session = false;
};

struct Invitation {
    std::optional<Session> session;  // with the question in `draft`
    std::optional<notify::Draft> draft;
    std::string silent_cause;  // why nobody is asked; counted
    std::optional<Time> remind_at;
    std::vector<notify::Count> tally;
};

/// When to ask about a dossier that was closed at `closed_at`; none when it is too old to be asked about.
std::optional<Time> ask_at(Time closed_at, const Rules& rules, config::Duration stale_after, Time now);

Invitation invite(
    const notify::Dossier& dossier, Time closed_at, const Recipient& recipient, const Rules& rules, Time now
);

/// The situation of the answer to an opt-out, the one message that its sender still gets.
inline constexpr std::string_view opt_out_confirmation = "opted_out";

/// How an inbound SMS was taken; kept with it.
enum class Taken { score, reasons, unclear, optout, optin, lookup, other, late, no_session, not_mobile };
std::string_view to_string(Taken taken);

struct ReplyDecision {
    Taken taken = Taken::other;
    bool for_person = false;  // a person must read it
    std::string rule;
    std::optional<Session> next;
    std::vector<notify::Draft> drafts;
    std::optional<bool> opted_out;  // set or lift the suppression of this phone
    std::vector<notify::Count> tally;
};

/// What a citizen wrote, without our keyword, and what it means as an answer to the question for a score.
struct Reply {
    std::string key;  // of the inbound SMS, unique
    notify::PhoneNumber from;
    text::Reading as_score;
    std::string words;
};

/// Needs nothing that is stored, so it is done before the step that keeps the answer.
Reply read_reply(std::string key, notify::PhoneNumber from, const std::string& typed, const Rules& rules);

/// What is known of who writes.
struct Correspondent {
    std::optional<Session> session;  // the phone's open one, else its latest
    bool opted_out = false;
};

/// An opt-out is heard with or without a session.
ReplyDecision on_reply(const Reply& reply, const Correspondent& from, const Rules& rules, Time now);

struct TimeoutDecision {
    std::optional<Session> next;
    std::optional<notify::Draft> draft;
    std::vector<notify::Count> tally;
};

TimeoutDecision on_expiry(const Session& session, const Rules& rules, Time now);
TimeoutDecision on_reminder(const Session& session, const Rules& rules, bool opted_out, Time now);

}  // namespace survey
