// A second count of SMS parts, written from the standard (3GPP TS 23.038 and 23.040) and not from our code:
// the alphabet as the standard's table of 128 places, the text cut into parts one after another and the parts
// counted. Slow and plain; the fuzz targets and the property tests hold sms::measure against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace naive {

struct Limits {
    std::size_t gsm7_single = 160, gsm7_multi = 153, ucs2_single = 70, ucs2_multi = 67;
};

struct Count {
    bool ucs2 = false;
    std::size_t units = 0, parts = 1;
    bool operator==(const Count&) const = default;
};

/// Decodes as the Unicode standard's table 3-7 says; every byte that fits nowhere is one U+FFFD.
inline std::vector<std::uint32_t> code_points(std::string_view utf8) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) : 0;
    };
    const auto within = [](std::uint32_t b, std::uint32_t low, std::uint32_t high) {
        return b >= low && b <= high;
    };
    const auto tail = [&](std::size_t i) { return within(byte(i), 0x80, 0xBF); };
    std::vector<std::uint32_t> all;
    for (std::size_t i = 0; i < utf8.size();) {
        const auto a = byte(i), b = byte(i + 1);
        const bool second_of_three = a == 0xE0   ? within(b, 0xA0, 0xBF)
                                     : a == 0xED ? within(b, 0x80, 0x9F)
                                                 : within(b, 0x80, 0xBF);
        const bool second_of_four = a == 0xF0   ? within(b, 0x90, 0xBF)
                                    : a == 0xF4 ? within(b, 0x80, 0x8F)
                                                : within(b, 0x80, 0xBF);
        if (a < 0x80) {
            all.push_back(a);
            i += 1;
        } else if (within(a, 0xC2, 0xDF) && tail(i + 1)) {
            all.push_back((a - 0xC0) * 64 + (b - 0x80));
            i += 2;
        } else if (within(a, 0xE0, 0xEF) && second_of_three && tail(i + 2)) {
            all.push_back((a - 0xE0) * 4096 + (b - 0x80) * 64 + (byte(i + 2) - 0x80));
            i += 3;
        } else if (within(a, 0xF0, 0xF4) && second_of_four && tail(i + 2) && tail(i + 3)) {
            all.push_back(
                (a - 0xF0) * 262144 + (b - 0x80) * 4096 + (byte(i + 2) - 0x80) * 64 + (byte(i + 3) - 0x80)
            );
            i += 4;
        } else {
            all.push_back(0xFFFD);
            i += 1;
        }
    }
    return all;
}

/// Septets of a character, or none when GSM-7 does not have it.
inline std::optional<std::size_t> septets(std::uint32_t code_point) {
    // TS 23.038 §6.2.1, place by place; place 0x1B is the escape.
    static const std::u32string table =
        U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ"
        U" !\"#¤%&'()*+,-./0123456789:;<=>?"
        U"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
        U"¿abcdefghijklmnopqrstuvwxyzäöñüà";
    static const std::u32string behind_escape = U"\f^{}\\[~]|€";
    if (code_point == 0x1B) return std::nullopt;
    if (table.find(static_cast<char32_t>(code_point)) != std::u32string::npos) return 1;
    if (behind_escape.find(static_cast<char32_t>(code_point)) != std::u32string::npos) return 2;
    return std::nullopt;
}

inline Count count(std::string_view utf8, const Limits& limits = {}) {
    const auto text = code_points(utf8);
    Count result;
    for (const auto code_point : text)
        if (!septets(code_point)) result.ucs2 = true;
    std::vector<std::size_t> sizes;
    for (const auto code_point : text)
        sizes.push_back(result.ucs2 ? (code_point >= 0x10000 ? 2U : 1U) : *septets(code_point));
    for (const auto size : sizes)
        result.units += size;
    if (result.units <= (result.ucs2 ? limits.ucs2_single : limits.gsm7_single)) return result;
    const auto room = result.ucs2 ? limits.ucs2_multi : limits.gsm7_multi;
    std::vector<std::vector<std::size_t>> parts(1);
    std::size_t left = room;
    for (const auto size : sizes) {
        if (size > left) {
            parts.emplace_back();
            left = room;
        }
        parts.back().push_back(size);
        left -= size;
    }
    result.parts = parts.size();
    return result;
}

}  // namespace naive
