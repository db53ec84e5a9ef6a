#include "notify/tally.hpp"

#include <algorithm>
#include <tuple>

namespace notify {

std::vector<Count> difference(std::vector<Count> before, std::vector<Count> after) {
    for (auto& count : before)
        count.by = -count.by;
    after.insert(after.end(), before.begin(), before.end());
    std::ranges::sort(after);
    const auto place = [](const Count& c) { return std::tie(c.month, c.unit, c.procedure, c.measure); };
    std::vector<Count> changes;
    for (auto& count : after) {
        if (!changes.empty() && place(changes.back()) == place(count))
            changes.back().by += count.by;
        else
            changes.push_back(std::move(count));
    }
    std::erase_if(changes, [](const Count& c) { return c.by == 0; });
    return changes;
}

}  // namespace notify
