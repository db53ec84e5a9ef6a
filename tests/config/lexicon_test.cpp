#include "config/lexicon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

std::string first_mistake(std::string_view lexicon, std::string_view reasons) {
    auto loaded = config::load_lexicon({"lexicon.toml", lexicon}, {"reasons.toml", reasons});
    return loaded ? "" : loaded.error().front();
}

TEST(Lexicon, the_shipped_files_load_and_hold_the_fourteen_reasons_in_order) {
    auto loaded = config::shipped_lexicon();
    ASSERT_TRUE(loaded) << loaded.error().front();
    ASSERT_EQ(loaded->reasons.size(), 14U);
    EXPECT_EQ(loaded->reasons.front().code, "late");
    EXPECT_EQ(loaded->reasons.back().code, "other");
    auto sensitive = std::ranges::count_if(loaded->reasons, &config::Reason::sensitive);
    EXPECT_EQ(sensitive, 1);
}

TEST(Lexicon, a_mistake_says_file_line_and_what_would_be_right) {
    EXPECT_EQ(first_mistake("version = \"1\"\n", "\n").substr(0, 14), "lexicon.toml:1");
    EXPECT_NE(first_mistake("version = ", "").find("lexicon.toml:1"), std::string::npos);
    auto loaded =
        config::load_lexicon({"l.toml", "version = 1\n"}, {"r.toml", "[[reason]]\ncode = \"late\"\n"});
    ASSERT_FALSE(loaded);
    EXPECT_GE(loaded.error().size(), 4U) << "all mistakes at once";
    EXPECT_TRUE(std::ranges::any_of(loaded.error(), [](const std::string& error) {
        return error.starts_with("r.toml:1") && error.contains("label must be a text");
    }));
}

TEST(Lexicon, the_code_of_a_reason_has_no_sign_that_lists_and_tallies_part_by) {
    for (const std::string code : {"late, waiting", "late=1", "trễ"}) {
        const auto loaded =
            config::load_lexicon({"l.toml", ""}, {"r.toml", "[[reason]]\ncode = \"" + code + "\"\n"});
        ASSERT_FALSE(loaded);
        EXPECT_TRUE(std::ranges::any_of(loaded.error(), [&](const std::string& error) {
            return error == "r.toml:2: code \"" + code + "\" may hold only a to z, 0 to 9 and _";
        })) << code;
    }
}

TEST(Lexicon, the_version_changes_with_the_content) {
    auto lexicon = config::shipped_lexicon();
    ASSERT_TRUE(lexicon);
    EXPECT_EQ(lexicon->version.size(), 10U);
}

}  // namespace
