// Instants as the simulated world writes them: civil time of Vietnam, UTC+7 all year. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/telecom.hpp"

namespace sim {

std::string rfc3339(TimePoint at);  // 2018-01-02T07:43:11+07:00
std::string compact(TimePoint at);  // 20180102074311
std::optional<TimePoint> parse_rfc3339(std::string_view text);
std::chrono::minutes time_of_day(TimePoint at);  // since local midnight

}  // namespace sim
