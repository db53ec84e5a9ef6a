// A mistyped option must stop the driver: a run of something else than was asked for is a wrong figure.
#include "tests/bench/load/options.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using bench::load::Direction;
using bench::load::Options;
using bench::load::Reports;

Options options(std::vector<std::string> words) {
    words.insert(words.begin(), "load");
    std::vector<char*> arguments;
    for (auto& word : words)
        arguments.push_back(word.data());
    return bench::load::options_from(static_cast<int>(arguments.size()), arguments.data());
}

std::string mistake(std::vector<std::string> words) {
    try {
        options(std::move(words));
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

TEST(Options, say_what_is_run) {
    const auto o = options(
        {"in", "--peer", "kannel", "--port", "8001", "--sink-port", "8002", "--pid", "11", "--pid", "12",
         "--rate", "2500.5", "--seed", "18446744073709551615", "--reports", "random", "--messages", "9000000"}
    );
    EXPECT_EQ(o.direction, Direction::in);
    EXPECT_TRUE(o.kannel);
    EXPECT_EQ(o.hook_port, 8001) << "reports go where messages go unless said otherwise";
    EXPECT_EQ(o.processes, (std::vector{11, 12}));
    EXPECT_EQ(o.rate, 2500.5);
    EXPECT_EQ(o.seed, ~std::uint64_t{0});
    EXPECT_EQ(o.reports, Reports::random);
    EXPECT_EQ(o.messages, 9'000'000U);
}

TEST(Options, that_are_wrong_say_which_and_what_is_wanted) {
    EXPECT_EQ(mistake({}), "out, in or accept is wanted");
    EXPECT_EQ(mistake({"sideways"}), "direction sideways: unknown");
    EXPECT_EQ(mistake({"out", "--messages", "0"}), "--messages 0: a number from 1 to 9000000 is wanted");
    EXPECT_EQ(mistake({"out", "--messages", "20k"}), "--messages 20k: a number from 1 to 9000000 is wanted");
    EXPECT_EQ(mistake({"out", "--messages", "-1"}), "--messages -1: a number from 1 to 9000000 is wanted");
    EXPECT_EQ(mistake({"out", "--port", "65536"}), "--port 65536: a number from 1 to 65535 is wanted");
    EXPECT_EQ(mistake({"out", "--peer", "jasmin"}), "--peer jasmin: unknown");
    EXPECT_EQ(mistake({"out", "--mesages", "5"}), "--mesages: unknown or without a value");
    EXPECT_EQ(mistake({"out", "--port"}), "--port: unknown or without a value");
    EXPECT_EQ(mistake({"out", "--port", "1"}), "--port and --sink-port are wanted");
}

}  // namespace
