#include "notify/sms/gsm7.hpp"

#include <algorithm>
#include <string_view>

namespace notify::sms {
namespace {

constexpr std::u32string_view extension = U"\f^{}\\[~]|€";
constexpr std::u32string_view beyond_ascii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";

}  // namespace

int gsm7_septets(char32_t code_point) {
    if (code_point < 0x80) {
        if (code_point == U'\n' || code_point == U'\r') return 1;
        if (extension.find(code_point) != std::u32string_view::npos) return 2;
        if (code_point < 0x20 || code_point == U'`' || code_point == 0x7F) return 0;
        return 1;
    }
    if (code_point == U'€') return 2;
    return beyond_ascii.find(code_point) == std::u32string_view::npos ? 0 : 1;
}

}  // namespace notify::sms
