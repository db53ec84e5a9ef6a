// The core loop from outside: a load driver posts one dossier event per request, the real daemon stores and
// sends, an HTTP sink plays the telecom and, with --reports, reports each message delivered. All on loopback.
// Prints messages per second, latencies from the intended send time, CPU per 1,000 messages and memory.
//   end_to_end [--hoiam FILE] [--messages N] [--connections N] [--rate PER_SECOND] [--reports]
// Without --rate the driver sends as fast as answers come (closed loop); with it, on schedule (open loop).
#include "tests/bench/daemon_process.hpp"
#include "tests/sim/http.hpp"

#include <fmt/format.h>
#include <boost/asio.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace {

namespace asio = boost::asio;
using Instant = std::chrono::steady_clock::time_point;
using namespace std::chrono_literals;

struct Options {
    std::filesystem::path hoiam = "build/hoiam";
    int messages = 20'000;
    int connections = 64;
    double rate = 0;
    bool reports = false;
};

Options options_from(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--reports")
            options.reports = true;
        else if (i + 1 >= argc)
            throw std::runtime_error("no value for " + std::string(name));
        else if (name == "--hoiam")
            options.hoiam = argv[++i];
        else if (name == "--messages")
            options.messages = std::clamp(std::atoi(argv[++i]), 1, 1'000'000);
        else if (name == "--connections")
            options.connections = std::clamp(std::atoi(argv[++i]), 1, 1000);
        else if (name == "--rate")
            options.rate = std::atof(argv[++i]);
        else
            throw std::runtime_error("unknown option " + std::string(name));
    }
    return options;
}

/// What happened to each message, by its number.
struct Ledger {
    explicit Ledger(int messages) : intended(n(messages)), answered(n(messages)), arrived(n(messages)) {}
    static std::size_t n(int messages) { return static_cast<std::size_t>(messages); }
    std::vector<Instant> intended, answered, arrived;
    int arrivals = 0, refused = 0, reports = 0;
};

std::string now_text() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

std::string event_json(int number) {
    const auto now = now_text();
    return fmt::format(
        R"({{"event_id":"b{0}","dossier":"BENCH-{0:07}","status":9,"at":"{1}","commune":"25888","received_at":"{1}",)"
        R"("procedure":{{"code":"1.001193","name":"Đăng ký khai sinh"}},"applicant":{{"name":"Nguyễn Văn A","phone":"09{2:08}"}}}})",
        number, now, 10'000'000 + number
    );
}

class Benchmark {
public:
    explicit Benchmark(const Options& options)
        : options_(options),
          ledger_(options.messages),
          client_(context_),
          sink_(context_, 0, [this](const sim::HttpRequest& request) { return take(request); }),
          daemon_(options.hoiam, sink_.port()) {}

    void run() {
        idle_ = daemon_.cost();
        start_ = std::chrono::steady_clock::now();
        for (int i = 0; i < options_.connections; ++i)
            asio::co_spawn(context_, drive(), asio::detached);
        context_.run_for(300s);
        print();
    }

private:
    // The driver's next message and when it should go out.
    asio::awaitable<void> drive() {
        asio::steady_timer timer(context_);
        while (next_ < options_.messages) {
            const int number = next_++;
            const auto slot = static_cast<std::size_t>(number);
            ledger_.intended[slot] = std::chrono::steady_clock::now();
            if (options_.rate > 0) {
                ledger_.intended[slot] = start_ + std::chrono::duration_cast<Instant::duration>(
                                                      std::chrono::duration<double>(number / options_.rate)
                                                  );
                timer.expires_at(ledger_.intended[slot]);
                co_await timer.async_wait(asio::use_awaitable);
            }
            sim::HttpCall call{
                "POST",
                daemon_.url() + "/v1/dossier-events",
                {{"Authorization", "Bearer " + daemon_.key()}, {"Content-Type", "application/json"}},
                event_json(number)
            };
            const auto result = co_await client_.send(std::move(call));
            ledger_.answered[slot] = std::chrono::steady_clock::now();
            if (result.status != 202) ++ledger_.refused;
        }
        check_done();
    }

    sim::HttpAnswer take(const sim::HttpRequest& request) {
        const auto at = request.body.find("BENCH-");
        const auto id_at = request.body.find("\"id\":\"");
        if (at == std::string::npos || id_at == std::string::npos) return {.status = 400};
        const auto slot = static_cast<std::size_t>(std::atoi(request.body.c_str() + at + 6));
        ledger_.arrived.at(slot) = std::chrono::steady_clock::now();
        ++ledger_.arrivals;
        const auto id = request.body.substr(id_at + 6, request.body.find('"', id_at + 6) - id_at - 6);
        if (options_.reports) asio::co_spawn(context_, report(id), asio::detached);
        check_done();
        return {.status = 202, .body = fmt::format(R"({{"status":"accepted","message_id":"{}"}})", id)};
    }

    asio::awaitable<void> report(std::string id) {
        sim::HttpCall call{
            "POST",
            daemon_.url() + "/hooks/generic/report",
            {{"Authorization", "Bearer bench"}, {"Content-Type", "application/json"}},
            fmt::format(R"({{"message_id":"{0}","id":"{0}","status":"delivered"}})", id)
        };
        co_await client_.send(std::move(call));
        ++ledger_.reports;
        check_done();
    }

    void check_done() {
        const bool all = ledger_.arrivals + ledger_.refused >= options_.messages &&
                         (!options_.reports || ledger_.reports >= ledger_.arrivals);
        if (!all || done_) return;
        done_ = true;
        end_ = std::chrono::steady_clock::now();
        context_.stop();
    }

    void print() {
        const auto cost = daemon_.cost();
        const double seconds =
            std::chrono::duration<double>((done_ ? end_ : std::chrono::steady_clock::now()) - start_).count();
        fmt::print(
            "messages {} of {} ({} refused), reports {}, {:.2f} s\n", ledger_.arrivals, options_.messages,
            ledger_.refused, ledger_.reports, seconds
        );
        fmt::print("rate {:.0f} messages/s\n", ledger_.arrivals / seconds);
        print_latency("accepted", ledger_.answered);
        print_latency("end to end", ledger_.arrived);
        fmt::print(
            "cpu {:.3f} s per 1,000 messages\n",
            (cost.cpu_seconds - idle_.cpu_seconds) * 1000 / ledger_.arrivals
        );
        fmt::print(
            "memory {:.1f} MiB resident idle, {:.1f} MiB after\n", idle_.resident_mib, cost.resident_mib
        );
    }

    void print_latency(const char* name, const std::vector<Instant>& ends) const {
        std::vector<double> ms;
        for (std::size_t i = 0; i < ends.size(); ++i)
            if (ends[i] != Instant{})
                ms.push_back(std::chrono::duration<double, std::milli>(ends[i] - ledger_.intended[i]).count()
                );
        if (ms.empty()) return;
        std::ranges::sort(ms);
        const auto at = [&](double share) {
            return ms[std::min(
                ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size()))
            )];
        };
        fmt::print(
            "{} ms: p50 {:.2f}, p99 {:.2f}, p99.9 {:.2f}, max {:.2f}\n", name, at(0.5), at(0.99), at(0.999),
            ms.back()
        );
    }

    Options options_;
    asio::io_context context_{1};
    Ledger ledger_;
    sim::HttpClient client_;
    sim::HttpServer sink_;
    bench::DaemonProcess daemon_;
    bench::Cost idle_;
    Instant start_, end_;
    int next_ = 0;
    bool done_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        Benchmark(options_from(argc, argv)).run();
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "end_to_end: {}\n", error.what());
        return 1;
    }
}
