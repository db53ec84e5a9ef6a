#include "config/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/shipped.hpp"

using namespace std::chrono_literals;
using config::UnitCode;
using config::Units;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr auto in_2018 = 2018y / 6 / 15;
constexpr auto in_2021 = 2021y / 6 / 15;
constexpr auto today = 2026y / 1 / 15;

Units tan_uyen() {
    return Units::parse(config::shipped_file("units/tan-uyen.csv").value(), "units/tan-uyen.csv").value();
}

UnitCode code(std::string_view digits) {
    return UnitCode::parse(digits).value();
}

std::string name_of(const config::Unit* unit) {
    return unit ? unit->name : "none";
}

std::vector<std::string> mistakes(std::string_view lines) {
    const auto units =
        Units::parse("code,name,valid_from,valid_to,successors\n" + std::string(lines), "u.csv");
    return units ? std::vector<std::string>{} : units.error();
}

}  // namespace

TEST(UnitCode, is_five_digits) {
    EXPECT_EQ(code("25888").str(), "25888");
    EXPECT_FALSE(UnitCode::parse("2588"));
    EXPECT_FALSE(UnitCode::parse("2588a"));
    EXPECT_FALSE(UnitCode::parse("258880"));
}

TEST(Units, a_code_says_which_unit_only_with_a_date) {
    const auto units = tan_uyen();
    EXPECT_EQ(name_of(units.find(code("25888"), in_2018)), "Phường Uyên Hưng");
    EXPECT_EQ(name_of(units.find(code("25888"), 2025y / 6 / 30)), "Phường Uyên Hưng");
    EXPECT_EQ(name_of(units.find(code("25888"), 2025y / 7 / 1)), "Phường Tân Uyên");
    EXPECT_EQ(name_of(units.find(code("25915"), in_2018)), "Xã Hội Nghĩa");
    EXPECT_EQ(name_of(units.find(code("25915"), in_2021)), "Phường Hội Nghĩa");
    EXPECT_EQ(name_of(units.find(code("25915"), today)), "Phường Bình Cơ");
    EXPECT_EQ(units.find(code("25921"), today), nullptr);
    EXPECT_EQ(units.find(code("25888"), 2013y / 1 / 1), nullptr);
}

TEST(Units, twelve_communes_were_valid_in_2018_and_seven_units_follow_them) {
    const auto units = tan_uyen();
    EXPECT_EQ(
        std::ranges::count_if(units.all(), [](const auto& unit) { return unit.valid_on(in_2018); }), 12
    );
    EXPECT_EQ(
        std::ranges::count_if(units.all(), [](const auto& unit) { return unit.valid_on(in_2021); }), 12
    );
    EXPECT_EQ(std::ranges::count_if(units.all(), [](const auto& unit) { return unit.valid_on(today); }), 7);
}

TEST(Units, a_split_unit_has_several_successors) {
    const auto units = tan_uyen();
    EXPECT_THAT(units.find(code("25939"), in_2018)->successors, ElementsAre(code("25945"), code("25891")));
}

TEST(Units, are_found_by_name_however_it_is_written) {
    const auto units = tan_uyen();
    for (const auto* name :
         {"Phường Thái Hòa", "phường thái hoà", "UBND phuong Thai Hoa", "Ủy ban nhân dân P. Thái Hòa",
          "P.Thai Hoa", "THÁI HÒA", "thaihoa", "Thái Ho\u0300a"}) {
        EXPECT_EQ(name_of(units.find_by_name(name, in_2018)), "Phường Thái Hòa") << name;
    }
    EXPECT_EQ(name_of(units.find_by_name("xã Bạch Đằng", in_2018)), "Xã Bạch Đằng");
    EXPECT_EQ(name_of(units.find_by_name("UBND X. HOI NGHIA", in_2021)), "Phường Hội Nghĩa");
    EXPECT_EQ(units.find_by_name("Phường Tân Uyên", in_2018), nullptr);
    EXPECT_EQ(units.find_by_name("", in_2018), nullptr);
    EXPECT_EQ(units.find_by_name("\xff\xfe", in_2018), nullptr);
}

TEST(Units, a_name_shared_by_a_ward_and_a_commune_needs_its_kind) {
    const auto units = Units::parse(
                           "code,name,valid_from,valid_to,successors\n10001,Phường Tân "
                           "Lập,2013-01-01,,\n10002,Xã Tân Lập,2013-01-01,,\n",
                           "u.csv"
    )
                           .value();
    EXPECT_EQ(units.find_by_name("Tân Lập", in_2018), nullptr);
    EXPECT_EQ(name_of(units.find_by_name("xa Tan Lap", in_2018)), "Xã Tân Lập");
}

TEST(Units, every_mistake_is_named_with_its_line_and_what_would_be_right) {
    EXPECT_THAT(
        mistakes("2588,A,2013-13-01,2014-01-01,1|25888\n25888,,2015-01-01,2014-01-01,\nx\n"),
        ElementsAre(
            "u.csv:2: code: '2588' is no unit code; write 5 digits",
            "u.csv:2: valid_from: '2013-13-01' is no date; write it as 2025-07-01",
            "u.csv:2: successors: '1' is no unit code; write 5 digits, several with | between",
            "u.csv:3: name: is missing", "u.csv:3: valid_to: lies before valid_from",
            "u.csv:4: line: has 1 columns instead of 5"
        )
    );
}

TEST(Units, two_units_with_one_code_at_the_same_time_are_a_mistake) {
    EXPECT_THAT(
        mistakes("25888,A,2013-01-01,2020-01-01,\n25888,B,2020-01-01,,\n"),
        ElementsAre(HasSubstr("u.csv:3: valid_from: 25888 is also valid in line 2"))
    );
}

TEST(Units, a_successor_that_does_not_exist_is_a_mistake) {
    EXPECT_THAT(
        mistakes("25888,A,2013-01-01,2020-01-01,25999\n"),
        ElementsAre(HasSubstr("successors: no unit 25999 is valid on 2020-01-02"))
    );
}

TEST(Units, a_file_without_header_or_units_is_refused) {
    EXPECT_THAT(
        Units::parse("a,b\n", "u.csv").error(), ElementsAre(HasSubstr("the first line must be code,name"))
    );
    EXPECT_THAT(Units::parse("", "u.csv").error(), ElementsAre("u.csv: holds no units"));
}

TEST(Units, a_file_from_a_spreadsheet_with_mark_and_carriage_returns_is_read) {
    const auto units = Units::parse(
        "\xEF\xBB\xBF"
        "code,name,valid_from,valid_to,successors\r\n25888,\"A, B\",2013-01-01,,\r\n",
        "u.csv"
    );
    ASSERT_TRUE(units);
    EXPECT_EQ(units->all().front().name, "A, B");
}
