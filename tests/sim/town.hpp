// Simulated Tân Uyên: replays the sample year through a running daemon on a virtual clock shared over HTTP.
// In each tick it sets the daemon's clock forward, delivers what the world has for it by then (dossier
// events, delivery reports, citizens' replies), and sets the clock again, which makes the daemon do all its
// work and send its SMS to the telecom embedded here; then it jumps to whatever comes next. It can be stopped
// or killed at any moment and goes on from its mark: all it sends again is idempotent on the daemon's side.
// One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>

#include "tests/sim/desk.hpp"
#include "tests/sim/journal.hpp"
#include "tests/sim/town_events.hpp"

namespace sim {

struct TownSettings {
    std::string daemon;  // http://127.0.0.1:8080
    std::string key;     // an admin key of the daemon
    TimePoint start;
    TimePoint until;
    std::chrono::minutes grid{5};
    std::size_t connections = 8;
    std::size_t batch = 200;
};

class Town {
public:
    Town(
        boost::asio::io_context& context, TownSettings settings, const Year& year, std::uint64_t seed,
        Telecom& telecom, Desk& desk, Journal& journal
    );

    // Ends at settings.until or after stop(); throws what cannot be got over.
    boost::asio::awaitable<void> run();
    void stop() { stopping_ = true; }
    bool stopping() const { return stopping_; }

    bool finished() const { return now_ >= settings_.until; }
    TimePoint now() const { return now_; }
    std::string summary() const;

    std::function<void(const std::string&)> on_progress;

private:
    using Job = std::function<boost::asio::awaitable<void>()>;

    void take_up();
    TimePoint next_tick() const;
    boost::asio::awaitable<void> tick(TimePoint at);
    boost::asio::awaitable<void> set_clock(TimePoint at);
    boost::asio::awaitable<void> meet_daemon();
    boost::asio::awaitable<void> send_events(std::size_t from, std::size_t to);
    boost::asio::awaitable<void> send_due(const Due& due);
    boost::asio::awaitable<HttpResult> ask(HttpCall call);
    boost::asio::awaitable<void> together(std::vector<Job> jobs);
    boost::asio::awaitable<void> work(const std::vector<Job>& jobs, std::size_t& next);
    HttpCall daemon_call(std::string method, std::string_view path, std::string body) const;
    void count_reply(const Due& due);
    void report_progress();

    boost::asio::io_context& context_;
    TownSettings settings_;
    Telecom& telecom_;
    Desk& desk_;
    Journal& journal_;
    HttpClient client_;
    std::vector<TownEvent> events_;
    std::size_t next_event_ = 0;
    TimePoint now_;
    TimePoint daemon_now_{};
    std::optional<TimePoint> daemon_due_{};
    bool stopping_ = false;
    std::uint64_t ticks_ = 0;
    std::uint64_t rejected_ = 0;
    std::uint64_t hook_failures_ = 0;
    std::map<std::string, std::uint64_t> replies_;
    std::chrono::steady_clock::time_point last_progress_{};
};

}  // namespace sim
