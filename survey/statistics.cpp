#include "survey/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace survey {

Interval wilson(int successes, int n) {
    constexpr double z = 1.959963984540054;  // two-sided 95 %
    const double p = static_cast<double>(successes) / n;
    const double z2_n = z * z / n;
    const double centre = p + z2_n / 2;
    const double half = z * std::sqrt(p * (1 - p) / n + z2_n / (4.0 * n));
    return {std::max(0.0, (centre - half) / (1 + z2_n)), std::min(1.0, (centre + half) / (1 + z2_n))};
}

}  // namespace survey
