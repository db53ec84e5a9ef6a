#include "tests/bench/load/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <stdexcept>

namespace bench::load {

const char* const usage =
    "load out|in|accept --peer hoiam|kannel --port P --sink-port P [options]\n"
    "  out      events (or sendsms requests) in, SMS out to the sink, reports back\n"
    "  in       inbound SMS in, the answer to the citizen out to the sink; hoiam is first given the surveys "
    "to answer\n"
    "  accept   only until everything is accepted: the telecom is down\n"
    "  --key KEY            hoiam's API key\n"
    "  --hook-port P        where reports and inbound SMS go (default: --port)\n"
    "  --pid N              counts this process's CPU and memory; may be repeated\n"
    "  --messages N         default 20000; --first N: number of the first one, default 0\n"
    "  --connections N      default 64\n"
    "  --rate N             messages a second, on schedule; default: as fast as answers come\n"
    "  --reports none|at_once|in_order|random   the last two: when all are sent, and measured alone\n"
    "  --delay-ms N         before the sink answers; --limit SECONDS: gives up, default 300; --seed N: of "
    "random order\n";

namespace {

template <typename Number>
Number number(std::string_view name, std::string_view text, Number least, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw std::runtime_error(
            fmt::format("{} {}: a number from {} to {} is wanted", name, text, least, most)
        );
    return value;
}

template <typename Choice>
Choice one_of(
    std::string_view name, std::string_view text, const std::map<std::string_view, Choice>& choices
) {
    const auto found = choices.find(text);
    if (found == choices.end()) throw std::runtime_error(fmt::format("{} {}: unknown", name, text));
    return found->second;
}

const std::map<std::string_view, Direction> directions{
    {"out", Direction::out}, {"in", Direction::in}, {"accept", Direction::accept}
};
const std::map<std::string_view, Reports> report_orders{
    {"none", Reports::none},
    {"at_once", Reports::at_once},
    {"in_order", Reports::in_order},
    {"random", Reports::random}
};
const std::map<std::string_view, bool> peers{{"hoiam", false}, {"kannel", true}};

}  // namespace

Options options_from(int argc, char** argv) {
    if (argc < 2) throw std::runtime_error("out, in or accept is wanted");
    Options o;
    o.direction = one_of("direction", argv[1], directions);
    using Set = std::function<void(std::string_view, std::string_view)>;
    const auto port = [](std::uint16_t& into) -> Set {
        return [&](auto name, auto text) { into = number<std::uint16_t>(name, text, 1, 65'535); };
    };
    const auto integer = [](int& into, int least, int most) -> Set {
        return [&into, least, most](auto name, auto text) { into = number(name, text, least, most); };
    };
    const auto count = [](std::uint32_t& into, std::uint32_t least) -> Set {
        return [&into, least](auto name, auto text) { into = number(name, text, least, 9'000'000U); };
    };
    const std::map<std::string_view, Set> known{
        {"--peer", [&](auto name, auto text) { o.kannel = one_of(name, text, peers); }},
        {"--port", port(o.port)},
        {"--hook-port", port(o.hook_port)},
        {"--sink-port", port(o.sink_port)},
        {"--key", [&](auto, auto text) { o.key = text; }},
        {"--pid", [&](auto name, auto text) { o.processes.push_back(number(name, text, 1, 1 << 30)); }},
        {"--messages", count(o.messages, 1)},
        {"--first", count(o.first, 0)},
        {"--connections", integer(o.connections, 1, 2000)},
        {"--rate", [&](auto name, auto text) { o.rate = number(name, text, 1.0, 1e6); }},
        {"--reports", [&](auto name, auto text) { o.reports = one_of(name, text, report_orders); }},
        {"--delay-ms", integer(o.delay_ms, 0, 60'000)},
        {"--limit", integer(o.limit_s, 1, 3600)},
        {"--seed", [&](auto name, auto text) { o.seed = number<std::uint64_t>(name, text, 0, ~0ULL); }},
    };
    for (int i = 2; i < argc; i += 2) {
        const auto found = known.find(argv[i]);
        if (found == known.end() || i + 1 == argc)
            throw std::runtime_error(fmt::format("{}: unknown or without a value", argv[i]));
        found->second(argv[i], argv[i + 1]);
    }
    if (o.port == 0 || o.sink_port == 0) throw std::runtime_error("--port and --sink-port are wanted");
    if (o.hook_port == 0) o.hook_port = o.port;
    return o;
}

}  // namespace bench::load
