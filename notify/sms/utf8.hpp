// Reading and writing UTF-8 one code point at a time. The SMS code uses it on texts that may come from
// anywhere, so bytes that are not UTF-8 never stop it: each one reads as U+FFFD. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace notify::sms {

inline constexpr char32_t replacement_character = 0xFFFD;

char32_t take_beyond_ascii(std::string_view& text);

// Takes the first code point off the text, which must not be empty.
inline char32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first >= 0x80) return take_beyond_ascii(text);
    text.remove_prefix(1);
    return first;
}

void append_code_point(std::string& text, char32_t code_point);

}  // namespace notify::sms
