#include "notify/sms/unaccent.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include "notify/sms/parts.hpp"
#include "tests/notify/fixture.hpp"

using notify::sms::unaccent;

namespace {

std::string decomposed(const std::string& text) {
    auto* bytes = utf8proc_NFD(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
    std::string nfd(reinterpret_cast<const char*>(bytes));
    std::free(bytes);
    return nfd;
}

}  // namespace

TEST(Unaccent, reads_every_vietnamese_letter_in_both_normal_forms) {
    const auto data = fixture::load("text/diacritics.json");
    for (const auto& [letter, plain] : data.at("letter_map").as_object()) {
        EXPECT_EQ(unaccent(letter), plain.as_string());
        EXPECT_EQ(unaccent(decomposed(letter)), plain.as_string());
    }
}

TEST(Unaccent, agrees_with_the_recorded_phrases) {
    const auto data = fixture::load("text/diacritics.json");
    for (const auto& entry : data.at("remove_marks").as_array()) {
        EXPECT_EQ(unaccent(fixture::text(entry, "input")), fixture::text(entry, "want"));
        EXPECT_EQ(unaccent(decomposed(fixture::text(entry, "input"))), fixture::text(entry, "want"));
    }
}

TEST(Unaccent, reads_letters_that_are_half_composed) {
    EXPECT_EQ(unaccent("\xC3\xAA\xCC\x81"), "e");      // ê and a combining acute
    EXPECT_EQ(unaccent("u\xCC\x9B\xCC\x80"), "u");     // u, horn, grave
    EXPECT_EQ(unaccent("\xC6\xB0\xCC\x80ng"), "ung");  // ư and a combining grave
}

TEST(Unaccent, replaces_what_editors_slip_in) {
    EXPECT_EQ(unaccent("“Hồ sơ” – ‘xong’…\u00A0５"), "\"Ho so\" - 'xong'... 5");
    EXPECT_EQ(unaccent("50.000\u00A0₫"), "50.000 d");
    EXPECT_EQ(unaccent("a\u200Bb"), "ab");
    EXPECT_EQ(unaccent("Ðã"), "Da");
}

TEST(Unaccent, leaves_other_scripts_and_line_ends_alone) {
    EXPECT_EQ(unaccent("й 한 €\n"), "й 한 €\n");
}

TEST(Unaccent, turns_bytes_that_are_not_utf8_into_question_marks) {
    EXPECT_EQ(unaccent("a\xff\xc3"), "a??");
}

TEST(Unaccent, a_vietnamese_text_becomes_gsm7) {
    const auto size = notify::sms::measure(unaccent("Đề nghị Ông/Bà đến nhận kết quả “đúng hẹn”…"));
    EXPECT_EQ(size.encoding, notify::sms::Encoding::gsm7);
}

TEST(Unaccent, the_accent_that_gsm7_lacks_is_an_apostrophe_in_every_form) {
    for (const auto* const accent : {"`", "\u1fef", "\uff40"})
        EXPECT_EQ(notify::sms::unaccent(accent), "'") << accent;
}
