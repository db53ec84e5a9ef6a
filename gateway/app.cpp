#include "gateway/app.hpp"

#include "gateway/api/api.hpp"
#include "gateway/http/server.hpp"
#include "gateway/report_worker.hpp"
#include "gateway/retention.hpp"
#include "gateway/rulebook.hpp"
#include "gateway/storage/sqlite_store.hpp"
#include "gateway/telemetry/log.hpp"
#include "notify/dispatcher.hpp"
#include "notify/provider/profile_provider.hpp"
#include "survey/timekeeper.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

namespace gateway {

namespace asio = boost::asio;
using telemetry::Level;

namespace {

constexpr std::chrono::seconds longest_stop{60};  // two provider time-outs; then the watchdog ends it
constexpr std::chrono::milliseconds stop_poll{20};
constexpr std::chrono::seconds between_looks{5};

/// Ends the process when a stop takes too long, so that a service manager is never left waiting.
class Watchdog {
public:
    void arm() {
        thread_ = std::thread([this] {
            std::unique_lock lock(mutex_);
            if (done_.wait_for(lock, longest_stop, [this] { return finished_; })) return;
            telemetry::log(
                Level::error, "stop_hangs",
                {{"what_happens", "the process ends; messages in flight count as unanswered on the next start"
                }}
            );
            std::_Exit(1);
        });
    }
    ~Watchdog() {
        {
            const std::lock_guard lock(mutex_);
            finished_ = true;
        }
        done_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

private:
    std::mutex mutex_;
    std::condition_variable done_;
    bool finished_ = false;
    std::thread thread_;
};

std::vector<notify::ProviderLane> lanes_of(
    const config::Settings& settings, notify::provider::HttpClient& client
) {
    std::vector<notify::ProviderLane> lanes;
    lanes.reserve(settings.providers.size());
    for (const auto& provider : settings.providers)
        lanes.push_back({
            .provider = std::make_unique<notify::provider::ProfileProvider>(provider, client),
            .policy = {provider.profile.idempotency},
            .rate = provider.profile.rate,
            .in_flight_limit = provider.profile.in_flight,
            .share = provider.share,
        });
    return lanes;
}

int most_in_flight(const config::Settings& settings) {
    int sum = 0;
    for (const auto& provider : settings.providers)
        sum += provider.profile.in_flight;
    return sum;
}

class Daemon {
public:
    Daemon(const config::Settings& settings, const ServeOptions& options)
        : settings_(settings),
          executor_(context_.get_executor()),
          signals_(context_, SIGINT, SIGTERM),
          reader_(settings.lexicon),
          store_(settings.storage.sqlite_file, rulebook(settings_, reader_)),
          virtual_clock_(
              options.virtual_clock ? std::make_unique<VirtualClock>(executor_, *options.virtual_clock)
                                    : nullptr
          ),
          clock_(virtual_clock_ ? static_cast<notify::Clock&>(*virtual_clock_) : system_clock_),
          access_(store_),
          client_(executor_, most_in_flight(settings)),
          dispatcher_(
              executor_, lanes_of(settings, client_),
              {&store_, &clock_, &metrics_, [this] { return random_(engine_); }}
          ),
          timekeeper_(
              executor_, {&store_, &clock_, &metrics_, [this](config::Time due) { dispatcher_.wake(due); }}
          ),
          report_worker_(executor_, {&store_, &clock_, &metrics_}),
          retention_(executor_, settings.retention, {&store_, &clock_, &metrics_}),
          server_(executor_, settings.server, api::make_handler(ports())) {}

    int run() {
        asio::co_spawn(executor_, start(), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
        });
        context_.run();
        telemetry::log(Level::info, "stopped");
        return 0;
    }

private:
    api::Ports ports() {
        return {
            .settings = &settings_,
            .messages = &store_,
            .survey = &store_,
            .access = &access_,
            .clock = &clock_,
            .metrics = &metrics_,
            .virtual_clock = virtual_clock_.get(),
            .outbox_due = [this](config::Time due) { dispatcher_.wake(due); },
            .reserve = [this] { return dispatcher_.reserve(); },
            .use_reserved = [this](std::optional<notify::Outbound> message
                            ) { dispatcher_.use_reserved(std::move(message)); },
            .report_deferred = [this] { report_worker_.wake(); },
            .timer_due = [this](config::Time due) { timekeeper_.wake(due); },
            .ready = [this] { return ready_; },
            .measure = [this] { return measure(); },
        };
    }

    asio::awaitable<void> start() {
        const auto recovered = co_await store_.recover(dispatcher_.policies(), clock_.now());
        spawn(dispatcher_.run());
        spawn(timekeeper_.run());
        spawn(report_worker_.run());
        spawn(retention_.run());
        spawn(server_.run());
        ready_ = true;
        spawn(look_again());
        telemetry::log(
            Level::info, "ready",
            {{"listen", fmt::format("{}:{}", settings_.server.address, server_.port())},
             {"providers", std::to_string(settings_.providers.size())},
             {"unanswered_at_last_stop", std::to_string(recovered)}}
        );
        const int signal = co_await signals_.async_wait(asio::use_awaitable);
        telemetry::log(Level::info, "stopping", {{"signal", std::to_string(signal)}});
        co_await stop();
        context_.stop();  // all is done; the HTTP client still watches its kept connections
    }

    // Another process may bring messages and timers, too: an import.
    asio::awaitable<void> look_again() {
        while (ready_) {
            look_timer_.expires_after(between_looks);
            boost::system::error_code ended_early;
            co_await look_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ended_early));
            if (!ready_) break;
            dispatcher_.wake(clock_.now());
            timekeeper_.wake(clock_.now());
        }
    }

    asio::awaitable<void> stop() {
        ready_ = false;
        look_timer_.cancel();
        watchdog_.arm();
        server_.stop();
        timekeeper_.stop();
        report_worker_.stop();
        retention_.stop();
        dispatcher_.stop();
        asio::steady_timer timer(executor_);
        while (server_.connections() > 0 || dispatcher_.in_flight() > 0 || running_ > 0) {
            timer.expires_after(stop_poll);
            co_await timer.async_wait(asio::use_awaitable);
        }
    }

    void spawn(asio::awaitable<void> worker) {
        ++running_;
        asio::co_spawn(executor_, std::move(worker), [this](const std::exception_ptr& error) {
            --running_;
            if (error) std::rethrow_exception(error);
        });
    }

    asio::awaitable<void> measure() {
        const auto depths = co_await store_.message_states();
        metrics_.queues(depths);
    }

    const config::Settings& settings_;
    Watchdog watchdog_;
    asio::io_context context_{1};
    asio::any_io_executor executor_;
    asio::signal_set signals_;
    telemetry::Metrics metrics_;
    survey::text::Reader reader_;
    storage::SqliteStore store_;
    notify::SystemClock system_clock_;
    std::unique_ptr<VirtualClock> virtual_clock_;
    notify::Clock& clock_;
    api::Access access_;
    std::mt19937_64 engine_{std::random_device{}()};
    std::uniform_real_distribution<double> random_{0, 1};
    notify::provider::HttpClient client_;
    notify::Dispatcher dispatcher_;
    survey::Timekeeper timekeeper_;
    ReportWorker report_worker_;
    Retention retention_;
    http::Server server_;
    asio::steady_timer look_timer_{executor_};
    int running_ = 0;
    bool ready_ = false;
};

}  // namespace

int serve(const config::Settings& settings, const ServeOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto lock = storage::lock_for_daemon(settings.storage.sqlite_file);
    if (!lock) {
        fmt::print(stderr, "hoiam: {}\n", lock.error());
        return 1;
    }
    try {
        return Daemon(settings, options).run();
    } catch (const boost::system::system_error& error) {
        fmt::print(
            stderr, "hoiam: cannot serve on {}:{}: {}; mend [server] listen or stop what uses the port\n",
            settings.server.address, settings.server.port, error.code().message()
        );
        return 1;
    }
}

}  // namespace gateway
