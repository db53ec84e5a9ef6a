// The tallies, and how the counts of one lie in its row: "answered=12 score_5=7". One row for all measures,
// because a question over three years would read seven times as many with a row for each.
#pragma once

#include "notify/tally.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace gateway::storage {

using Counts = std::map<std::string, std::int64_t, std::less<>>;  // by measure

/// Dimension (0 commune, 1 procedure), month and key (unit or procedure).
using TallyKey = std::tuple<int, int, std::string>;
using Tallies = std::map<TallyKey, Counts>;

/// Each count is one of its unit's and one of its procedure's.
void add_counts(Tallies& tallies, const std::vector<notify::Count>& counts);

/// Adds a row's counts; false, with some of them added, where the text is none.
bool try_add_counts(Counts& counts, std::string_view text);
/// The same; throws notify::StoreUnavailable where the text is none.
void add_counts(Counts& counts, std::string_view text);

/// What add_counts reads; counts of 0 are left out.
std::string text_of(const Counts& counts);

}  // namespace gateway::storage
