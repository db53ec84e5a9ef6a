// The reasons a reply states: phrases of the catalogue, less those denied ("không phải trễ hẹn, mà là …") and
// those inside a phrase that is no complaint ("không phải chờ lâu"). Called by Reader for both questions.
// Pure.
#pragma once

#include <vector>

#include "survey/text/phrasebook.hpp"

namespace survey::text {

// Places in the catalogue, ascending, without duplicates; `decisive` are the matches that said so.
struct ReasonFinding {
    std::vector<int> reasons;
    std::vector<Match> decisive;
};

ReasonFinding find_reasons(const Phrasebook& book, const Study& study);

}  // namespace survey::text
