#include "notify/sms/gsm7.hpp"

#include <array>
#include <string_view>

namespace notify::sms {
namespace {

constexpr std::u32string_view extension = U"\f^{}\\[~]|€";
constexpr std::u32string_view beyond_ascii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";

constexpr int of_ascii(char32_t code_point) {
    if (code_point == U'\n' || code_point == U'\r') return 1;
    if (extension.find(code_point) != std::u32string_view::npos) return 2;
    return code_point < 0x20 || code_point == U'`' || code_point == 0x7F ? 0 : 1;
}

constexpr auto ascii = [] {
    std::array<signed char, 0x80> septets{};
    for (char32_t code_point = 0; code_point < septets.size(); ++code_point)
        septets[code_point] = static_cast<signed char>(of_ascii(code_point));
    return septets;
}();

constexpr char32_t last_greek = 0x3FF;

}  // namespace

int gsm7_septets(char32_t code_point) {
    if (code_point < ascii.size()) return ascii[code_point];
    if (code_point > last_greek) return code_point == U'€' ? 2 : 0;
    return beyond_ascii.find(code_point) == std::u32string_view::npos ? 0 : 1;
}

}  // namespace notify::sms
