#include "config/numbering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::HasSubstr;

TEST(Numbering, the_shipped_plan_is_sound) {
    const auto& plan = config::shipped_numbering();
    EXPECT_EQ(plan.country_code, "84");
    EXPECT_EQ(plan.renumbered.size(), 21U);
    EXPECT_GT(plan.mobile.size(), 40U);
}

TEST(Numbering, names_every_mistake_with_its_line) {
    const auto plan = config::parse_numbering(
        "country_code = \"vn\"\n[[mobile]]\nholder = \"X\"\nprefixes = [\"9x\"]\n[[refused]]\nreason = "
        "\"odd\"\nlengths = [3]\nprefixes = [\"1\"]\n",
        "plan.toml"
    );
    ASSERT_FALSE(plan);
    ASSERT_EQ(plan.error().size(), 4U);
    EXPECT_THAT(plan.error()[0], HasSubstr("country_code"));
    EXPECT_THAT(plan.error()[1], HasSubstr("plan.toml:4: a prefix"));
    EXPECT_THAT(plan.error()[2], HasSubstr("plan.toml:5: reason 'odd'"));
}

TEST(Numbering, a_file_that_is_not_toml_is_refused_with_its_line) {
    const auto plan = config::parse_numbering("country_code = \n", "plan.toml");
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().front(), HasSubstr("plan.toml:1: "));
}
