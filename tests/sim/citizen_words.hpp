// What simulated citizens type: phrases for each score and each reason, written for this project in the ways
// people really write (accented, without accents, teencode, in capitals). The label beside a phrase is what
// the citizen means by the project's labelling guide. Constant data and pure functions, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tests/sim/lot.hpp"

namespace sim {

struct ReasonPhrases {
    std::string_view label;
    std::span<const std::string_view> phrases;
};

std::span<const std::string_view> score_phrases(int score);  // 1 to 5
std::span<const ReasonPhrases> reason_phrases();
std::span<const std::string_view> nonsense_phrases();
std::span<const std::string_view> opt_out_phrases();
std::span<const std::string_view> lookup_phrases();

// The phrase as this citizen would type it: with or without accents, in teencode, in capitals.
std::string typed(std::string_view phrase, const Lot& lot, std::string_view citizen);

}  // namespace sim
