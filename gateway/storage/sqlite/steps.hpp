// The business steps on one connection, each the body of a transaction: read, decide by a pure function of
// notify or survey, keep the result. Run by the writer's thread; sqlite_store.cpp brings them to the ports.
// Each step stands in the file named for it.
#pragma once

#include "gateway/storage/sqlite/rows.hpp"
#include "notify/store.hpp"
#include "survey/store.hpp"

namespace gateway::storage {

/// What the decide functions need beside what is read; constant while the daemon runs.
struct Rulebook {
    notify::Rules notify;
    survey::Rules survey;
    const config::Numbering* numbering;
};

notify::EventResults accept_events(
    Connection& db, const Rulebook& rules, const std::vector<notify::DossierEvent>& events, config::Time now
);

notify::Claimed claim(Connection& db, const Rulebook& rules, const notify::Claim& claim);
/// A draft that is due at once, queued and claimed in one; none when its fact has been told already.
std::optional<notify::Outbound> queue_claimed(
    Connection& db, const notify::Draft& draft, const DraftOwner& owner, const notify::Claim& claim
);
notify::OutcomeDecision record_attempt(Connection& db, const Rulebook& rules, const notify::Attempt& attempt);
int recover(
    Connection& db, const Rulebook& rules, const std::map<std::string, notify::ResendPolicy>& policies,
    config::Time now
);
bool replay(Connection& db, notify::MessageId id, config::Time now);

/// What the writer's thread remembers from one report to the next.
struct ReportMemory {
    std::optional<std::int64_t> last;  // whom it named
    int unmatched = 0;                 // kept since the oldest were last removed
};
struct ReportStep {
    const notify::DeliveryReport& report;
    config::Time now;
    bool much_to_do = false;  // for the writer
    ReportMemory* memory = nullptr;
};
notify::ReportResult record_report(Connection& db, const Rulebook& rules, const ReportStep& step);
/// Reports that came before the provider's answer was recorded.
void match_waiting_reports(
    Connection& db, const Rulebook& rules, const std::string& provider,
    const std::string& provider_message_id, config::Time now
);

/// None when the sender is no mobile number. Before the step, on any thread: the writer's has the most to do.
std::optional<survey::Reply> reply_from(const notify::provider::InboundSms& sms, const Rulebook& rules);
struct InboundStep {
    const notify::provider::InboundSms& sms;
    const std::optional<survey::Reply>& reply;
    config::Time now;
    const std::optional<notify::Claim>& room;  // for an answer that is due at once
};
survey::InboundResult take_inbound(Connection& db, const Rulebook& rules, const InboundStep& step);

survey::TimersRun run_timers(Connection& db, const Rulebook& rules, config::Time now, int limit);
/// False when none is due.
bool put_off_timer(Connection& db, config::Time now, config::Time until);

/// What a phone's opt-out or opt-in changes beside the session.
void set_opted_out(
    Connection& db, notify::PhoneNumber phone, bool out, std::string_view source, config::Time now
);

std::optional<notify::Dossier> find_dossier(Connection& db, const notify::DossierCode& code);
std::vector<survey::TallyRow> tallies(
    Connection& db, const config::Units& units, survey::Period period, survey::By by
);
std::optional<notify::MessageView> message_view(Connection& db, notify::MessageId id);
std::vector<notify::MessageView> message_views(Connection& db, const notify::MessageFilter& filter);

/// Our request id of a message, the same on every attempt, and back.
std::string request_id_of(Connection& db, std::int64_t message);
std::optional<std::int64_t> message_of_request_id(Connection& db, std::string_view request_id);

}  // namespace gateway::storage
