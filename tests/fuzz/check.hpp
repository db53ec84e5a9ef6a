// What the fuzz targets share: an invariant that stops the run with its words when it does not hold, and
// taking a fuzzer's bytes apart. Single-threaded, as libFuzzer calls it.
#pragma once

#include "notify/sms/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace fuzz {

inline void check(bool holds, const char* invariant) {
    if (holds) return;
    std::fprintf(stderr, "invariant broken: %s\n", invariant);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Everything before the next line break, which goes too; all of it when there is none.
inline std::string_view take_line(std::string_view& rest) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

/// A choice among `count`, named by a letter at the front so that seeds can be read: 'a' is the first.
inline std::size_t take_choice(std::string_view& rest, std::size_t count) {
    if (rest.empty()) return 0;
    const auto choice = (static_cast<unsigned char>(rest.front()) + 256U - 'a') % 256U % count;
    rest.remove_prefix(1);
    return choice;
}

inline bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto before = text;
        const bool replaced = notify::sms::take_code_point(text) == notify::sms::replacement_character;
        if (replaced && !before.starts_with("\xEF\xBF\xBD")) return false;
    }
    return true;
}

}  // namespace fuzz
