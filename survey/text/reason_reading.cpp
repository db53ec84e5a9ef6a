#include "survey/text/reason_reading.hpp"

#include <algorithm>

#include "survey/text/scope.hpp"

namespace survey::text {

ReasonFinding find_reasons(const Phrasebook& book, const Study& study) {
    auto candidates = book.all(study, Purpose::reason);
    auto harmless = book.all(study, Purpose::no_complaint);
    for (const auto& slip : book.all(study, Purpose::correction))
        harmless.push_back(slip);
    std::erase_if(candidates, [&](const Match& match) {
        return std::ranges::any_of(harmless, [&](const Match& phrase) {
            return phrase.overlaps(match) && phrase.length() >= match.length();
        });
    });
    ReasonFinding finding;
    std::vector<Match> denied_so_far;
    for (const auto& match : candidates) {
        if (denied(book, study, candidates, denied_so_far, match)) {
            denied_so_far.push_back(match);
        } else {
            finding.decisive.push_back(match);
            finding.reasons.push_back(book.use(match).value);
        }
    }
    std::ranges::sort(finding.reasons);
    auto repeated = std::ranges::unique(finding.reasons);
    finding.reasons.erase(repeated.begin(), repeated.end());
    return finding;
}

}  // namespace survey::text
