// Takes due messages from the outbox to the providers: claim, send, record, for ever. Several providers share
// the work by their weights; each has its own rate and in-flight limit, and stops for a while when its
// account or configuration is at fault. Runs on the I/O thread; one per process. stop() lets what is in
// flight finish.
#pragma once

#include "config/settings.hpp"
#include "notify/clock.hpp"
#include "notify/monitor.hpp"
#include "notify/pace.hpp"
#include "notify/provider.hpp"
#include "notify/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace notify {

struct ProviderLane {
    std::unique_ptr<Provider> provider;
    ResendPolicy policy;
    double rate = 10;
    int in_flight_limit = 10;
    int share = 1;
};

struct DispatcherPorts {
    Store* store;
    Clock* clock;
    Monitor* monitor;
    std::function<double()> random;  // uniform in [0, 1)
};

class Dispatcher {
public:
    Dispatcher(boost::asio::any_io_executor executor, std::vector<ProviderLane> lanes, DispatcherPorts ports);

    boost::asio::awaitable<void> run();
    /// There may be something due in the outbox at this time.
    void wake(Time due);
    /// Room for one SMS that is about to be queued and due at once, where nothing waits before it. Whoever
    /// gets it gives it back by use_reserved(), with the message that was claimed for it or without one.
    std::optional<Claim> reserve();
    void use_reserved(std::optional<Outbound> message);
    void stop();
    int in_flight() const;
    std::map<std::string, ResendPolicy> policies() const;

private:
    struct Lane {
        ProviderLane settings;
        TokenBucket bucket;
        int in_flight = 0;  // with the provider
        int recording = 0;  // accepted by it, on their way to the disk
        Time stopped_until{};
        int unreachable = 0;    // attempts to connect that failed one after another
        bool doubtful = false;  // stood still: sends one message at a time until one is answered well
    };

    /// Asleep, and nothing that is due waits: a finished send need not wake it.
    bool idle() const;
    boost::asio::awaitable<bool> claim_for_all(std::optional<Time>& wake);
    static Claim claim_of(const Lane& lane, int limit, Time now);
    int room(Lane& lane, Time now, std::optional<Time>& wake);
    boost::asio::awaitable<void> send(Lane& lane, Outbound message);
    boost::asio::awaitable<OutcomeDecision> record(Attempt attempt);
    void note_reachable(Lane& lane, const Outcome& outcome, Time now);

    boost::asio::any_io_executor executor_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    DispatcherPorts ports_;
    std::unique_ptr<Alarm> alarm_;
    Time sleeping_until_{};
    bool left_ = false;  // the last round may have left something that was due, for want of room
    bool stopping_ = false;
};

}  // namespace notify
