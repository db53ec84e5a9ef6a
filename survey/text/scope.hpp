// Scope of negation: does a "không" before a phrase deny it? It does when only transparent words stand
// between
// ("không có ai đòi tiền"), not across a comma or "nhưng", and not when it belongs to another complaint
// ("không có ghế, đợi lâu"). Used by reason and score reading. Pure.
#pragma once

#include <vector>

#include "survey/text/phrasebook.hpp"

namespace survey::text {

bool denied(
    const Phrasebook& book, const Study& study, const std::vector<Match>& complaints,
    const std::vector<Match>& denied_before, const Match& match
);

}  // namespace survey::text
