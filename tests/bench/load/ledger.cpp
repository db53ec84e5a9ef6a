#include "tests/bench/load/ledger.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bench::load {
namespace {

constexpr int user_time_field = 11;  // after the state, in /proc/PID/stat; the system time follows

double cpu_seconds_of(int process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 2));
    std::string skipped;
    for (int i = 0; i < user_time_field; ++i)
        fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident_mib_of(int process) {
    std::ifstream status(fmt::format("/proc/{}/status", process));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

}  // namespace

Cost cost_of(const std::vector<int>& processes) {
    Cost sum;
    for (const int process : processes) {
        sum.cpu_seconds += cpu_seconds_of(process);
        sum.resident_mib += resident_mib_of(process);
    }
    return sum;
}

std::string latencies(const std::vector<std::int64_t>& starts, const std::vector<std::int64_t>& ends) {
    std::vector<double> ms;
    for (std::size_t i = 0; i < ends.size(); ++i)
        if (ends[i] != 0) ms.push_back(static_cast<double>(ends[i] - starts[i]) / 1e6);
    if (ms.empty()) return R"({"n":0})";
    std::ranges::sort(ms);
    const auto at = [&](double share) {
        return ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
    };
    return fmt::format(
        R"({{"n":{},"p50":{:.3f},"p99":{:.3f},"p99.9":{:.3f},"max":{:.3f}}})", ms.size(), at(0.5), at(0.99),
        at(0.999), ms.back()
    );
}

}  // namespace bench::load
