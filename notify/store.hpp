// The messages' memory as a port: one method per business step. Each step reads, decides by a pure function
// and keeps everything that became true in one transaction; when the awaitable completes, it is on disk.
// Steps are idempotent by a key from outside (event id, provider's message id, attempt number).
// A store that cannot keep a step throws StoreUnavailable and has kept nothing of it.
// Called on the I/O thread; implemented by gateway/storage.
#pragma once

#include "notify/dossier.hpp"
#include "notify/message.hpp"
#include "notify/on_event.hpp"
#include "notify/outcome.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace notify {

struct StoreUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct EventResult {
    enum class Kind { accepted, duplicate, rejected } kind = Kind::accepted;
    std::optional<Remark> refusal;
    std::vector<Remark> warnings;
    std::string silent_cause;
};

struct EventResults {
    std::vector<EventResult> each;   // in the order of the events
    std::optional<Time> outbox_due;  // the earliest message that the events brought
    std::optional<Time> timer_due;   // the earliest timer
};

struct Claim {
    std::string provider;
    int limit = 1;
    Time now;
    ResendPolicy policy;  // the provider's
};

struct Claimed {
    std::vector<Outbound> messages;  // already counted as one more attempt each
    std::optional<Time> next_due;    // of what this provider may send later
};

struct Attempt {
    Outbound message;
    Outcome outcome;
    std::string provider;
    ResendPolicy policy;
    Time now;
    double jitter = 0;
};

/// deferred: kept as durably as any; the message's state follows when the flood ends, in a minute or so else.
enum class ReportResult { recorded, repeated, deferred, kept_unmatched, pending };

struct AttemptView {
    int number = 0;
    std::string provider;
    Time started_at;
    std::optional<Time> finished_at;
    std::string outcome, code;
};

struct MessageView {
    MessageId id{};
    std::string dossier, situation, state, provider, provider_message_id, cause, text, masked_phone,
        request_id;
    int parts = 1;
    bool ucs2 = false;
    bool of_survey = false;  // what it says tells how its citizen answered
    Time created_at, updated_at;
    std::optional<Time> due_at, expires_at;
    std::vector<AttemptView> attempts;
};

struct MessageFilter {
    std::optional<std::string> dossier;
    std::optional<MessageState> state;
    bool surveys = true;  // those of surveys, too
    int limit = 100;
    std::int64_t after = 0;  // id of the last one seen
};

class Store {
public:
    virtual ~Store() = default;

    virtual boost::asio::awaitable<EventResults> accept_events(
        std::vector<DossierEvent> events, Time now
    ) = 0;
    virtual boost::asio::awaitable<Claimed> claim(Claim claim) = 0;
    virtual boost::asio::awaitable<OutcomeDecision> record_attempt(Attempt attempt) = 0;
    virtual boost::asio::awaitable<ReportResult> record_report(DeliveryReport report, Time now) = 0;
    /// At the start. Messages that were with a provider when the process died are judged as if the answer had
    /// been lost; what only a provider without a policy here could repeat is not repeated any more.
    virtual boost::asio::awaitable<int> recover(std::map<std::string, ResendPolicy> policies, Time now) = 0;
    /// A dead letter back into the outbox; false when it is none.
    virtual boost::asio::awaitable<bool> replay(MessageId id, Time now) = 0;

    virtual boost::asio::awaitable<std::optional<Dossier>> dossier(DossierCode code) = 0;
    virtual boost::asio::awaitable<std::vector<MessageView>> messages(MessageFilter filter) = 0;
    virtual boost::asio::awaitable<std::optional<MessageView>> message(MessageId id) = 0;
};

}  // namespace notify
