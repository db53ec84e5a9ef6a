// Reading and writing UTF-8 one code point at a time. The SMS code uses it on texts that may come from
// anywhere, so bytes that are not UTF-8 never stop it: each one reads as U+FFFD. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace notify::sms {

inline constexpr char32_t replacement_character = 0xFFFD;

// Takes the first code point off the text, which must not be empty.
char32_t take_code_point(std::string_view& text);

void append_code_point(std::string& text, char32_t code_point);

}  // namespace notify::sms
