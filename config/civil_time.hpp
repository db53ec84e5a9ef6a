// Time as the office sees it. An instant is a Time (UTC, milliseconds); days, months and opening hours are
// civil, in Vietnam's zone: UTC+7 all year, no daylight saving, so no time zone database is needed.
// Reads the three forms in which one-stop software writes dates (national "yyyyMMddHHmmss",
// "yyyy-MM-dd HH:mm:ss" and ISO 8601 / RFC 3339); a text without a zone is Vietnamese local time.
// Pure values and functions, for any thread.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace config {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;
using Day = std::chrono::year_month_day;

inline constexpr std::chrono::hours vietnam_offset{7};

/// Years outside 1990..2100 are typing errors, not dossiers.
std::expected<Time, std::string> parse_time(std::string_view text);

/// "2018-01-03", "03/01/2018" or any form parse_time knows.
std::expected<Day, std::string> parse_day(std::string_view text);

/// "2018-01-03T08:30:00+07:00"; milliseconds are written only when there are any.
std::string format_time(Time time);

/// "03/01/2018", as citizens read a date.
std::string format_day(Time time);

/// "16:30 03/01/2018", as citizens read an appointment.
std::string format_appointment(Time time);

Day civil_day(Time time);
Time start_of(Day day);

/// A civil month, "YYYY-MM": the period in which figures are counted.
class Month {
public:
    static std::expected<Month, std::string> parse(std::string_view text);
    static Month of(Time time);
    static Month from_number(int number) { return Month(number); }

    /// Months since year 0, so that they sort and count.
    int number() const { return number_; }
    std::string str() const;
    auto operator<=>(const Month&) const = default;

private:
    explicit Month(int number) : number_(number) {}
    int number_;
};

/// Opening hours of a day, "07:00-20:00"; "00:00-24:00" is always.
class Hours {
public:
    static std::expected<Hours, std::string> parse(std::string_view text);
    constexpr Hours(std::chrono::minutes from, std::chrono::minutes to) : from_(from), to_(to) {}

    /// The given instant when it lies within the hours, else the next opening.
    Time next_within(Time time) const;

private:
    std::chrono::minutes from_;
    std::chrono::minutes to_;
};

/// "90s", "2m", "12h", "1d", "500ms"; a bare number is not a duration.
std::expected<Duration, std::string> parse_duration(std::string_view text);
/// One after which something ends; never 0, which would mean at once to one reader and never to another.
std::expected<Duration, std::string> parse_timeout(std::string_view text);

}  // namespace config
