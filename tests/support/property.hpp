// What the property tests share: rapidcheck with GoogleTest, and texts as they come here. A failed property
// prints its counterexample and a seed; RC_PARAMS="seed=… max_success=…" gives both back.
#pragma once

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace property {

/// Vietnamese letters, composed and taken apart, as phones and keyboards write them.
inline const std::vector<std::string>& vietnamese() {
    static const std::vector<std::string> letters = [] {
        std::vector<std::string> all{"đ", "Đ"};
        for (const auto* const vowel : {"a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y",
                                        "A", "Ă", "Â", "E", "Ê", "I", "O", "Ô", "Ơ", "U", "Ư", "Y"})
            for (const auto* const tone : {"", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"})
                all.push_back(std::string(vowel) + tone);
        for (const auto* const composed :
             {"á", "ạ", "ắ", "ậ", "ế", "ễ", "ị", "ộ", "ờ", "ữ", "ỹ", "Ấ", "Ặ", "Ể", "Ỗ", "Ợ", "Ứ", "Ỷ"})
            all.emplace_back(composed);
        return all;
    }();
    return letters;
}

inline rc::Gen<std::string> joined(rc::Gen<std::vector<std::string>> pieces) {
    return rc::gen::map(std::move(pieces), [](const std::vector<std::string>& all) {
        std::string text;
        for (const auto& each : all)
            text += each;
        return text;
    });
}

inline rc::Gen<std::string> plain_letter() {
    return rc::gen::map(rc::gen::inRange(' ', '{'), [](char c) { return std::string(1, c); });
}

/// A text as an officer types it: plain and accented letters, digits, marks.
inline rc::Gen<std::string> vietnamese_text() {
    return joined(rc::gen::container<std::vector<std::string>>(
        rc::gen::weightedOneOf<std::string>({{3, plain_letter()}, {2, rc::gen::elementOf(vietnamese())}})
    ));
}

/// Any text: other scripts, emoji, what GSM-7 escapes, control characters, bytes that are not UTF-8.
inline rc::Gen<std::string> any_text() {
    static const std::vector<std::string> rare{
        "€",  "^",           "{",  "}",      "[",        "~",      "\\",     "|",      "`",      "…", "½",
        "🚀", "👩‍👧", "日", "\xff",   "\xe1\xba", "\f",     "\n",     "\r",     "\t",     "ﬁ", "Å",
        "ß",  "ñ",           "“",  "\u00a0", "–",        "\u1fef", "\uff40", "\u200b", "\u0301", "Ω"
    };
    return joined(rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>(
        {{3, plain_letter()}, {2, rc::gen::elementOf(vietnamese())}, {2, rc::gen::elementOf(rare)}}
    )));
}

/// For cases that are dear, a store each: few of them, unless the environment asks for another number.
template <typename Property>
void check_few(const std::string& name, const Property& property) {
    auto parameters = rc::detail::configuration().testParams;
    if (!std::getenv("RC_PARAMS")) parameters.maxSuccess = 25;
    const auto result = rc::detail::checkTestable(property, rc::detail::TestMetadata{name, name}, parameters);
    if (result.template is<rc::detail::SuccessResult>()) return;
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    FAIL() << text.str() << "\nseed=" << parameters.seed;
}

}  // namespace property
