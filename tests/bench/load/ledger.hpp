// What happened to each message and when, in nanoseconds since the run began (0: not yet), and what the
// measured processes have cost so far, from /proc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench::load {

struct Cost {
    double cpu_seconds = 0;
    double resident_mib = 0;
};

Cost cost_of(const std::vector<int>& processes);

/// As a JSON object of milliseconds: n, p50, p99, p99.9 and max of the ends that came, each from its start.
std::string latencies(const std::vector<std::int64_t>& starts, const std::vector<std::int64_t>& ends);

struct Ledger {
    explicit Ledger(std::size_t messages)
        : intended(messages), accepted(messages), arrived(messages), reported(messages) {}

    /// The first time only; true when it was that.
    static bool note(std::vector<std::int64_t>& times, std::size_t slot, std::int64_t now) {
        if (slot >= times.size() || times[slot] != 0) return false;
        times[slot] = now;
        return true;
    }

    std::vector<std::int64_t> intended, accepted, arrived, reported;
    std::uint32_t accepts = 0, arrivals = 0, reports = 0;
    std::uint32_t refused = 0, busy = 0, broken = 0,
                  repeated = 0;  // answers and arrivals that are not as hoped
};

}  // namespace bench::load
