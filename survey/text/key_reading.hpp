// The number a citizen chose: "5", "số 4 nha", "năm", "4/5", "10 điểm", "4, à lộn, 2 mới đúng". Tells it
// apart from numbers that only count ("đi 3 lần", "quầy số 3"), takes corrections into account, and says when
// two numbers leave it open. Called by score reading. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "survey/text/phrasebook.hpp"

namespace survey::text {

struct KeyFinding {
    std::optional<int> value;
    bool confusing = false;  // two scores, or a number outside every known scale
    std::string_view rule;
};

KeyFinding find_key(const Phrasebook& book, const Study& study);

}  // namespace survey::text
