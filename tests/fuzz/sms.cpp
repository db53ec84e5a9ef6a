// SMS text: parts against a second, naive count; unaccenting; the choice of encoding.
#include "notify/compose.hpp"
#include "notify/sms/gsm7.hpp"
#include "notify/sms/unaccent.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/naive_parts.hpp"

namespace {

using fuzz::check;
namespace sms = notify::sms;

void check_parts(std::string_view text, const sms::PartLimits& limits) {
    const auto size = sms::measure(text, limits);
    const auto as_size = [](int value) { return static_cast<std::size_t>(value); };
    const auto naive = naive::count(
        text, {as_size(limits.gsm7_single), as_size(limits.gsm7_multi), as_size(limits.ucs2_single),
               as_size(limits.ucs2_multi)}
    );
    check((size.encoding == sms::Encoding::ucs2) == naive.ucs2, "the encoding is that of a naive look");
    check(as_size(size.units) == naive.units, "the units are those of a naive count");
    check(as_size(size.parts) == naive.parts, "the parts are those of a naive count");
}

void check_unaccenting(std::string_view text) {
    const auto plain = sms::unaccent(text);
    check(sms::unaccent(plain) == plain, "unaccenting twice is unaccenting once");
    check(fuzz::is_utf8(plain), "an unaccented text is UTF-8");
    for (std::string_view rest = plain; !rest.empty();)
        check(sms::take_code_point(rest) != U'`', "no unaccented text holds the accent GSM-7 lacks");
}

void check_encoding(const std::string& text) {
    const auto accented = sms::measure(text), plain = sms::measure(sms::unaccent(text));
    for (const auto accents : {config::Accents::never, config::Accents::automatic, config::Accents::always}) {
        const auto encoded = notify::encode(text, accents);
        const auto size = sms::measure(encoded.content);
        check(encoded.parts == size.parts, "a text says how many parts it takes");
        check(encoded.ucs2 == (size.encoding == sms::Encoding::ucs2), "a text says its encoding");
        if (accents == config::Accents::always) check(encoded.content == text, "always keeps the accents");
        if (accents == config::Accents::automatic)
            check(encoded.parts == std::min(accented.parts, plain.parts), "automatic is the cheaper");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    check_parts(text, {});
    check_parts(text, {.gsm7_single = 122, .gsm7_multi = 134, .ucs2_single = 70, .ucs2_multi = 67});
    check_parts(text, {.gsm7_single = 3, .gsm7_multi = 2, .ucs2_single = 3, .ucs2_multi = 2});
    check_unaccenting(text);
    check_encoding(std::string(text));
    return 0;
}
