#include "survey/text/score_reading.hpp"

#include <algorithm>
#include <vector>

#include "survey/text/key_reading.hpp"

namespace survey::text {
namespace {

struct Opinion {
    int value = 0;
    Match match;
};

// "chấp nhận được" inside "không thể chấp nhận được", "cũng được" inside "sao cũng được".
bool part_of_other_words(const Phrasebook& book, const Study& study, const Match& match) {
    return std::ranges::any_of(study.matches, [&](const Match& other) {
        auto purpose = book.use(other).purpose;
        bool opinion = purpose == Purpose::scale || purpose == Purpose::tone || purpose == Purpose::puzzled;
        return opinion && other.length() > match.length() && other.covers(match);
    });
}

std::vector<Opinion> opinions(const Phrasebook& book, const Study& study, Purpose purpose) {
    std::vector<Opinion> result;
    for (const auto& match : book.all(study, purpose)) {
        if (part_of_other_words(book, study, match)) continue;
        int value = book.use(match).value;
        if (result.empty() || !result.back().match.overlaps(match)) {
            result.push_back({value, match});
        } else if (match.length() > result.back().match.length()) {
            result.back() = {value, match};
        }
    }
    return result;
}

// Words of tone inside words of the scale or inside a complaint say nothing more.
std::vector<Opinion> free_tones(const Phrasebook& book, const Study& study) {
    auto tones = opinions(book, study, Purpose::tone);
    std::erase_if(tones, [&](const Opinion& tone) {
        return std::ranges::any_of(study.matches, [&](const Match& other) {
            auto purpose = book.use(other).purpose;
            bool stronger = purpose == Purpose::scale || purpose == Purpose::reason;
            if (!stronger || !other.overlaps(tone.match)) return false;
            bool hides = tone.value == 1 ? other.covers(tone.match) : true;
            return hides && other.length() >= tone.match.length() + (tone.value == 1 ? 1 : 0);
        });
    });
    return tones;
}

bool contrast_before(const Phrasebook& book, const Study& study, std::size_t end) {
    for (std::size_t at = 0; at < end; ++at) {
        if (book.contrast.holds(study.tokens[at])) return true;
    }
    return false;
}

ScoreFinding score(int value, std::string rule) {
    return {value, false, std::move(rule)};
}
ScoreFinding unclear(std::string rule) {
    return {std::nullopt, true, std::move(rule)};
}

bool contradicts(int key, int words) {
    return (key <= 2 && words >= 3) || (key >= 4 && words <= 3) || (key == 3 && words != 3);
}

// "1 rất hài lòng", "5 quá tệ"; a complaint with its reasons beside a good score is none.
bool contradicted(const Phrasebook& book, const Study& study, int key, bool reasons) {
    auto scale = opinions(book, study, Purpose::scale);
    if (!scale.empty()) {
        return std::ranges::all_of(scale, [&](const Opinion& words) {
            return contradicts(key, words.value);
        });
    }
    auto tones = free_tones(book, study);
    if (tones.empty()) return false;
    if (contrast_before(book, study, study.tokens.size())) {
        return key >= 4 && !reasons &&
               std::ranges::any_of(tones, [](const Opinion& tone) { return tone.value == 1; });
    }
    bool good = std::ranges::any_of(tones, [](const Opinion& tone) { return tone.value >= 4; });
    bool bad = std::ranges::any_of(tones, [](const Opinion& tone) { return tone.value <= 2; });
    if (good == bad) return false;
    if (good) return key <= 2 && !reasons;
    return key >= 4;
}

ScoreFinding from_scale(const Phrasebook& book, const Study& study, const std::vector<Opinion>& words) {
    auto [low, high] = std::ranges::minmax(words, {}, &Opinion::value);
    auto rule = book.use(words.front().match).rule;
    if (low.value == high.value) return score(low.value, rule);
    if (book.any(study, Purpose::correction)) return score(words.back().value, "scale.corrected");
    if (low.value >= 4) return score(high.value, book.use(high.match).rule);
    if (high.value <= 2) return score(low.value, book.use(low.match).rule);
    return unclear("scale.several");
}

// "lâu quá", "quá lâu": the complaint itself is stressed.
bool stressed(const Phrasebook& book, const Study& study, const ReasonFinding& reasons) {
    return std::ranges::any_of(reasons.decisive, [&](const Match& match) {
        if (book.strong_ahead.holds(study.tokens[match.begin])) return true;
        for (auto at = match.begin + 1; at < match.end; ++at) {
            if (book.strong.holds(study.tokens[at])) return true;
        }
        bool behind = !study.clause_starts(match.end) && book.strong.holds(study.tokens[match.end]);
        behind =
            behind || (!study.clause_starts(match.end) && study.clause_starts(match.end + 2) &&
                       !study.clause_starts(match.end + 1) && book.strong.holds(study.tokens[match.end + 1]));
        bool ahead =
            !study.clause_starts(match.begin) && book.strong_ahead.holds(study.tokens[match.begin - 1]);
        return behind || ahead;
    });
}

}  // namespace

ScoreFinding find_stated_score(const Phrasebook& book, const Study& study, const ReasonFinding& reasons) {
    auto key = find_key(book, study);
    bool said_otherwise = key.rule == "key.taken_back" && book.any(study, Purpose::scale);
    if (key.confusing && !said_otherwise) return unclear(std::string{key.rule});
    if (key.value) {
        if (contradicted(book, study, *key.value, !reasons.reasons.empty()))
            return unclear("key.contradicts_words");
        return score(*key.value, std::string{key.rule});
    }
    auto words = opinions(book, study, Purpose::scale);
    return words.empty() ? ScoreFinding{} : from_scale(book, study, words);
}

ScoreFinding find_implied_score(const Phrasebook& book, const Study& study, const ReasonFinding& reasons) {
    auto tones = free_tones(book, study);
    auto complaint = [&] {
        bool strong = stressed(book, study, reasons);
        return score(strong ? 1 : 2, strong ? "reason.stressed" : "reason");
    };
    if (tones.empty()) return reasons.reasons.empty() ? ScoreFinding{} : complaint();
    auto [low, high] = std::ranges::minmax(tones, {}, &Opinion::value);
    const auto& rule = book.use(tones.front().match).rule;
    if (high.value <= 2) return score(low.value, rule);
    if (low.value <= 2) return unclear("tone.mixed");
    if (reasons.reasons.empty()) return score(high.value, rule);
    bool praise_first = tones.front().match.begin < reasons.decisive.front().begin;
    bool of_everything = praise_first && tones.front().match.begin == study.content.begin;
    if (of_everything) return score(high.value, rule);
    return complaint();
}

}  // namespace survey::text
