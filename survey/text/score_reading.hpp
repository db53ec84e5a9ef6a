// The score a reply gives: the number chosen, else the words of the scale, else praise or complaint, else
// reasons alone. Where number and words contradict each other, or the reply holds two scores, there is none.
// Called by Reader for the score question. Pure.
#pragma once

#include <optional>
#include <string>

#include "survey/text/phrasebook.hpp"
#include "survey/text/reason_reading.hpp"

namespace survey::text {

struct ScoreFinding {
    std::optional<int> score;
    bool confusing = false;  // ask again, whatever else the reply holds
    std::string rule;
};

// By number or in the scale's words.
ScoreFinding find_stated_score(const Phrasebook& book, const Study& study, const ReasonFinding& reasons);

// By praise, complaint or reasons only.
ScoreFinding find_implied_score(const Phrasebook& book, const Study& study, const ReasonFinding& reasons);

}  // namespace survey::text
