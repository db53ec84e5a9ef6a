// Dates, months, durations and opening hours as one-stop software and operators write them.
#include "config/civil_time.hpp"
#include "tests/fuzz/check.hpp"

namespace {

using fuzz::check;

void check_time(std::string_view text) {
    const auto time = config::parse_time(text);
    if (!time) {
        check(!time.error().empty(), "a refused time says what would be right");
        return;
    }
    check(config::parse_time(config::format_time(*time)) == *time, "a time written re-parses to itself");
    check(config::format_day(*time).size() == 10, "a day is written with ten characters");
    const auto day = config::civil_day(*time);
    check(day.ok(), "a time lies on a day");
    check(
        config::start_of(day) <= *time && *time < config::start_of(day) + std::chrono::hours(24),
        "a time lies within its day"
    );
    const auto month = config::Month::of(*time);
    check(config::Month::parse(month.str()) == month, "a month written re-parses to itself");
    check(config::Month::from_number(month.number()) == month, "a month is its number");
}

void check_hours(std::string_view text) {
    const auto hours = config::Hours::parse(text);
    if (!hours) {
        check(!hours.error().empty(), "refused hours say what would be right");
        return;
    }
    const auto monday = *config::parse_time("2018-01-08T00:00:00+07:00");
    for (int i = 0; i < 48; ++i) {
        const auto asked = monday + std::chrono::minutes(30 * i);
        const auto opening = hours->next_within(asked);
        check(opening >= asked, "an opening is never past");
        check(opening < asked + std::chrono::hours(24), "an opening comes within a day");
        check(hours->next_within(opening) == opening, "an opening is within the hours");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_time(text);
    check_hours(text);
    if (const auto day = config::parse_day(text))
        check(day->ok(), "a parsed day exists");
    else
        check(!day.error().empty(), "a refused day says what would be right");
    if (const auto month = config::Month::parse(text))
        check(config::Month::parse(month->str()) == month, "a parsed month re-parses to itself");
    else
        check(!month.error().empty(), "a refused month says what would be right");
    if (const auto duration = config::parse_duration(text))
        check(duration->count() >= 0, "a duration is not negative");
    else
        check(!duration.error().empty(), "a refused duration says what would be right");
    return 0;
}
