// How many SMS parts a text takes: the encoding its characters force, its units in that encoding and the
// parts by the provider's own limits. Composing, previews and `hoiam text` ask it on the exact bytes to be
// sent. A pair that belongs together (an escaped GSM-7 character, a surrogate pair) is never split over two
// parts, as the standard demands. Pure, any thread; bytes that are not UTF-8 count as U+FFFD.
#pragma once

#include <string_view>

namespace notify::sms {

enum class Encoding { gsm7, ucs2 };

std::string_view to_string(Encoding);

struct PartLimits {
    int gsm7_single = 160;
    int gsm7_multi = 153;
    int ucs2_single = 70;
    int ucs2_multi = 67;

    bool operator==(const PartLimits&) const = default;
};

struct Size {
    Encoding encoding;
    int units;  // septets or UTF-16 units
    int parts;  // an empty text is one part

    bool operator==(const Size&) const = default;
};

Size measure(std::string_view utf8, const PartLimits& limits = {});

}  // namespace notify::sms
