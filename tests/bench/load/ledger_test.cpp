// What the benchmark's driver says of latencies: a figure that is wrong here would be wrong everywhere.
#include "tests/bench/load/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace {

using bench::load::latencies;
using bench::load::Ledger;

constexpr std::int64_t a_millisecond = 1'000'000;

/// Starts a second apart, and the n-th takes n ms, in an order of their own.
struct Sends {
    explicit Sends(int messages) : starts(static_cast<std::size_t>(messages)), ends(starts.size()) {
        std::vector<std::int64_t> taken(starts.size());
        std::iota(taken.begin(), taken.end(), 1);
        std::ranges::shuffle(taken, std::mt19937_64{20261124});
        for (std::size_t i = 0; i < starts.size(); ++i) {
            starts[i] = static_cast<std::int64_t>(i + 1) * 1000 * a_millisecond;
            ends[i] = starts[i] + taken[i] * a_millisecond;
        }
    }
    std::vector<std::int64_t> starts, ends;
};

TEST(Latencies, name_the_message_below_which_that_share_of_all_messages_lies) {
    const Sends sends(1000);
    EXPECT_EQ(
        latencies(sends.starts, sends.ends),
        R"({"n":1000,"p50":501.000,"p99":991.000,"p99.9":1000.000,"max":1000.000})"
    );
}

TEST(Latencies, of_one_message_are_all_its_own) {
    EXPECT_EQ(
        latencies({5}, {5 + a_millisecond / 4}),
        R"({"n":1,"p50":0.250,"p99":0.250,"p99.9":0.250,"max":0.250})"
    );
}

TEST(Latencies, leave_out_what_never_came_and_say_how_many_did) {
    Sends sends(1000);
    for (std::size_t i = 0; i < sends.ends.size(); ++i)
        if (sends.ends[i] - sends.starts[i] > 500 * a_millisecond) sends.ends[i] = 0;
    EXPECT_EQ(
        latencies(sends.starts, sends.ends),
        R"({"n":500,"p50":251.000,"p99":496.000,"p99.9":500.000,"max":500.000})"
    );
    EXPECT_EQ(latencies({1, 2}, {0, 0}), R"({"n":0})");
}

TEST(Ledger, counts_a_message_once_and_from_its_first_arrival) {
    Ledger ledger(2);
    EXPECT_TRUE(Ledger::note(ledger.arrived, 1, 70));
    EXPECT_FALSE(Ledger::note(ledger.arrived, 1, 90)) << "a repeat was counted";
    EXPECT_FALSE(Ledger::note(ledger.arrived, 2, 90)) << "there is no such message";
    EXPECT_EQ(ledger.arrived, (std::vector<std::int64_t>{0, 70}));
}

}  // namespace
