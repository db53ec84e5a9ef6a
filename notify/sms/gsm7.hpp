// The GSM 7-bit alphabet of 3GPP TS 23.038 (default table and its extension), which decides whether an SMS
// holds 160 or 70 characters. parts.cpp asks it for every character. Pure, any thread.
#pragma once

#include <array>
#include <string_view>

namespace notify::sms {

namespace gsm7 {

inline constexpr std::u32string_view extension = U"\f^{}\\[~]|€";

constexpr int of_ascii(char32_t code_point) {
    if (code_point == U'\n' || code_point == U'\r') return 1;
    if (extension.find(code_point) != std::u32string_view::npos) return 2;
    return code_point < 0x20 || code_point == U'`' || code_point == 0x7F ? 0 : 1;
}

inline constexpr auto ascii = [] {
    std::array<signed char, 0x80> septets{};
    for (char32_t code_point = 0; code_point < septets.size(); ++code_point)
        septets[code_point] = static_cast<signed char>(of_ascii(code_point));
    return septets;
}();

int beyond_ascii(char32_t code_point);

}  // namespace gsm7

// 1 for a character of the default table, 2 for one behind the escape, 0 for one that GSM-7 does not have.
inline int gsm7_septets(char32_t code_point) {
    return code_point < gsm7::ascii.size() ? gsm7::ascii[code_point] : gsm7::beyond_ascii(code_point);
}

}  // namespace notify::sms
