#include "notify/compose.hpp"

#include <gtest/gtest.h>

namespace {

using config::Accents;
using notify::compose;

const config::Catalogue catalogue{
    .version = "t", .variables = {{"dossier", 30}, {"reason", 20}, {"due", 20}}, .situations = {}
};

config::SituationTexts situation(std::vector<std::string> texts, Accents accents = Accents::never) {
    return {.texts = std::move(texts), .accents = accents};
}

TEST(Compose, takes_the_fullest_text_whose_variables_are_known) {
    const auto both = situation({"{dossier}: {reason}", "{dossier}"});
    EXPECT_EQ(compose(both, {{"dossier", "A"}, {"reason", "x"}}, catalogue)->content, "A: x");
    EXPECT_EQ(compose(both, {{"dossier", "A"}, {"reason", ""}}, catalogue)->content, "A");
}

TEST(Compose, names_every_missing_variable) {
    const auto text = compose(situation({"{dossier} {due} {reason}"}), {{"due", "now"}}, catalogue);
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error(), "missing variables: dossier, reason");
}

TEST(Compose, cuts_a_variable_at_its_registered_length_and_at_a_word) {
    const auto text =
        compose(situation({"{reason}"}), {{"reason", "thiếu giấy chứng minh nhân dân"}}, catalogue);
    EXPECT_EQ(text->content, "thieu giay chung...");
}

TEST(Compose, a_variable_too_short_for_dots_is_only_cut) {
    const config::Catalogue tiny{.version = "t", .variables = {{"reason", 2}}, .situations = {}};
    EXPECT_EQ(notify::fill("{reason}", {{"reason", "thiếu"}}, tiny), "th");
}

TEST(Compose, a_line_or_paragraph_separator_becomes_a_space_too) {
    const auto text = compose(situation({"{reason}"}), {{"reason", "a\u2028b\u2029c"}}, catalogue);
    EXPECT_EQ(text->content, "a b c");
}

TEST(Compose, a_line_break_in_a_note_becomes_a_space) {
    EXPECT_EQ(
        compose(situation({"{reason}."}), {{"reason", "thiếu\r\n  ảnh. "}}, catalogue)->content, "thieu anh."
    );
}

TEST(Compose, accents_are_kept_only_where_they_cost_nothing_more) {
    const std::string short_text = "Hồ sơ đã có kết quả";
    const std::string long_text = short_text + std::string(60, 'x');
    EXPECT_FALSE(notify::encode(short_text, Accents::never).ucs2);
    EXPECT_TRUE(notify::encode(short_text, Accents::automatic).ucs2);
    EXPECT_EQ(notify::encode(short_text, Accents::automatic).content, short_text);
    EXPECT_FALSE(notify::encode(long_text, Accents::automatic).ucs2);
    EXPECT_EQ(notify::encode(long_text, Accents::always).parts, 2);
}

}  // namespace
