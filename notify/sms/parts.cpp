#include "notify/sms/parts.hpp"

#include "notify/sms/gsm7.hpp"
#include "notify/sms/utf8.hpp"

namespace notify::sms {
namespace {

// Fills parts of a fixed size with characters of one or two units.
struct Filler {
    int part_size;
    int total = 0;
    int parts = 1;
    int used = 0;

    void add(int units) {
        total += units;
        used += units;
        if (used > part_size) {
            ++parts;
            used = units;
        }
    }

    int parts_or_single(int single) const { return total <= single ? 1 : parts; }
};

}  // namespace

std::string_view to_string(Encoding encoding) {
    return encoding == Encoding::gsm7 ? "gsm7" : "ucs2";
}

Size measure(std::string_view utf8, const PartLimits& limits) {
    Filler gsm7{.part_size = limits.gsm7_multi};
    Filler ucs2{.part_size = limits.ucs2_multi};
    bool fits_gsm7 = true;
    for (auto rest = utf8; !rest.empty();) {
        const auto code_point = take_code_point(rest);
        const auto septets = gsm7_septets(code_point);
        fits_gsm7 = fits_gsm7 && septets != 0;
        gsm7.add(septets);
        ucs2.add(code_point > 0xFFFF ? 2 : 1);
    }
    if (fits_gsm7) return {Encoding::gsm7, gsm7.total, gsm7.parts_or_single(limits.gsm7_single)};
    return {Encoding::ucs2, ucs2.total, ucs2.parts_or_single(limits.ucs2_single)};
}

}  // namespace notify::sms
