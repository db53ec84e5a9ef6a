// simulated_town: the year 2018 of Tân Uyên, with its telecom and its citizens, against a running daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>

#include "tests/sim/citizens.hpp"
#include "tests/sim/command_line.hpp"
#include "tests/sim/times.hpp"
#include "tests/sim/town.hpp"

namespace {

namespace asio = boost::asio;

constexpr const char* usage =
    "simulated_town: replays the sample year through a running `hoiam serve --virtual-clock "
    "2018-01-01T00:00:00+07:00`.\n"
    "Stop it with Ctrl-C; started again with the same --state it goes on.\n"
    "Usage: simulated_town --daemon URL --key FILE --year CSV [options]";

std::vector<sim::OptionInfo> known_options() {
    std::vector<sim::OptionInfo> options{
        {"daemon", "URL", "the daemon (default http://127.0.0.1:8080)"},
        {"key", "FILE", "holds an admin key of the daemon"},
        {"year", "CSV", "the sample year, unpacked"},
        {"listen", "ADDRESS", "where the telecom listens (default 127.0.0.1:8090)"},
        {"state", "DIR", "keeps the journal and the mark (default town-state)"},
        {"until", "TIME", "runs so far (default 2019-01-15T00:00:00+07:00)"},
        {"hook", "NAME", "the provider's name in the daemon's configuration (default esms)"},
        {"answers", "SHARE", "share of the survey questions that are answered (default 0.35)"},
        {"grid", "MINUTES", "the world's grain (default 5)"},
        {"connections", "N", "connections to the daemon (default 8)"},
    };
    for (const auto& option : sim::shared_options())
        options.push_back(option);
    return options;
}

std::string content_of(const std::string& path, std::string_view what) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error(fmt::format("--{}: cannot read '{}'", what, path));
    return text.str();
}

std::string without_blanks(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.pop_back();
    return text;
}

sim::TimePoint time_of(const std::string& text) {
    if (const auto time = sim::parse_rfc3339(text)) return *time;
    throw std::runtime_error(fmt::format("--until: '{}' is no time such as 2018-03-01T00:00:00+07:00", text));
}

sim::TownSettings town_settings(const sim::Options& options) {
    auto daemon = options.text("daemon", "http://127.0.0.1:8080");
    while (daemon.ends_with('/'))
        daemon.pop_back();
    return {
        .daemon = daemon,
        .key = without_blanks(content_of(options.text("key"), "key")),
        .start = time_of("2018-01-01T00:00:00+07:00"),
        .until = time_of(options.text("until", "2019-01-15T00:00:00+07:00")),
        .grid = std::chrono::minutes(std::max<std::uint64_t>(options.whole("grid", 5), 1)),
        .connections = std::max<std::size_t>(options.whole("connections", 8), 1),
    };
}

std::uint16_t listen_port(const sim::Options& options) {
    const auto address = options.text("listen", "127.0.0.1:8090");
    const auto colon = address.rfind(':');
    if (address.substr(0, colon) != "127.0.0.1" && address.substr(0, colon) != "localhost") {
        throw std::runtime_error("--listen: the telecom listens on 127.0.0.1 only, such as 127.0.0.1:8090");
    }
    return static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
}

sim::Behaviour usual_behaviour() {
    sim::Behaviour rates;
    rates.report_min = 4;
    rates.report_max = 90;
    rates.undelivered = 0.015;
    rates.no_report = 0.004;
    rates.duplicate_report = 0.01;
    rates.late_report = 0.02;
    rates.reorder = 0.01;
    rates.lost = 0.002;
    rates.transient = 0.003;
    rates.refuse = 0.004;
    return rates;
}

void show_progress(const std::string& line) {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    fmt::print(stderr, "{}{}{}", terminal ? "\r\033[K" : "", line, terminal ? "" : "\n");
    std::fflush(stderr);
}

int run(const sim::Options& options) {
    asio::io_context context(1);
    const auto seed = options.whole("seed", 1);
    const auto year = sim::Year::read(content_of(options.text("year"), "year"));
    if (!year) throw std::runtime_error("--year: " + year.error());
    const auto settings = town_settings(options);
    auto wires = sim::wire_settings(options);
    wires.inbound_url = fmt::format("{}/hooks/{}/inbound", settings.daemon, options.text("hook", "esms"));
    wires.report_url = fmt::format("{}/hooks/{}/report", settings.daemon, options.text("hook", "esms"));

    sim::Telecom telecom(seed, sim::behaviour(options, usual_behaviour()));
    sim::CitizenSettings manners;
    manners.keyword = options.text("keyword", manners.keyword);
    manners.answers = options.number("answers").value_or(manners.answers);
    sim::Citizens citizens(seed, manners, [&](const sim::Message& message) {
        return year->truth_in(message.text);
    });
    telecom.citizen = [&](const sim::Message& message, sim::TimePoint at) {
        return citizens.receive(message, at);
    };
    sim::Desk desk(telecom, wires);
    sim::Journal journal(options.text("state", "town-state"));
    sim::Town town(context, settings, *year, seed, telecom, desk, journal);
    town.on_progress = show_progress;
    sim::HttpServer server(context, listen_port(options), [&](const sim::HttpRequest& request) {
        return desk.serve(request);
    });
    fmt::print("listening on 127.0.0.1:{}\n", server.port());
    std::fflush(stdout);

    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) town.stop();
    });
    std::exception_ptr failure;
    asio::co_spawn(context, town.run(), [&](std::exception_ptr error) {
        failure = error;
        context.stop();
    });
    context.run();
    if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\n");
    if (failure && !town.stopping()) std::rethrow_exception(failure);  // else the daemon stopped before us
    fmt::print("{}{}\n", town.finished() ? "" : "stopped, start again to go on; ", town.summary());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(sim::Options(argc, argv, usage, known_options()));
    } catch (const std::exception& error) {
        fmt::print(stderr, "simulated_town: {}\n", error.what());
        return 1;
    }
}
