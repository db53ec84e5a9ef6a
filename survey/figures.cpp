#include "survey/figures.hpp"

#include <fmt/format.h>

namespace survey {

std::string shown_key(const std::string& key) {
    return key.substr(0, key.find('@'));
}

TallyRow total(const std::vector<TallyRow>& rows, std::string name) {
    TallyRow sum{.key = "total", .name = std::move(name)};
    for (const auto& row : rows)
        for (const auto& [measure, n] : row.counts)
            sum.counts[measure] += n;
    return sum;
}

Satisfaction satisfaction(const TallyRow& row, const config::Survey& survey) {
    Satisfaction result{
        .key = shown_key(row.key),
        .name = row.name,
        .invited = row.count("invited"),
        .delivered = row.count("delivered"),
        .answered = row.count("answered")
    };
    for (int score = 1; score <= 5; ++score)
        result.scores[static_cast<std::size_t>(score - 1)] = row.count(fmt::format("score_{}", score));
    for (const int score : survey.questionnaire.satisfied)
        result.satisfied += result.scores[static_cast<std::size_t>(score - 1)];
    if (result.invited > 0)
        result.response_rate = static_cast<double>(result.answered) / static_cast<double>(result.invited);
    result.withheld = result.answered < survey.least_answers;
    if (result.withheld) return result;
    result.rate = static_cast<double>(result.satisfied) / static_cast<double>(result.answered);
    result.interval = wilson(static_cast<int>(result.satisfied), static_cast<int>(result.answered));
    return result;
}

Reasons reasons(const TallyRow& row, const config::Lexicon& lexicon, int least, bool all) {
    Reasons result{.key = shown_key(row.key), .name = row.name, .dissatisfied = row.count("dissatisfied")};
    for (const auto& reason : lexicon.reasons) {
        const bool show = !reason.sensitive || (all && result.dissatisfied >= least);
        Reasons::Item item{.code = reason.code, .label = reason.label};
        if (show) item.count = row.count("reason_" + reason.code);
        result.items.push_back(std::move(item));
    }
    return result;
}

Punctuality punctuality(const TallyRow& row) {
    return {
        .key = shown_key(row.key),
        .name = row.name,
        .received = row.count("received"),
        .resolved = row.count("resolved"),
        .early = row.count("early"),
        .on_time = row.count("on_time"),
        .late = row.count("late"),
        .by_post = row.count("by_post"),
        .no_due_date = row.count("no_due_date")
    };
}

}  // namespace survey
