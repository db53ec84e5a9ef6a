// Honest numbers: a rate with its confidence interval, withheld where there are too few answers. Pure.
#pragma once

#include <optional>

namespace survey {

struct Interval {
    double low = 0, high = 0;
};

/// Wilson score interval at 95 % for `successes` of `n` (E. B. Wilson, 1927); n must be positive.
Interval wilson(int successes, int n);

}  // namespace survey
