// The figures: how often something happened in a month, in a unit, for a procedure. Every record (dossier,
// survey session) says by a pure function what it counts; a step that changes a record adds the difference of
// before and after to the kept tallies, and `hoiam recount` sums the same function over all records. So kept
// and recounted figures cannot mean different things.
#pragma once

#include "config/civil_time.hpp"

#include <compare>
#include <string>
#include <vector>

namespace notify {

struct Count {
    config::Month month;
    std::string unit;       // UnitKey::str()
    std::string procedure;  // procedure code
    std::string measure;    // received, resolved, late, invited, score_5, reason_late …
    int by = 1;
    auto operator<=>(const Count&) const = default;
};

/// What turns the figures of `before` into those of `after`; nothing where both agree.
std::vector<Count> difference(std::vector<Count> before, std::vector<Count> after);

}  // namespace notify
