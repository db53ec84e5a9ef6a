// Inbound texts: the score and the reasons that the reader finds in any bytes.
#include "survey/text/reader.hpp"
#include "tests/fuzz/check.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace {

using fuzz::check;
using survey::text::Disposition;
using survey::text::Reading;

const config::Lexicon& lexicon() {
    static const config::Lexicon loaded = config::shipped_lexicon().value();
    return loaded;
}

std::optional<std::string> normalised(std::string_view text, utf8proc_option_t form) {
    utf8proc_uint8_t* result = nullptr;
    const auto size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
        &result, static_cast<utf8proc_option_t>(form | UTF8PROC_STABLE)
    );
    if (size < 0) return std::nullopt;
    std::string normal(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
    std::free(result);
    return normal;
}

void check_reading(const Reading& reading) {
    check(reading.score.has_value() == (reading.disposition == Disposition::score), "a score is a score");
    check(!name_of(reading.disposition).empty(), "a disposition has a name");
    check(!reading.rule.empty(), "a reading names the rule that decided");
    auto place = lexicon().reasons.begin();
    for (const auto& code : reading.reasons) {
        place = std::find_if(place, lexicon().reasons.end(), [&](const auto& r) { return r.code == code; });
        check(place != lexicon().reasons.end(), "reasons stand in the catalogue's order, each once");
        ++place;
    }
}

bool same(const Reading& one, const Reading& other) {
    return one.disposition == other.disposition && one.score == other.score && one.reasons == other.reasons &&
           one.rule == other.rule;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const survey::text::Reader reader(lexicon());
    const auto text = fuzz::text_of(data, size);
    const auto score = reader.read_score(text), reason = reader.read_reason(text);
    check_reading(score);
    check_reading(reason);
    check(same(score, reader.read_score(text)), "the same reply is read the same way");
    // Phones write one letter in two forms; what is meant is one thing.
    const auto composed = normalised(text, UTF8PROC_COMPOSE),
               taken_apart = normalised(text, UTF8PROC_DECOMPOSE);
    if (!composed || !taken_apart) return 0;
    check(
        same(reader.read_score(*composed), reader.read_score(*taken_apart)),
        "a score in NFC and NFD is one score"
    );
    check(
        same(reader.read_reason(*composed), reader.read_reason(*taken_apart)),
        "reasons in NFC and NFD are the same reasons"
    );
    return 0;
}
