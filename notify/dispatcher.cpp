#include "notify/dispatcher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace notify {

namespace asio = boost::asio;

namespace {

constexpr int batch = 256;                        // messages shared out in one round
constexpr int most_unrecorded = 1024;             // accepted by a provider, not yet by the disk
constexpr std::chrono::seconds store_pause{1};    // before a step that the store refused is tried again
constexpr std::chrono::minutes longest_stop{5};   // of a lane, as notify/outcome.cpp asks for it
constexpr std::chrono::minutes longest_pause{1};  // of a telecom that cannot be reached

std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace

Dispatcher::Dispatcher(asio::any_io_executor executor, std::vector<ProviderLane> lanes, DispatcherPorts ports)
    : executor_(std::move(executor)), ports_(std::move(ports)), alarm_(ports_.clock->alarm(executor_)) {
    for (auto& settings : lanes) {
        const TokenBucket bucket(settings.rate, ports_.clock->now());
        lanes_.push_back(std::make_unique<Lane>(Lane{.settings = std::move(settings), .bucket = bucket}));
    }
}

asio::awaitable<void> Dispatcher::run() {
    while (!stopping_) {
        std::optional<Time> wake;
        bool failed = false;
        try {
            if (co_await claim_for_all(wake)) continue;
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("dispatcher", error.what());
            failed = true;
        }
        if (failed) {
            asio::steady_timer pause(executor_, store_pause);
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        sleeping_until_ = wake.value_or(Time::max());
        co_await alarm_->wait(wake);
        sleeping_until_ = Time{};
    }
}

// One round over all lanes; true when something was claimed, so that another round may find more.
asio::awaitable<bool> Dispatcher::claim_for_all(std::optional<Time>& wake) {
    bool left = false;
    int shares = 0;
    for (const auto& lane : lanes_)
        shares += lane->settings.share;
    bool claimed = false;
    for (auto& lane : lanes_) {
        if (lane->settings.share == 0) continue;
        const auto now = ports_.clock->now();
        const int fair = std::max(1, batch * lane->settings.share / shares);
        const int limit = std::min(fair, room(*lane, now, wake));
        left |= limit <= 0;
        if (limit <= 0) continue;
        auto claim = claim_of(*lane, limit, now);
        auto found = co_await ports_.store->claim(std::move(claim));
        wake = earlier(wake, found.next_due);
        left |= found.next_due && *found.next_due <= now;
        lane->bucket.take(static_cast<int>(found.messages.size()));
        lane->in_flight += static_cast<int>(found.messages.size());
        for (auto& message : found.messages) {
            claimed = true;
            asio::co_spawn(executor_, send(*lane, std::move(message)), asio::detached);
        }
    }
    left_ = left;
    co_return claimed;
}

Claim Dispatcher::claim_of(const Lane& lane, int limit, Time now) {
    return {
        .provider = lane.settings.provider->name(), .limit = limit, .now = now, .policy = lane.settings.policy
    };
}

int Dispatcher::room(Lane& lane, Time now, std::optional<Time>& wake) {
    // No stop is meant to last longer: the wall clock was set back.
    lane.stopped_until = std::min(lane.stopped_until, now + longest_stop);
    if (lane.stopped_until > now) {
        wake = earlier(wake, lane.stopped_until);
        return 0;
    }
    const int limit = lane.doubtful ? 1 : lane.settings.in_flight_limit;
    const int slots = std::min(limit - lane.in_flight, most_unrecorded - lane.recording);
    if (slots <= 0) return 0;  // a finished send rings
    const int tokens = lane.bucket.available(now);
    if (tokens < 1) wake = earlier(wake, lane.bucket.next(now));
    return std::min(slots, tokens);
}

asio::awaitable<void> Dispatcher::send(Lane& lane, Outbound message) {
    const Working working(*ports_.clock);
    const auto started = std::chrono::steady_clock::now();
    Attempt attempt{
        .message = message, .provider = lane.settings.provider->name(), .policy = lane.settings.policy
    };
    try {
        attempt.outcome = co_await lane.settings.provider->send(std::move(message));
    } catch (const std::exception& error) {
        // Whatever broke on our side, the message may be on its way: judged as an answer that got lost.
        attempt.outcome = {.kind = config::OutcomeClass::ambiguous, .code = "internal"};
        ports_.monitor->worker_failed("provider", error.what());
    }
    attempt.now = ports_.clock->now();
    attempt.jitter = ports_.random();
    const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
    const auto outcome = attempt.outcome;
    ports_.monitor->attempted(attempt.provider, outcome.kind, took);
    if (outcome.kind == config::OutcomeClass::unknown)
        ports_.monitor->unknown_code(attempt.provider, outcome.code);
    const auto now = attempt.now;
    const bool accepted = outcome.kind == config::OutcomeClass::accepted;
    if (accepted) {  // the provider is free for the next one; another outcome may yet stop the lane
        --lane.in_flight;
        ++lane.recording;
        if (!idle()) alarm_->ring();
    }
    const auto decision = co_await record(std::move(attempt));
    if (decision.stop_lane && lane.stopped_until <= now) {
        lane.stopped_until = now + *decision.stop_lane;
        ports_.monitor->lane_stopped(lane.settings.provider->name(), outcome.code, *decision.stop_lane);
    }
    note_reachable(lane, outcome, now);
    --(accepted ? lane.recording : lane.in_flight);
    if (decision.due_at || !idle()) alarm_->ring();
}

// A telecom that nobody can connect to gets a pause that grows, so that its messages go out through another
// one.
void Dispatcher::note_reachable(Lane& lane, const Outcome& outcome, Time now) {
    const bool account =
        outcome.kind == config::OutcomeClass::credit || outcome.kind == config::OutcomeClass::config;
    const bool reached = outcome.kind != config::OutcomeClass::transient || outcome.code != not_reached;
    lane.doubtful = account || !reached;
    if (reached) {
        lane.unreachable = 0;
        return;
    }
    if (lane.stopped_until > now) return;  // those sent together count once
    ++lane.unreachable;
    const auto pause = std::min<Duration>(backoff(lane.unreachable, ports_.random()), longest_pause);
    lane.stopped_until = now + pause;
    ports_.monitor->unreachable(lane.settings.provider->name(), pause);
}

// The provider has answered: that must not be forgotten because the disk is full for a moment.
asio::awaitable<OutcomeDecision> Dispatcher::record(Attempt attempt) {
    while (true) {
        try {
            auto copy = attempt;
            co_return co_await ports_.store->record_attempt(std::move(copy));
        } catch (const std::exception& error) {
            ports_.monitor->worker_failed("dispatcher", error.what());
        }
        if (stopping_) co_return OutcomeDecision{};  // on the next start the attempt counts as unanswered
        asio::steady_timer pause(executor_, store_pause);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

// Also while a round runs (sleeping_until_ is 0 then): its claim may not have seen this message. And when it
// has overslept: the wall clock was set forward.
void Dispatcher::wake(Time due) {
    if (due >= sleeping_until_ && sleeping_until_ > ports_.clock->now()) return;
    sleeping_until_ = Time{};  // it sleeps no more: nobody reserves room before its round
    alarm_->ring();
}

bool Dispatcher::idle() const {
    return !left_ && sleeping_until_ > ports_.clock->now();
}

// With several providers each takes its share of what is claimed in rounds.
std::optional<Claim> Dispatcher::reserve() {
    if (lanes_.size() != 1 || !idle() || stopping_) return std::nullopt;
    auto& lane = *lanes_.front();
    const auto now = ports_.clock->now();
    std::optional<Time> when_there_is_room;
    if (lane.settings.share == 0 || room(lane, now, when_there_is_room) < 1) return std::nullopt;
    lane.bucket.take(1);
    ++lane.in_flight;
    return claim_of(lane, 1, now);
}

void Dispatcher::use_reserved(std::optional<Outbound> message) {
    auto& lane = *lanes_.front();
    if (message) {
        asio::co_spawn(executor_, send(lane, *std::move(message)), asio::detached);
        return;
    }
    lane.bucket.take(-1);
    --lane.in_flight;
    if (!idle()) alarm_->ring();
}

void Dispatcher::stop() {
    stopping_ = true;
    alarm_->ring();
}

int Dispatcher::in_flight() const {
    int sum = 0;
    for (const auto& lane : lanes_)
        sum += lane->in_flight + lane->recording;
    return sum;
}

std::map<std::string, ResendPolicy> Dispatcher::policies() const {
    std::map<std::string, ResendPolicy> policies;
    for (const auto& lane : lanes_)
        if (lane->settings.share > 0)
            policies.emplace(lane->settings.provider->name(), lane->settings.policy);
    return policies;
}

}  // namespace notify
