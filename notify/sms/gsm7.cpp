#include "notify/sms/gsm7.hpp"

namespace notify::sms::gsm7 {

int beyond_ascii(char32_t code_point) {
    constexpr std::u32string_view letters = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
    constexpr char32_t last_greek = 0x3FF;
    if (code_point > last_greek) return code_point == U'€' ? 2 : 0;
    return letters.find(code_point) == std::u32string_view::npos ? 0 : 1;
}

}  // namespace notify::sms::gsm7
