// Honest figures out of kept tallies: satisfaction with its n, formula, interval and response rate, reasons,
// and punctuality. Rates of fewer answers than the minimum are withheld; a sensitive reason is never broken
// down below it. The same figures feed the HTTP interface and `hoiam report`. Pure.
#pragma once

#include "config/lexicon.hpp"
#include "config/settings.hpp"
#include "survey/statistics.hpp"
#include "survey/store.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace survey {

/// How the rate is made, said wherever it stands.
inline constexpr std::string_view satisfaction_formula = "satisfied (4-5) / answered";

struct Satisfaction {
    std::string key, name;
    std::int64_t invited = 0, delivered = 0, answered = 0, satisfied = 0;
    std::array<std::int64_t, 5> scores{};  // of 1 … 5
    bool withheld = true;
    std::optional<double> rate;  // none when withheld
    std::optional<Interval> interval;
    std::optional<double> response_rate;  // answered of invited
};

struct Reasons {
    struct Item {
        std::string code, label;
        std::optional<std::int64_t> count;  // none: withheld
    };
    std::string key, name;
    std::int64_t dissatisfied = 0;
    std::vector<Item> items;  // in the catalogue's order
};

struct Punctuality {
    std::string key, name;
    std::int64_t received = 0, resolved = 0, early = 0, on_time = 0, late = 0, by_post = 0, no_due_date = 0;
};

Satisfaction satisfaction(const TallyRow& row, const config::Survey& survey);
/// `all` shows sensitive reasons where the minimum is met; otherwise they are withheld from every part.
Reasons reasons(const TallyRow& row, const config::Lexicon& lexicon, int least, bool all);
Punctuality punctuality(const TallyRow& row);

/// The sum of all rows, under the given name.
TallyRow total(const std::vector<TallyRow>& rows, std::string name);

/// "25888@2013-12-29" → "25888": the code alone, as people know it.
std::string shown_key(const std::string& key);

}  // namespace survey
