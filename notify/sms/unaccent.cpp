#include "notify/sms/unaccent.hpp"

#include <utf8proc.h>

#include <array>
#include <optional>
#include <vector>

#include "notify/sms/utf8.hpp"

namespace notify::sms {
namespace {

bool is_combining_mark(char32_t code_point) {
    return code_point >= 0x300 && code_point <= 0x36F;
}

bool is_invisible(char32_t code_point) {
    return code_point == 0xAD || (code_point >= 0x200B && code_point <= 0x200F) ||
           (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2060 && code_point <= 0x2064) ||
           code_point == 0xFEFF;
}

// Characters without a decomposition in Unicode, or with one that is no ASCII.
std::optional<std::string_view> by_hand(char32_t code_point) {
    if (is_invisible(code_point)) return "";
    switch (code_point) {
        case U'đ':
        case U'ð':
        case U'₫':
        case U'ɖ':
            return "d";
        case U'Đ':
        case U'Ð':
        case U'Ɖ':
            return "D";
        case U'‘':
        case U'’':
        case U'‚':
        case U'‛':
        case U'′':
        case U'´':
        case U'ʼ':
        case U'`':
            return "'";
        case U'“':
        case U'”':
        case U'„':
        case U'‟':
        case U'″':
        case U'«':
        case U'»':
            return "\"";
        case U'‐':
        case U'‑':
        case U'‒':
        case U'–':
        case U'—':
        case U'―':
        case U'−':
            return "-";
        case U'\u2028':
        case U'\u2029':
            return "\n";
        case U'×':
            return "x";
        case U'•':
        case U'·':
            return "-";
        case U'⁄':
            return "/";
        case replacement_character:
            return "?";
        default:
            return std::nullopt;
    }
}

// The ASCII behind an accented or compatibility character, or nothing if there is none.
std::optional<std::string> decomposed(char32_t code_point) {
    std::array<utf8proc_int32_t, 24> letters{};
    int boundary = 0;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE);
    const auto count = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(code_point), letters.data(), letters.size(), options, &boundary
    );
    if (count <= 0 || static_cast<std::size_t>(count) > letters.size()) return std::nullopt;
    std::string ascii;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const auto letter = static_cast<char32_t>(letters[i]);
        if (letter == U'`') {
            ascii.push_back('\'');
        } else if (letter < 0x80) {
            ascii.push_back(static_cast<char>(letter));
        } else if (letter == U'⁄') {
            ascii.push_back('/');
        } else if (!is_combining_mark(letter)) {
            return std::nullopt;
        }
    }
    if (ascii.empty()) return std::nullopt;
    return ascii;
}

std::optional<std::string> plain_of(char32_t code_point) {
    if (const auto known = by_hand(code_point)) return std::string(*known);
    if (is_combining_mark(code_point)) return std::nullopt;
    return decomposed(code_point);
}

// Vietnamese letters come again and again; all that it is written with lies below this.
constexpr char32_t remembered = 0x1F00;

const std::optional<std::string>& remembered_plain_of(char32_t code_point) {
    static const auto table = [] {
        std::vector<std::optional<std::string>> plain;
        for (char32_t each = 0; each < remembered; ++each)
            plain.push_back(plain_of(each));
        return plain;
    }();
    return table[code_point];
}

}  // namespace

std::string unaccent(std::string_view utf8) {
    std::string plain;
    plain.reserve(utf8.size());
    bool after_ascii = false;  // a mark that follows a plain letter belongs to it and goes
    const auto put = [&](char32_t code_point, const std::optional<std::string>& ascii) {
        if (!ascii && is_combining_mark(code_point) && after_ascii) return;
        if (ascii)
            plain += *ascii;
        else
            append_code_point(plain, code_point);
        after_ascii = ascii || (is_combining_mark(code_point) && after_ascii);
    };
    for (auto rest = utf8; !rest.empty();) {
        const auto code_point = take_code_point(rest);
        if (code_point < 0x80 && code_point != U'`') {
            plain.push_back(static_cast<char>(code_point));
            after_ascii = true;
        } else if (code_point < remembered) {
            put(code_point, remembered_plain_of(code_point));
        } else {
            put(code_point, plain_of(code_point));
        }
    }
    return plain;
}

}  // namespace notify::sms
