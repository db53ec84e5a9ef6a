#include "survey/text/automaton.hpp"

#include <gtest/gtest.h>

#include "tests/survey/text/shipped_reader.hpp"

namespace {

using survey::text::Folder;
using survey::text::PhraseAutomaton;

bool finds(std::string_view pattern, std::string_view reply) {
    static const Folder folder{shipped_lexicon_or_throw()};
    PhraseAutomaton automaton{{{"negators", "không chưa"}, {"officer", "cán_bộ nhân_viên\ncô"}}};
    auto added = automaton.add(pattern);
    if (!added) throw std::invalid_argument{added.error()};
    auto tokens = folder.fold(reply).tokens;
    return !automaton.matches(tokens, {0, 0, static_cast<std::uint32_t>(tokens.size())}).empty();
}

std::string mistake(std::string_view pattern) {
    PhraseAutomaton automaton{{}};
    auto added = automaton.add(pattern);
    return added ? "" : added.error();
}

TEST(Phrases, accents_break_ties_and_unaccented_words_fit_all) {
    EXPECT_TRUE(finds("trễ", "tre"));
    EXPECT_TRUE(finds("trễ", "trễ"));
    EXPECT_FALSE(finds("trễ", "trẻ"));
    EXPECT_TRUE(finds("~tre", "trẻ"));
    EXPECT_FALSE(finds("dừng!", "dung"));
    EXPECT_TRUE(finds("dừng!", "dừng"));
}

TEST(Phrases, alternatives_options_and_sets_stand_in_one_place) {
    EXPECT_TRUE(finds("{officer} cáu|nạt_nộ", "nhan vien nat no"));
    EXPECT_TRUE(finds("{officer} cáu", "cô cáu"));
    EXPECT_TRUE(finds("rất? tệ quá", "te qua"));
    EXPECT_FALSE(finds("{officer} cáu", "dan cau"));
}

TEST(Phrases, gaps_are_bounded_and_stop_at_commas_and_negators) {
    EXPECT_TRUE(finds("sai .. tên", "sai luôn cả tên"));
    EXPECT_FALSE(finds("sai .. tên", "sai của con tôi tên"));
    EXPECT_FALSE(finds("sai .. tên", "sai, tên"));
    EXPECT_FALSE(finds("hướng_dẫn .. rõ", "huong dan khong ro"));
}

TEST(Phrases, anchors_hold_a_phrase_to_the_ends) {
    EXPECT_TRUE(finds("^ tạm $", "tạm"));
    EXPECT_FALSE(finds("^ tạm", "cũng tạm"));
    EXPECT_FALSE(finds("tạm $", "tạm đủ"));
    EXPECT_TRUE(finds("đi # lần", "di 3 lan"));
}

TEST(Phrases, a_malformed_phrase_says_what_is_wrong) {
    EXPECT_NE(mistake("{nowhere} tệ").find("there is no set {nowhere}"), std::string::npos);
    EXPECT_NE(mistake("tệ ..").find("between two words"), std::string::npos);
    EXPECT_NE(mistake("tệ?").find("not optional"), std::string::npos);
    for (const auto* torn :
         {"tệ| quá", "tệ |quá", "tệ | quá", "tệ||quá", "chê _trách", "chê__trách", "{bad tệ}"})
        EXPECT_NE(mistake(torn).find("is no whole place"), std::string::npos) << torn;
}

}  // namespace
