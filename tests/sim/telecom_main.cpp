// telecom_sim: a telecom on loopback that speaks eSMS, SpeedSMS, Kannel and a plain JSON protocol in real
// time.
#include <fmt/format.h>

#include <boost/asio.hpp>
#include <cstdio>
#include <exception>

#include "tests/sim/citizens.hpp"
#include "tests/sim/command_line.hpp"
#include "tests/sim/realtime.hpp"

namespace {

std::vector<sim::OptionInfo> known_options() {
    std::vector<sim::OptionInfo> options{
        {"port", "PORT", "where to listen on 127.0.0.1 (default 0: any)"},
        {"inbound", "URL", "where citizens' SMS go; {provider} is replaced (default the daemon on 8080)"},
        {"report", "URL", "where SpeedSMS reports go; {provider} is replaced"},
        {"citizens", "", "let simulated citizens answer the surveys"},
        {"answers", "SHARE", "share of the survey questions they answer (default 0.35)"},
        {"within", "SECONDS", "citizens answer so soon at any hour (default 5)"},
    };
    for (const auto& option : sim::shared_options())
        options.push_back(option);
    return options;
}

int run(const sim::Options& options) {
    boost::asio::io_context context(1);
    const auto seed = options.whole("seed", 1);
    auto settings = sim::wire_settings(options);
    settings.inbound_url = options.text("inbound", settings.inbound_url);
    settings.report_url = options.text("report", settings.report_url);

    sim::Telecom telecom(seed, sim::behaviour(options, {}));
    sim::CitizenSettings manners;
    manners.keyword = options.text("keyword", manners.keyword);
    manners.answers = options.number("answers").value_or(manners.answers);
    manners.within = std::chrono::seconds(options.whole("within", 5));
    sim::Citizens citizens(seed, manners, {});
    if (options.has("citizens")) {
        telecom.citizen = [&](const sim::Message& message, sim::TimePoint at) {
            return citizens.receive(message, at);
        };
    }
    sim::Desk desk(telecom, settings);
    sim::RealTime real_time(context, telecom, desk);
    const auto port = static_cast<std::uint16_t>(options.whole("port", 0));
    sim::HttpServer server(context, port, [&](const sim::HttpRequest& request) {
        return real_time.serve(request);
    });
    fmt::print("listening on 127.0.0.1:{}\n", server.port());
    std::fflush(stdout);

    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
    context.run();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(sim::Options(
            argc, argv, "telecom_sim: an SMS provider on loopback, for tests.\nUsage: telecom_sim [options]",
            known_options()
        ));
    } catch (const std::exception& error) {
        fmt::print(stderr, "telecom_sim: {}\n", error.what());
        return 1;
    }
}
