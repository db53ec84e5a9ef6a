#include "survey/text/fold.hpp"

#include <gtest/gtest.h>

#include "tests/survey/text/shipped_reader.hpp"

namespace {

using survey::text::Folder;
using survey::text::TokenKind;

std::string folded(std::string_view reply) {
    static const Folder folder{shipped_lexicon_or_throw()};
    std::string text;
    for (const auto& token : folder.fold(reply).tokens)
        text += (text.empty() ? "" : " ") + token.folded;
    return text;
}

TEST(Folding, accents_case_and_normal_forms_make_no_difference) {
    EXPECT_EQ(folded("RẤT HÀI LÒNG"), "rat hai long");
    EXPECT_EQ(folded("ra\u0302\u0301t ha\u0300i lo\u0300ng"), "rat hai long");
    EXPECT_EQ(folded("Đường vô xã"), "duong vo xa");
}

TEST(Folding, the_place_of_the_tone_and_hoi_or_nga_make_no_difference) {
    auto spelled = [](std::string_view word) { return survey::text::spell(word).spelled; };
    EXPECT_EQ(spelled("hòa"), spelled("hoà"));
    EXPECT_EQ(spelled("trễ"), spelled("trể"));
    EXPECT_NE(spelled("trễ"), spelled("trẻ"));
}

// NFD sorts U+1AC3 (below) before the circumflex and the hook of "ể" (above).
TEST(Folding, foreign_marks_are_passed_over_wherever_they_stand) {
    auto spelled = [](std::string_view word) { return survey::text::spell(word).spelled; };
    EXPECT_EQ(spelled("trể᫃"), "tre63");
    EXPECT_EQ(spelled("trể᫃"), "tre63");
    EXPECT_EQ(folded("hai long⃝"), "hai long");
}

TEST(Folding, short_forms_are_spelled_out) {
    EXPECT_EQ(folded("nv k nhiet tinh"), "nhan vien khong nhiet tinh");
    EXPECT_EQ(folded("rkhl"), "rat khong hai long");
    EXPECT_EQ(folded("đc wá r"), "duoc qua roi");
}

TEST(Folding, hong_with_accents_is_pink_or_broken_and_without_them_means_no) {
    EXPECT_EQ(folded("hong biet"), "khong biet");
    EXPECT_EQ(folded("sổ hồng"), "so hong");
    EXPECT_EQ(folded("may lanh hong"), "may lanh hu");
}

TEST(Folding, repeated_letters_telex_and_vni_residue_are_read) {
    EXPECT_EQ(folded("hai longgg lammmm"), "hai long lam");
    EXPECT_EQ(folded("raats hafi lofng"), "rat hai long");
    EXPECT_EQ(folded("rat61 hai2 long2"), "rat hai long");
}

TEST(Folding, slips_and_glued_words_are_mended) {
    for (const auto* typed : {"hai lonh", "hai log", "hia long", "haii long", "hai lng", "hailong"}) {
        EXPECT_EQ(folded(typed), "hai long") << typed;
    }
    EXPECT_EQ(folded("khonghailong"), "khong hai long");
    EXPECT_EQ(folded("binhthuong"), "binh thuong");
}

TEST(Folding, a_zero_before_satisfied_is_a_no) {
    EXPECT_EQ(folded("0 hai long"), "khong hai long");
    EXPECT_EQ(folded("0 diem"), "0 diem");
}

TEST(Folding, counts_codes_and_scores_are_told_apart) {
    Folder folder{shipped_lexicon_or_throw()};
    auto kind = [&](std::string_view text) { return folder.fold(text).tokens.front().kind; };
    EXPECT_EQ(kind("4"), TokenKind::number);
    EXPECT_EQ(kind("4/5"), TokenKind::ratio);
    EXPECT_EQ(kind("28/11"), TokenKind::count);
    EXPECT_EQ(kind("8h30"), TokenKind::count);
    EXPECT_EQ(kind("300k"), TokenKind::count);
    EXPECT_EQ(kind("0912345678"), TokenKind::count);
    EXPECT_EQ(kind("000.25.18.H09-181203-0012"), TokenKind::code);
    EXPECT_EQ(kind("H09-181205-0031"), TokenKind::code);
}

TEST(Folding, no_bytes_make_it_fail) {
    EXPECT_NO_THROW(folded("\xff\xfe\xc3"));
    EXPECT_NO_THROW(folded(std::string_view{"\0\x80 5", 4}));
    EXPECT_EQ(folded("\xff hai long"), "\xEF\xBF\xBD hai long");
    EXPECT_EQ(folded(""), "");
    EXPECT_NO_THROW(folded(std::string(20000, '9')));
    EXPECT_NO_THROW(folded(std::string(20000, 'a')));
}

}  // namespace
