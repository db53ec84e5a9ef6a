#include "survey/text/scope.hpp"

#include <algorithm>

namespace survey::text {
namespace {

constexpr std::size_t reach = 7;

// "không chỉ trễ", "không những trễ": emphasis, no denial.
bool only_emphasis(const Study& study, std::size_t negator) {
    if (negator + 1 >= study.tokens.size()) return false;
    const auto& next = study.tokens[negator + 1].folded;
    return next == "chi" || next == "nhung" || next == "biet" || next == "hieu";
}

// "ở đâu cũng không ai trả lời": a place, no denial.
bool asks_for_place(const Study& study, std::size_t negator) {
    if (study.tokens[negator].folded != "dau" || study.clause_starts(negator)) return false;
    const auto& before = study.tokens[negator - 1].folded;
    return before == "o" || before == "toi" || before == "den" || before == "di";
}

// "trễ hẹn thì không", "thái độ thì không có gì": denied from behind.
bool denied_behind(const Phrasebook& book, const Study& study, const Match& match) {
    const auto& tokens = study.tokens;
    auto at = match.end;
    if (at + 1 >= tokens.size() || tokens[at].before != Break::none || tokens[at].folded != "thi")
        return false;
    if (!book.negators.holds(tokens[at + 1])) return false;
    return at + 2 >= tokens.size() || study.clause_starts(at + 2) || tokens[at + 2].folded == "co" ||
           tokens[at + 2].folded == "phai" || tokens[at + 2].folded == tokens[match.begin].folded;
}

}  // namespace

bool denied(
    const Phrasebook& book, const Study& study, const std::vector<Match>& complaints,
    const std::vector<Match>& denied_before, const Match& match
) {
    if (denied_behind(book, study, match)) return true;
    std::size_t at = match.begin;
    for (std::size_t step = 0; step < reach; ++step) {
        if (study.clause_starts(at)) return false;
        --at;
        const auto& token = study.tokens[at];
        bool or_of_denied =
            book.either.holds(token) && std::ranges::any_of(denied_before, [&](const Match& other) {
                return other.end <= at && at <= other.end + 1;
            });
        if (or_of_denied) return true;
        if (book.negators.holds(token)) {
            if (only_emphasis(study, at) || asks_for_place(study, at)) return false;
            return std::ranges::none_of(complaints, [&](const Match& other) {
                return other.begin <= at && at < other.end;
            });
        }
        if (!book.transparent.holds(token)) return false;
    }
    return false;
}

}  // namespace survey::text
