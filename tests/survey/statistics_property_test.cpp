// Properties of the Wilson interval for every rate.
#include "survey/statistics.hpp"
#include "tests/support/property.hpp"

#include <cmath>

namespace {

using survey::wilson;

constexpr double tolerance = 1e-12;

struct Share {
    int successes, n;
    double rate() const { return static_cast<double>(successes) / n; }
};

Share any_share(int most = 2'000'000'000) {
    const auto n = *rc::gen::inRange(1, most);
    return {*rc::gen::inRange(0, n + 1), n};
}

RC_GTEST_PROP(WilsonProperty, lies_between_0_and_1_and_holds_the_rate, ()) {
    const auto share = any_share();
    const auto interval = wilson(share.successes, share.n);
    RC_ASSERT(interval.low >= 0.0 && interval.high <= 1.0);
    RC_ASSERT(interval.low <= share.rate() + tolerance && share.rate() <= interval.high + tolerance);
    RC_ASSERT(interval.low < interval.high);
}

RC_GTEST_PROP(WilsonProperty, is_symmetric, ()) {
    const auto share = any_share();
    const auto interval = wilson(share.successes, share.n);
    const auto mirrored = wilson(share.n - share.successes, share.n);
    RC_ASSERT(std::abs(interval.low - (1 - mirrored.high)) < 1e-9);
    RC_ASSERT(std::abs(interval.high - (1 - mirrored.low)) < 1e-9);
}

RC_GTEST_PROP(WilsonProperty, narrows_as_answers_grow, ()) {
    const auto share = any_share(1'000'000);
    const auto times = *rc::gen::inRange(2, 100);
    const auto few = wilson(share.successes, share.n);
    const auto many = wilson(share.successes * times, share.n * times);
    RC_ASSERT(many.high - many.low < few.high - few.low);
}

RC_GTEST_PROP(WilsonProperty, rises_with_the_successes, ()) {
    const auto share = any_share(100'000);
    RC_PRE(share.successes < share.n);
    const auto fewer = wilson(share.successes, share.n), more = wilson(share.successes + 1, share.n);
    RC_ASSERT(fewer.low < more.low + tolerance && fewer.high < more.high + tolerance);
}

// The bounds are the rates at which the observed share is just significant (Wilson's own definition).
RC_GTEST_PROP(WilsonProperty, solves_the_equation_it_comes_from, ()) {
    const auto share = any_share(10'000);
    const auto interval = wilson(share.successes, share.n);
    constexpr double z = 1.959963984540054;
    for (const auto bound : {interval.low, interval.high}) {
        const auto distance = share.rate() - bound;
        RC_ASSERT(std::abs(distance * distance - z * z * bound * (1 - bound) / share.n) < 1e-12);
    }
}

}  // namespace
