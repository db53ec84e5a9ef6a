#include "config/civil_time.hpp"

#include <gtest/gtest.h>

namespace {

using namespace config;
using namespace std::chrono_literals;

TEST(CivilTime, reads_all_forms_in_which_one_stop_software_writes_dates) {
    const auto expected = *parse_time("2018-01-03T08:30:00+07:00");
    for (const auto* const text :
         {"20180103083000", "2018-01-03 08:30:00", "2018-01-03T01:30:00Z", "2018-01-03T08:30:00.000+07:00",
          "03/01/2018 08:30", "2018-01-03T08:30:00"})
        EXPECT_EQ(parse_time(text).value_or(Time{}), expected) << text;
}

TEST(CivilTime, refuses_what_is_no_date_and_says_what_would_be_right) {
    for (const auto* const text :
         {"", "yesterday", "2018-02-30T08:00:00+07:00", "20181303083000", "1018-01-03",
          "2018-01-03T25:00:00Z", "2018-01-03T08:30:00+99:00", "03-01-2018"}) {
        const auto time = parse_time(text);
        ASSERT_FALSE(time.has_value()) << text;
        EXPECT_NE(time.error().find("2018-01-03T08:30:00+07:00"), std::string::npos);
    }
}

TEST(CivilTime, writes_what_it_reads) {
    EXPECT_EQ(format_time(*parse_time("20180103083000")), "2018-01-03T08:30:00+07:00");
    EXPECT_EQ(format_time(*parse_time("2018-01-03T08:30:00.250+07:00")), "2018-01-03T08:30:00.250+07:00");
    EXPECT_EQ(format_appointment(*parse_time("20180103163000")), "16:30 03/01/2018");
}

TEST(CivilTime, a_month_is_the_month_in_vietnam) {
    EXPECT_EQ(Month::of(*parse_time("2018-01-31T17:30:00Z")).str(), "2018-02");
    EXPECT_EQ(Month::of(*parse_time("2018-01-31T16:59:59Z")).str(), "2018-01");
    EXPECT_EQ(Month::parse("2018-12")->number() + 1, Month::parse("2019-01")->number());
    EXPECT_FALSE(Month::parse("2018-13").has_value());
}

TEST(CivilTime, opening_hours_move_to_the_next_opening) {
    const auto hours = *Hours::parse("07:00-20:00");
    const auto at = [](const char* text) { return *parse_time(text); };
    EXPECT_EQ(hours.next_within(at("2018-01-03T06:59:00+07:00")), at("2018-01-03T07:00:00+07:00"));
    EXPECT_EQ(hours.next_within(at("2018-01-03T19:59:59+07:00")), at("2018-01-03T19:59:59+07:00"));
    EXPECT_EQ(hours.next_within(at("2018-12-31T20:00:00+07:00")), at("2019-01-01T07:00:00+07:00"));
    EXPECT_EQ(
        Hours::parse("00:00-24:00")->next_within(at("2018-01-03T23:59:59+07:00")),
        at("2018-01-03T23:59:59+07:00")
    );
    EXPECT_FALSE(Hours::parse("20:00-07:00").has_value());
}

TEST(CivilTime, durations_name_their_unit) {
    EXPECT_EQ(*parse_duration("500ms"), 500ms);
    EXPECT_EQ(*parse_duration("2m"), 2min);
    EXPECT_EQ(*parse_duration("3d"), std::chrono::days(3));
    for (const auto* const text : {"", "3", "d", "-1d", "1w", "1.5h", "99999999999999999999d"})
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(CivilTime, a_zone_cannot_carry_a_time_out_of_the_years_that_are_read) {
    EXPECT_FALSE(config::parse_time("2100-12-31T23:59:60-14:00").has_value());
    EXPECT_FALSE(config::parse_time("1990-01-01T00:00:00+14:00").has_value());
}

}  // namespace
