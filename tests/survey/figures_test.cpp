#include "survey/figures.hpp"
#include "tests/support/world.hpp"

#include <algorithm>

namespace {

TEST(Wilson, agrees_with_published_values) {
    // 8 of 10 at 95 %: Wilson gives 0.4902 to 0.9433.
    const auto interval = survey::wilson(8, 10);
    EXPECT_NEAR(interval.low, 0.4902, 0.0001);
    EXPECT_NEAR(interval.high, 0.9433, 0.0001);
    EXPECT_NEAR(survey::wilson(10, 10).high, 1.0, 1e-9);
    EXPECT_NEAR(survey::wilson(0, 10).low, 0.0, 1e-9);
}

class Figures : public testing::Test {
protected:
    testing_support::TemporaryFolder folder;
    config::Settings settings = testing_support::settings_of(folder, testing_support::esms_configuration);
    static survey::TallyRow row(std::int64_t low, std::int64_t high) {
        return {
            .key = "25888@2013-12-29",
            .name = "Phường Uyên Hưng",
            .counts =
                {{"invited", 100},
                 {"delivered", 90},
                 {"answered", low + high},
                 {"score_1", low},
                 {"score_5", high},
                 {"dissatisfied", low},
                 {"reason_bribery", 2},
                 {"reason_late", 1}}
        };
    }
    static std::optional<std::int64_t> count(const survey::Reasons& reasons, std::string_view code) {
        return std::ranges::find_if(
                   reasons.items, [&](const auto& item) { return item.code == code; }
        )->count;
    }
};

TEST_F(Figures, a_rate_has_its_interval_and_response_rate) {
    const auto figure = survey::satisfaction(row(5, 15), settings.survey);
    EXPECT_EQ(figure.key, "25888");
    EXPECT_DOUBLE_EQ(*figure.rate, 0.75);
    EXPECT_LT(figure.interval->low, 0.75);
    EXPECT_GT(figure.interval->high, 0.75);
    EXPECT_DOUBLE_EQ(*figure.response_rate, 0.2);
}

TEST_F(Figures, a_rate_of_fewer_than_ten_answers_is_withheld) {
    const auto figure = survey::satisfaction(row(4, 5), settings.survey);
    EXPECT_TRUE(figure.withheld);
    EXPECT_FALSE(figure.rate.has_value());
    EXPECT_FALSE(survey::satisfaction(row(4, 6), settings.survey).withheld);
}

TEST_F(Figures, a_sensitive_reason_is_never_broken_down_below_the_minimum) {
    EXPECT_FALSE(count(survey::reasons(row(9, 90), settings.lexicon, 10, true), "bribery").has_value());
    EXPECT_EQ(count(survey::reasons(row(10, 90), settings.lexicon, 10, true), "bribery"), 2);
    EXPECT_FALSE(count(survey::reasons(row(10, 90), settings.lexicon, 10, false), "bribery").has_value());
    EXPECT_EQ(count(survey::reasons(row(9, 90), settings.lexicon, 10, false), "late"), 1);
}

TEST_F(Figures, a_total_is_the_sum_of_its_rows) {
    const auto sum = survey::total({row(1, 2), row(3, 4)}, "Tổng cộng");
    EXPECT_EQ(sum.count("answered"), 10);
    EXPECT_EQ(sum.count("score_1"), 4);
}

}  // namespace
