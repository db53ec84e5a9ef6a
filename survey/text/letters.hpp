// Letters: one written character taken apart into what Vietnamese puts together: a plain letter, its shape
// (â, ơ, ă, đ) and the tone of its syllable. NFC, NFD, mixed and full-width forms all give the same letters,
// wherever the tone stands (hòa, hoà). Invalid UTF-8 gives a replacement symbol, never an error.
// Made by fold.cpp, the only file that knows utf8proc. Pure: any thread may call it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace survey::text {

struct Letter {
    char32_t code = 0;  // the character, lower case, without marks
    char shape = 0;     // as on a VNI keyboard: '6' â ê ô, '7' ơ ư, '8' ă, '9' đ
    char tone = 0;      // '1' sắc, '2' huyền, '3' hỏi or ngã (the South does not tell them apart), '5' nặng

    bool is_letter() const { return code >= 'a' && code <= 'z'; }
    bool is_digit() const { return code >= '0' && code <= '9'; }
    bool is_space() const { return code == ' ' || code == '\n' || code == '\t' || code == '\r'; }
};

std::vector<Letter> letters_of(std::string_view utf8);

// A word's two faces. `plain` is "tre" for tre, trẻ and trễ; `spelled` tells them apart: "tre", "tre3",
// "tre63".
struct Spelled {
    std::string plain;
    std::string spelled;

    bool marked() const { return plain != spelled; }
};

Spelled spell(const Letter* begin, const Letter* end);
Spelled spell(std::string_view word);

}  // namespace survey::text
