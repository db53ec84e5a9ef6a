#include "tests/sim/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace sim {
namespace {

constexpr std::array<OptionInfo, 29> options_of_both{{
    {"seed", "N", "draws every fate (default 1)"},
    {"api-key", "KEY", "eSMS ApiKey, SpeedSMS token, Kannel username, generic bearer key (default sim)"},
    {"secret-key", "KEY", "eSMS SecretKey, Kannel password (default sim)"},
    {"brandname", "NAME", "the registered brandname (default TAN UYEN)"},
    {"cpid", "ID", "eSMS partner id that signs inbound SMS (default hoiam)"},
    {"private-key", "KEY", "eSMS key that signs inbound SMS (default sim)"},
    {"hook-token", "TOKEN", "bearer token of generic webhooks, token= of Kannel's (default sim)"},
    {"number", "CODE", "the short code that citizens reply to (default 8079)"},
    {"keyword", "WORD", "the keyword of the short code (default TANUYEN)"},
    {"behaviour", "FILE", "rates from a JSON object, names as below with _"},
    {"latency-min", "MS", "least time before an answer"},
    {"latency-max", "MS", "most time before an answer"},
    {"throttle", "RATE", "share of requests answered as too fast"},
    {"transient", "RATE", "share answered as out of order"},
    {"credit", "RATE", "share answered as without balance"},
    {"config", "RATE", "share answered as not allowed"},
    {"content", "RATE", "share answered as a wrong template"},
    {"reset", "RATE", "share closed without an answer, nothing accepted"},
    {"lost", "RATE", "share accepted and closed without an answer"},
    {"refuse", "RATE", "share of the numbers that are refused"},
    {"undelivered", "RATE", "share of the accepted that never arrive"},
    {"no-report", "RATE", "share without a delivery report"},
    {"duplicate-report", "RATE", "share reported twice"},
    {"late-report", "RATE", "share reported late"},
    {"reorder", "RATE", "share with an interim report after the final one"},
    {"report-min", "SECONDS", "least time to the report (default 1)"},
    {"report-max", "SECONDS", "most time to the report (default 3)"},
    {"late-min", "SECONDS", "least time a late report is late (default 60)"},
    {"late-max", "SECONDS", "most time a late report is late (default 600)"},
}};

[[noreturn]] void refuse(const std::string& message) {
    fmt::print(stderr, "{}\n", message);
    std::exit(2);
}

void read_file(const std::string& path, Behaviour& rates) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    const auto object = json_object(text.str());
    if (!file || !object) refuse(fmt::format("--behaviour: {} holds no JSON object", path));
    for (const auto& [name, value] : *object) {
        if (!value.is_number() || !rates.set(name, value.to_number<double>())) {
            refuse(fmt::format("{}: {} is none of {}", path, std::string(name), Behaviour::names()));
        }
    }
}

}  // namespace

std::vector<OptionInfo> shared_options() {
    return {options_of_both.begin(), options_of_both.end()};
}

WireSettings wire_settings(const Options& options) {
    WireSettings settings;
    settings.api_key = options.text("api-key", settings.api_key);
    settings.secret_key = options.text("secret-key", settings.secret_key);
    settings.brandname = options.text("brandname", settings.brandname);
    settings.cpid = options.text("cpid", settings.cpid);
    settings.private_key = options.text("private-key", settings.private_key);
    settings.hook_token = options.text("hook-token", settings.hook_token);
    settings.number = options.text("number", settings.number);
    return settings;
}

Behaviour behaviour(const Options& options, Behaviour start) {
    auto rates = start;
    if (options.has("behaviour")) read_file(options.text("behaviour"), rates);
    for (const auto& [name, value] : start.json()) {
        auto option = std::string(name);
        std::ranges::replace(option, '_', '-');
        if (const auto rate = options.number(option)) rates.set(name, *rate);
    }
    return rates;
}

}  // namespace sim
