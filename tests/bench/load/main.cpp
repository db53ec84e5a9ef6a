// The load driver and sink of tests/bench/compare and the other benchmarks; see options.cpp for its command
// line.
#include "tests/bench/load/options.hpp"
#include "tests/bench/load/run.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <string_view>

namespace {

// A thousand connections each way are more than the usual limit.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        fmt::print("{}", bench::load::usage);
        return 0;
    }
    try {
        const auto options = bench::load::options_from(argc, argv);
        raise_descriptor_limit();
        return bench::load::Run(options).go() ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "load: {}\n{}", error.what(), bench::load::usage);
        return 2;
    }
}
