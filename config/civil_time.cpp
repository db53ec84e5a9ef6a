#include "config/civil_time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace config {
namespace {

using namespace std::chrono;

/// Takes digits and literal characters off the front of a text.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_any(std::string_view chars) {
        if (rest_.empty() || chars.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::size_t leading_digits() const {
        const auto end = rest_.find_first_not_of("0123456789");
        return end == std::string_view::npos ? rest_.size() : end;
    }
    bool done() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

struct Clock24 {
    int hour = 0, minute = 0, second = 0, millisecond = 0;
};

bool plausible(year y) {
    return y >= year(1990) && y <= year(2100);
}

std::optional<Day> day_of(std::optional<int> y, std::optional<int> m, std::optional<int> d) {
    if (!y || !m || !d || !plausible(year(*y))) return std::nullopt;
    const Day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok()) return std::nullopt;
    return date;
}

std::optional<int> fraction_of_second(Scanner& in) {
    const auto count = in.leading_digits();
    if (count == 0 || count > 9) return std::nullopt;
    int scale = 100, value = 0;
    for (std::size_t i = 0; i < count; ++i, scale /= 10)
        value += *in.digits(1) * scale;
    return value;
}

std::optional<Clock24> clock_of(Scanner& in) {
    Clock24 clock;
    const auto h = in.digits(2);
    if (!h || !in.take(':')) return std::nullopt;
    const auto m = in.digits(2);
    if (!m) return std::nullopt;
    clock.hour = *h;
    clock.minute = *m;
    if (in.take(':')) {
        const auto s = in.digits(2);
        if (!s) return std::nullopt;
        clock.second = *s;
        if (in.take_any(".,")) {
            const auto ms = fraction_of_second(in);
            if (!ms) return std::nullopt;
            clock.millisecond = *ms;
        }
    }
    if (clock.hour > 23 || clock.minute > 59 || clock.second > 60) return std::nullopt;
    return clock;
}

std::optional<minutes> zone_of(Scanner& in) {
    if (in.done()) return vietnam_offset;
    if (in.take('Z') || in.take('z')) return in.done() ? std::optional(minutes{0}) : std::nullopt;
    const bool east = in.take('+');
    if (!east && !in.take('-')) return std::nullopt;
    const auto h = in.digits(2);
    in.take(':');
    const auto m = in.done() ? std::optional(0) : in.digits(2);
    if (!h || !m || *h > 14 || *m > 59 || !in.done()) return std::nullopt;
    const auto offset = hours(*h) + minutes(*m);
    return east ? offset : -offset;
}

Time instant(Day date, const Clock24& clock, minutes offset) {
    return sys_days(date) + hours(clock.hour) + minutes(clock.minute) + seconds(clock.second) +
           milliseconds(clock.millisecond) - offset;
}

std::optional<Time> parse_national(Scanner in) {
    const auto y = in.digits(4), m = in.digits(2), d = in.digits(2);
    const auto date = day_of(y, m, d);
    if (!date) return std::nullopt;
    Clock24 clock;
    if (!in.done()) {
        const auto h = in.digits(2), minute = in.digits(2), s = in.digits(2);
        if (!h || !minute || !s || *h > 23 || *minute > 59 || *s > 60) return std::nullopt;
        clock = {*h, *minute, *s, 0};
    }
    return instant(*date, clock, vietnam_offset);
}

std::optional<Time> parse_dashed(Scanner in) {
    const auto y = in.digits(4);
    if (!in.take('-')) return std::nullopt;
    const auto m = in.digits(2);
    if (!in.take('-')) return std::nullopt;
    const auto d = in.digits(2);
    const auto date = day_of(y, m, d);
    if (!date) return std::nullopt;
    if (in.done()) return instant(*date, {}, vietnam_offset);
    if (!in.take_any("Tt ")) return std::nullopt;
    const auto clock = clock_of(in);
    if (!clock) return std::nullopt;
    const auto zone = zone_of(in);
    if (!zone) return std::nullopt;
    return instant(*date, *clock, *zone);
}

std::optional<Time> parse_slashed(Scanner in) {
    const auto d = in.digits(2);
    if (!in.take('/')) return std::nullopt;
    const auto m = in.digits(2);
    if (!in.take('/')) return std::nullopt;
    const auto date = day_of(in.digits(4), m, d);
    if (!date) return std::nullopt;
    Clock24 clock;
    if (in.take(' ')) {
        const auto read = clock_of(in);
        if (!read) return std::nullopt;
        clock = *read;
    }
    if (!in.done()) return std::nullopt;
    return instant(*date, clock, vietnam_offset);
}

}  // namespace

std::expected<Time, std::string> parse_time(std::string_view text) {
    const auto digits = Scanner(text).leading_digits();
    std::optional<Time> time;
    if (digits == text.size() && (digits == 14 || digits == 8))
        time = parse_national(Scanner(text));
    else if (digits == 4)
        time = parse_dashed(Scanner(text));
    else if (digits == 2)
        time = parse_slashed(Scanner(text));
    // A zone may carry the last evening of 2100 over into a year that is none of ours.
    if (time && plausible(civil_day(*time).year())) return *time;
    return std::unexpected(
        "not a date and time; write 2018-01-03T08:30:00+07:00, 2018-01-03 08:30:00, 03/01/2018 08:30 or "
        "20180103083000"
    );
}

std::expected<Day, std::string> parse_day(std::string_view text) {
    const auto time = parse_time(text);
    if (!time) return std::unexpected(time.error());
    return civil_day(*time);
}

Day civil_day(Time time) {
    return Day(floor<days>(time + vietnam_offset));
}

Time start_of(Day date) {
    return Time(sys_days(date)) - vietnam_offset;
}

namespace {

struct Civil {
    Day day;
    hh_mm_ss<milliseconds> clock;
};

Civil civil(Time time) {
    const auto local = time + vietnam_offset;
    const auto midnight = floor<days>(local);
    return {Day(midnight), hh_mm_ss<milliseconds>(local - midnight)};
}

unsigned plain(month m) {
    return static_cast<unsigned>(m);
}
unsigned plain(day d) {
    return static_cast<unsigned>(d);
}

}  // namespace

std::string format_time(Time time) {
    const auto c = civil(time);
    const auto ms = c.clock.subseconds().count();
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}+07:00", int(c.day.year()), plain(c.day.month()),
        plain(c.day.day()), c.clock.hours().count(), c.clock.minutes().count(), c.clock.seconds().count(),
        ms == 0 ? std::string() : fmt::format(".{:03}", ms)
    );
}

std::string format_day(Time time) {
    const auto c = civil(time);
    return fmt::format("{:02}/{:02}/{:04}", plain(c.day.day()), plain(c.day.month()), int(c.day.year()));
}

std::string format_appointment(Time time) {
    const auto c = civil(time);
    return fmt::format(
        "{:02}:{:02} {}", c.clock.hours().count(), c.clock.minutes().count(), format_day(time)
    );
}

std::expected<Month, std::string> Month::parse(std::string_view text) {
    Scanner in(text);
    const auto y = in.digits(4);
    const bool dash = in.take('-');
    const auto m = in.digits(2);
    if (!y || !dash || !m || !in.done() || *m < 1 || *m > 12 || *y < 1990 || *y > 2100)
        return std::unexpected("not a month; write YYYY-MM, as 2018-01");
    return Month(*y * 12 + *m - 1);
}

Month Month::of(Time time) {
    const auto date = civil_day(time);
    return Month(int(date.year()) * 12 + static_cast<int>(plain(date.month())) - 1);
}

std::string Month::str() const {
    return fmt::format("{:04}-{:02}", number_ / 12, number_ % 12 + 1);
}

std::expected<Hours, std::string> Hours::parse(std::string_view text) {
    Scanner in(text);
    std::array<minutes, 2> ends{};
    for (auto& end : ends) {
        const auto h = in.digits(2);
        const bool colon = in.take(':');
        const auto m = in.digits(2);
        if (!h || !colon || !m || *m > 59 || *h * 60 + *m > 24 * 60)
            return std::unexpected("not opening hours; write HH:MM-HH:MM, as 07:00-20:00");
        end = hours(*h) + minutes(*m);
        if (&end == &ends[0] && !in.take('-'))
            return std::unexpected("write a dash between the two hours, as 07:00-20:00");
    }
    if (!in.done() || ends[0] >= ends[1])
        return std::unexpected("the opening must lie before the closing on the same day, as 07:00-20:00");
    return Hours(ends[0], ends[1]);
}

Time Hours::next_within(Time time) const {
    const auto local = time + vietnam_offset;
    const auto midnight = floor<days>(local);
    const auto of_day = local - midnight;
    if (of_day < from_) return midnight + from_ - vietnam_offset;
    if (of_day < to_) return time;
    return midnight + days(1) + from_ - vietnam_offset;
}

std::expected<Duration, std::string> parse_duration(std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, value);
    const std::string_view unit(after, static_cast<std::size_t>(end - after));
    constexpr std::int64_t most = 1'000'000'000;
    if (error == std::errc{} && value >= 0 && value <= most) {
        if (unit == "d" && value <= 36'600) return days(value);
        if (unit == "h") return hours(value);
        if (unit == "m") return minutes(value);
        if (unit == "s") return seconds(value);
        if (unit == "ms") return milliseconds(value);
    }
    return std::unexpected("not a duration; write a whole number and ms, s, m, h or d, as 30s, 2m, 12h or 3d"
    );
}

std::expected<Duration, std::string> parse_timeout(std::string_view text) {
    const auto duration = parse_duration(text);
    if (duration && *duration == Duration::zero()) return std::unexpected("must be longer than 0, as 30s");
    return duration;
}

}  // namespace config
