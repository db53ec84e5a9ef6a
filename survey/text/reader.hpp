// Reader: what a citizen's reply means. Made once at start from the lexicon; the survey session asks it for
// the score or the reasons of each inbound SMS and stores the reading with the raw text, the rule that
// decided and the lexicon's version. It never guesses in the citizen's favour: what is not understood is
// `unclear`, and `optout` is returned only where no other meaning is likely. Of a reply only the first 4 KiB
// are read. Immutable after construction: any thread may read. Throws std::invalid_argument when a phrase of
// the lexicon is malformed, saying which; reading itself never fails, whatever the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexicon.hpp"
#include "survey/rating.hpp"

namespace survey::text {

enum class Disposition : std::uint8_t { score, reasons, unclear, optout, optin, lookup, other };

std::string_view name_of(Disposition disposition);

struct Reading {
    Disposition disposition = Disposition::unclear;
    std::optional<Rating> score;
    std::vector<std::string> reasons;  // codes in the order of the catalogue, without duplicates
    std::string rule;                  // which rule decided; stable, stored with the answer
};

class Phrasebook;

class Reader {
public:
    explicit Reader(const config::Lexicon& lexicon);
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    Reading read_score(std::string_view reply) const;   // a reply to the question for a score
    Reading read_reason(std::string_view reply) const;  // a reply to the question for reasons

    std::string_view version() const { return version_; }

private:
    std::vector<std::string> codes(const std::vector<int>& places) const;

    std::string version_;
    std::vector<std::string> codes_;
    std::unique_ptr<Phrasebook> book_;
};

}  // namespace survey::text
