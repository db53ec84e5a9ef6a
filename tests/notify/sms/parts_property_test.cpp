// Properties of parts and unaccenting over generated texts; the naive count is a second implementation.
#include "notify/compose.hpp"
#include "notify/sms/unaccent.hpp"
#include "tests/support/naive_parts.hpp"
#include "tests/support/property.hpp"

#include <algorithm>

namespace {

namespace sms = notify::sms;

// Long enough to need several parts: the text is said `times` times.
std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

RC_GTEST_PROP(PartsProperty, agree_with_a_naive_count_under_any_limits, ()) {
    const auto text = repeated(*property::any_text(), *rc::gen::inRange(1, 12));
    const auto single = *rc::gen::inRange(2, 200), less = *rc::gen::inRange(0, 20);
    const sms::PartLimits limits{
        .gsm7_single = single,
        .gsm7_multi = std::max(2, single - less),
        .ucs2_single = single / 2 + 2,
        .ucs2_multi = std::max(2, single / 2 - less)
    };
    const auto as_size = [](int value) { return static_cast<std::size_t>(value); };
    const auto naive = naive::count(
        text, {as_size(limits.gsm7_single), as_size(limits.gsm7_multi), as_size(limits.ucs2_single),
               as_size(limits.ucs2_multi)}
    );
    const auto size = sms::measure(text, limits);
    RC_ASSERT((size.encoding == sms::Encoding::ucs2) == naive.ucs2);
    RC_ASSERT(as_size(size.units) == naive.units);
    RC_ASSERT(as_size(size.parts) == naive.parts);
}

RC_GTEST_PROP(PartsProperty, more_text_never_takes_fewer_parts, ()) {
    const auto text = repeated(*property::any_text(), *rc::gen::inRange(1, 8));
    const auto more = *property::any_text();
    // Bytes cut in two at the seam would make one character of two.
    const bool whole = more.empty() || (static_cast<unsigned char>(more.front()) & 0xC0U) != 0x80U;
    RC_PRE(whole);
    RC_ASSERT(sms::measure(text).parts <= sms::measure(text + more).parts);
}

RC_GTEST_PROP(UnaccentProperty, twice_is_once, ()) {
    const auto plain = sms::unaccent(*property::any_text());
    RC_ASSERT(sms::unaccent(plain) == plain);
}

RC_GTEST_PROP(UnaccentProperty, vietnamese_becomes_ascii_and_never_takes_more_parts, ()) {
    const auto text = repeated(*property::vietnamese_text(), *rc::gen::inRange(1, 12));
    const auto plain = sms::unaccent(text);
    RC_ASSERT(std::ranges::all_of(plain, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    RC_ASSERT(sms::measure(plain).encoding == sms::Encoding::gsm7);
    RC_ASSERT(sms::measure(plain).parts <= sms::measure(text).parts);
}

RC_GTEST_PROP(UnaccentProperty, parts_of_a_text_are_unaccented_alone_or_together, ()) {
    const auto first = *property::vietnamese_text(), second = *property::vietnamese_text();
    RC_ASSERT(sms::unaccent(first + second) == sms::unaccent(first) + sms::unaccent(second));
}

RC_GTEST_PROP(EncodeProperty, automatic_takes_the_cheaper_and_accents_where_they_are_free, ()) {
    const auto text = repeated(*property::any_text(), *rc::gen::inRange(1, 8));
    const auto plain = notify::encode(text, config::Accents::never);
    const auto accented = notify::encode(text, config::Accents::always);
    const auto chosen = notify::encode(text, config::Accents::automatic);
    RC_ASSERT(accented.content == text);
    RC_ASSERT(plain.content == sms::unaccent(text));
    RC_ASSERT(chosen.parts == std::min(plain.parts, accented.parts));
    RC_ASSERT((chosen.content == text) == (accented.parts <= plain.parts || plain.content == text));
}

}  // namespace
