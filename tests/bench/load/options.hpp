// What one run of the load driver does, from the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench::load {

enum class Direction { out, in, accept };
enum class Reports { none, at_once, in_order, random };

struct Options {
    Direction direction = Direction::out;
    bool kannel = false;  // else hoiam
    std::uint16_t port = 0, hook_port = 0, sink_port = 0;
    std::string key;
    std::vector<int> processes;  // whose CPU and memory are counted
    std::uint32_t messages = 20'000, first = 0;
    int connections = 64;
    double rate = 0;  // messages a second on schedule; 0: as fast as answers come
    Reports reports = Reports::none;
    int delay_ms = 0;
    int limit_s = 300;
    std::uint64_t seed = 1;
};

/// Throws std::runtime_error with one sentence about what is wrong.
Options options_from(int argc, char** argv);
extern const char* const usage;

}  // namespace bench::load
