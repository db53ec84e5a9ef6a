#include "tests/sim/times.hpp"

#include <fmt/format.h>

#include <charconv>

namespace sim {
namespace {

using namespace std::chrono;

constexpr auto local = hours{7};

struct Civil {
    year_month_day day;
    hh_mm_ss<milliseconds> time;
};

Civil civil(TimePoint at) {
    const auto shifted = at + local;
    const auto midnight = floor<days>(shifted);
    return {year_month_day{midnight}, hh_mm_ss{shifted - midnight}};
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string formatted(TimePoint at, std::string_view form) {
    const auto [day, time] = civil(at);
    return fmt::format(
        fmt::runtime(form), static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day()), time.hours().count(), time.minutes().count(), time.seconds().count()
    );
}

std::optional<minutes> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z") return minutes{0};
    if (zone.size() != 6 || zone[3] != ':') return std::nullopt;
    const auto hour = number(zone.substr(1, 2));
    const auto minute = number(zone.substr(4, 2));
    if (!hour || !minute) return std::nullopt;
    return minutes{(*hour * 60 + *minute) * (zone[0] == '-' ? -1 : 1)};
}

}  // namespace

std::string rfc3339(TimePoint at) {
    return formatted(at, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+07:00");
}

std::string compact(TimePoint at) {
    return formatted(at, "{:04}{:02}{:02}{:02}{:02}{:02}");
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
    if (text.size() < 20) return std::nullopt;
    const auto zone_at = text.find_first_of("Zz+-", 19);
    if (zone_at == std::string_view::npos) return std::nullopt;
    const auto offset = offset_of(text.substr(zone_at));
    const auto year_ = number(text.substr(0, 4));
    const auto month_ = number(text.substr(5, 2));
    const auto day_ = number(text.substr(8, 2));
    const auto hour = number(text.substr(11, 2));
    const auto minute = number(text.substr(14, 2));
    const auto second = number(text.substr(17, 2));
    if (!offset || !year_ || !month_ || !day_ || !hour || !minute || !second) return std::nullopt;
    const year_month_day date{
        year{*year_}, month{static_cast<unsigned>(*month_)}, day{static_cast<unsigned>(*day_)}
    };
    if (!date.ok()) return std::nullopt;
    milliseconds fraction{0};
    if (text[19] == '.') {
        auto digits = std::string(text.substr(20, zone_at - 20)) + "000";
        fraction = milliseconds{number(std::string_view(digits).substr(0, 3)).value_or(0)};
    }
    return sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} + fraction - *offset;
}

minutes time_of_day(TimePoint at) {
    const auto shifted = at + local;
    return floor<minutes>(shifted - floor<days>(shifted));
}

}  // namespace sim
