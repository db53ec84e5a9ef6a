// The survey's memory as a port, whole steps again: an inbound SMS, a timer that is due, and the figures that
// were kept with them. The same rules as notify/store.hpp: one transaction each, durable when it completes.
#pragma once

#include "notify/provider/webhook.hpp"
#include "notify/store.hpp"
#include "survey/session.hpp"

#include <map>

namespace survey {

struct InboundResult {
    bool repeated = false;
    Taken taken = Taken::other;
    std::optional<Time> outbox_due;
    std::optional<notify::Outbound> claimed;  // the answer to the citizen, for which there was room
};

struct TimersRun {
    int ran = 0;
    std::optional<Time> next_due;    // of the timers left
    std::optional<Time> outbox_due;  // earliest message they brought
};

/// Kept tallies of one key (commune, procedure or month) over the months asked for.
struct TallyRow {
    std::string key;  // UnitKey::str(), procedure code or "YYYY-MM"
    std::string name;
    std::map<std::string, std::int64_t, std::less<>> counts;  // measure → count

    std::int64_t count(std::string_view measure) const {
        const auto found = counts.find(measure);
        return found == counts.end() ? 0 : found->second;
    }
};

enum class By { commune, procedure, month };

struct Period {
    config::Month from, to;  // both included
};

class Store {
public:
    virtual ~Store() = default;
    /// `room`: of a provider, for an SMS that is queued and due at once; it needs no claim of its own then.
    virtual boost::asio::awaitable<InboundResult> take_inbound(
        notify::provider::InboundSms sms, Time now, std::optional<notify::Claim> room
    ) = 0;
    virtual boost::asio::awaitable<TimersRun> run_timers(Time now, int limit) = 0;
    /// The one that run_timers(now, 1) would run is due `until` then.
    virtual boost::asio::awaitable<bool> put_off_timer(Time now, Time until) = 0;
    virtual boost::asio::awaitable<std::vector<TallyRow>> tallies(Period period, By by) = 0;
};

}  // namespace survey
