#include "notify/phone_number.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

#include "tests/notify/fixture.hpp"

using notify::PhoneNumber;
using notify::PhoneProblem;

namespace {

auto parse(std::string_view text) {
    return PhoneNumber::parse(text, config::shipped_numbering());
}

std::string read(std::string_view text) {
    const auto number = parse(text);
    return number ? number->e164() : std::string(to_string(number.error()));
}

}  // namespace

TEST(PhoneNumber, reads_what_officials_type_as_the_recorded_cases_say) {
    const auto cases = fixture::load("phones/cases.json");
    for (const auto& entry : cases.at("cases").as_array()) {
        const auto number = parse(fixture::text(entry, "input"));
        EXPECT_EQ(number ? number->e164() : "", fixture::text(entry, "e164")) << entry;
    }
}

TEST(PhoneNumber, takes_the_first_valid_mobile_of_two_numbers) {
    EXPECT_EQ(read("0912345678 - 0987654321"), "+84912345678");
    EXPECT_EQ(read("0912345678 0987654321"), "+84912345678");
    EXPECT_EQ(read("0274 3822825 / 0912 345 678"), "+84912345678");
    EXPECT_EQ(read("0274 3822825 0912345678"), "+84912345678");
    EXPECT_EQ(read("0912345678 hoặc 0987654321"), "+84912345678");
    EXPECT_EQ(read("091234567, 0987654321"), "+84987654321");
}

TEST(PhoneNumber, restores_the_zero_that_a_spreadsheet_lost) {
    EXPECT_EQ(read("912345678"), "+84912345678");
    EXPECT_EQ(read("841234567"), "+84841234567");
    EXPECT_EQ(read("1691234567"), "+84391234567");
}

TEST(PhoneNumber, moves_the_numbers_of_before_2018_to_their_form_of_today) {
    EXPECT_EQ(read("+84 169 123 4567"), "+84391234567");
    EXPECT_EQ(read("01211234567"), "+84791234567");
    EXPECT_EQ(read("0121123456"), "+84121123456");
}

TEST(PhoneNumber, says_why_a_number_cannot_take_an_sms) {
    EXPECT_EQ(read(""), "empty");
    EXPECT_EQ(read(" \t"), "empty");
    EXPECT_EQ(read("không có"), "no_number");
    EXPECT_EQ(read("+84"), "no_number");
    EXPECT_EQ(read("091234567"), "too_short");
    EXPECT_EQ(read("09123456789"), "too_long");
    EXPECT_EQ(read("0274 3822825"), "landline");
    EXPECT_EQ(read("06503822825"), "landline");
    EXPECT_EQ(read("18001090"), "toll_free");
    EXPECT_EQ(read("1900 1022"), "premium");
    EXPECT_EQ(read("113"), "short_code");
    EXPECT_EQ(read("0111111111"), "unknown_prefix");
    EXPECT_EQ(read("01871234567"), "unknown_prefix");
    EXPECT_EQ(read("+14155552671"), "foreign");
}

TEST(PhoneNumber, shows_the_forms_that_providers_and_logs_want) {
    const auto number = parse("0912345678").value();
    EXPECT_EQ(number.e164(), "+84912345678");
    EXPECT_EQ(number.national(), "0912345678");
    EXPECT_EQ(number.international(), "84912345678");
    EXPECT_EQ(number.masked(), "+84*****678");
}

TEST(PhoneNumber, equal_numbers_are_one_key_however_they_were_typed) {
    const std::unordered_set<PhoneNumber> set{parse("0912345678").value(), parse("+84 912 345 678").value()};
    EXPECT_EQ(set.size(), 1U);
}

TEST(PhoneNumber, survives_bytes_that_are_not_utf8) {
    EXPECT_EQ(read("\xff\xfe\xc3"), "no_number");
    EXPECT_EQ(read("\xff 0912345678"), "+84912345678");
}

// Found by fuzzing; trying every part of the row would not end here.
TEST(PhoneNumber, is_found_in_a_row_of_many_thousand_figures_or_not_at_all) {
    std::string row;
    for (int i = 0; i < 20'000; ++i)
        row += "1 ";
    EXPECT_EQ(read(row), "too_long");
    EXPECT_EQ(read(row + "0912345678 " + row), "+84912345678");
    EXPECT_EQ(read("0912345678 " + row), "+84912345678");
    EXPECT_EQ(read(std::string(400'000, 'O')), "no_number");
    EXPECT_EQ(read(std::string(400'000, 'O') + "912345678"), "foreign");
}

TEST(PhoneNumber, explains_every_problem_in_a_sentence) {
    for (auto i = 0; i <= static_cast<int>(PhoneProblem::foreign); ++i) {
        EXPECT_TRUE(explain(static_cast<PhoneProblem>(i)).ends_with('.'));
    }
}
