#include "survey/text/key_reading.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace survey::text {
namespace {

constexpr int outside = -2;  // a number where a score should stand, on no known scale

struct Key {
    int value = 0;
    std::size_t token = 0;
};

int from_larger_scale(int points, int of) {
    if (points <= 0) return 1;
    return std::clamp((points * 5 + of - 1) / of, 1, 5);
}

class KeyFinder {
public:
    KeyFinder(const Phrasebook& book, const Study& study)
        : book_{book}, study_{study}, tokens_{study.tokens} {}

    KeyFinding find() {
        for (std::size_t at = 0; at < tokens_.size(); ++at) {
            if (auto value = key_at(at)) keys_.push_back({*value, at});
        }
        std::erase_if(keys_, [&](const Key& key) { return refused(key.token); });
        bool corrected = apply_corrections();
        if (keys_.empty() && corrected) return {std::nullopt, true, "key.taken_back"};
        if (keys_.empty()) return stars();
        if (fraction()) return {std::nullopt, true, "key.fraction"};
        auto first = keys_.front().value;
        bool same = std::ranges::all_of(keys_, [&](const Key& key) { return key.value == first; });
        if (!same) return {std::nullopt, true, "key.several"};
        if (first == outside) return {std::nullopt, true, "key.outside_scale"};
        return {first, false, corrected ? "key.corrected" : "key"};
    }

private:
    // "⭐⭐⭐⭐": as many as there are stars.
    KeyFinding stars() const {
        auto count = std::ranges::count_if(tokens_, [&](const Token& token) {
            return token.kind == TokenKind::symbol && book_.score_units.holds(token);
        });
        if (count < 1 || count > 5) return {};
        return {static_cast<int>(count), false, "key.stars"};
    }

    // "3 phẩy 5", "4 rưỡi"
    bool fraction() const {
        return std::ranges::any_of(keys_, [&](const Key& key) {
            auto next = key.token + 1;
            if (!joined(next) || tokens_[key.token].kind != TokenKind::number) return false;
            return tokens_[next].folded == "ruoi" ||
                   (tokens_[next].folded == "phay" && has(next + 1) && tokens_[next + 1].number >= 0);
        });
    }

    bool has(std::size_t at) const { return at < tokens_.size(); }
    bool joined(std::size_t at) const { return has(at) && at > 0 && tokens_[at].before == Break::none; }

    // 1 to 5 in words, when the accents allow it.
    static int word_value(const Token& token) {
        struct Numeral {
            std::string_view plain, spelled;
            int value;
        };
        static constexpr Numeral numerals[] = {{"mot", "mo6t5", 1}, {"hai", "hai", 2}, {"ba", "ba", 3},
                                               {"bon", "bo6n1", 4}, {"tu", "tu7", 4},  {"nam", "na8m", 5}};
        if (token.kind != TokenKind::word) return -1;
        for (const auto& numeral : numerals) {
            if (token.folded != numeral.plain) continue;
            return token.exact && token.spelled != numeral.spelled ? -1 : numeral.value;
        }
        return -1;
    }

    std::optional<int> key_at(std::size_t at) const {
        const auto& token = tokens_[at];
        if (token.kind == TokenKind::ratio) return ratio(at);
        bool digits = token.kind == TokenKind::number;
        int number = digits ? token.number : word_value(token);
        if (number < 0 || is_count(at)) return std::nullopt;
        bool neighbours = token.folded == "ba" && joined(at + 1) && tokens_[at + 1].folded == "con";
        if (neighbours) return std::nullopt;  // "bà con" typed without accents
        bool of_the_scale = token.folded == "hai" && joined(at + 1) && tokens_[at + 1].folded == "long";
        if (of_the_scale) return std::nullopt;  // "muc do hai long: 4"
        if (joined(at + 1) && book_.score_units.holds(tokens_[at + 1])) return with_unit(at, number);
        bool explicit_key = is_explicit(at);
        bool chosen = explicit_key || stands_alone(at);
        if (digits && number >= 1 && number <= 5)
            chosen = chosen || leads(at) || beside_words(at) || one_of_two(at);
        if (!chosen) return std::nullopt;
        if (number == 10 && explicit_key) return 5;
        return number >= 1 && number <= 5 ? number : outside;
    }

    std::optional<int> ratio(std::size_t at) const {
        if (at > 0 && joined(at) && book_.before_count.holds(tokens_[at - 1])) return std::nullopt;
        const auto& token = tokens_[at];
        return token.out_of == 5 ? std::max(token.number, 1) : from_larger_scale(token.number, token.out_of);
    }

    std::optional<int> with_unit(std::size_t at, int number) const {
        const auto& unit = tokens_[at + 1].folded;
        if (unit == "sao") {
            if (number == 0 && at + 2 < tokens_.size() && joined(at + 2))
                return std::nullopt;  // "0 sao": no matter
            return number >= 1 && number <= 5 ? number : (number == 0 ? 1 : 5);
        }
        if (unit == "%") return number > 100 ? 5 : from_larger_scale(number, 100);
        if (number >= 1 && number <= 5) return number;
        if (number <= 10) return from_larger_scale(number, 10);
        return number > 100 ? 5 : from_larger_scale(number, 100);
    }

    bool is_count(std::size_t at) const {
        if (joined(at + 1) && book_.units.holds(tokens_[at + 1])) return true;
        bool range =
            joined(at + 1) && tokens_[at + 1].folded == "den" && has(at + 2) && tokens_[at + 2].number >= 0;
        if (range && joined(at + 3) && book_.units.holds(tokens_[at + 3])) return true;
        if (at == 0 || !joined(at)) return false;
        const auto& before = tokens_[at - 1];
        if (book_.before_count.holds(before)) return true;
        bool numbered = before.folded == "so" && at >= 2 && tokens_[at - 1].before == Break::none;
        return numbered && book_.counted_places.holds(tokens_[at - 2]);
    }

    // "số 4", "mức 4", "chọn em 4"; a weak word ("cho", "là") needs the number to close its clause.
    bool is_explicit(std::size_t at) const {
        auto before = at;
        while (before > 0 && tokens_[before].before != Break::hard && before + 3 > at) {
            --before;
            const auto& word = tokens_[before];
            bool article = tokens_[at].folded == "mot" && !closes_clause(at);  // "trả lời một nẻo"
            if (book_.before_key.holds(word)) return !article;
            if (book_.weak_key.holds(word)) return tokens_[at].kind == TokenKind::number && closes_clause(at);
            if (!book_.particles.holds(word)) return false;
        }
        return false;
    }

    bool closes_clause(std::size_t at) const {
        for (auto next = at + 1; next < tokens_.size() && !study_.clause_starts(next); ++next) {
            if (book_.contrast.holds(tokens_[next]) || book_.number_tail.holds(tokens_[next])) return true;
            if (!book_.particles.holds(tokens_[next])) return starts_opinion(next);
        }
        return true;
    }

    bool starts_opinion(std::size_t at) const {
        return std::ranges::any_of(study_.matches, [&](const Match& match) {
            auto purpose = book_.use(match).purpose;
            return match.begin == at && (purpose == Purpose::scale || purpose == Purpose::tone);
        });
    }

    bool stands_alone(std::size_t at) const {
        auto begin = at;
        while (!study_.clause_starts(begin)) {
            if (!book_.particles.holds(tokens_[--begin])) return false;
        }
        return closes_clause(at);
    }

    // The first thing said, whatever follows: "2 trễ hẹn 1 tuần".
    bool leads(std::size_t at) const {
        for (std::size_t before = 0; before < at; ++before) {
            if (!book_.polite.holds(tokens_[before]) && !book_.particles.holds(tokens_[before])) return false;
        }
        return true;
    }

    bool beside_words(std::size_t at) const {
        return std::ranges::any_of(study_.matches, [&](const Match& match) {
            auto purpose = book_.use(match).purpose;
            bool after = match.end == at && joined(at) && closes_clause(at);
            bool before = match.begin == at + 1 && joined(at + 1) && study_.clause_starts(at);
            return (purpose == Purpose::scale || (purpose == Purpose::tone && match.length() > 1) ||
                    purpose == Purpose::correction) &&
                   (after || before);
        });
    }

    // "1 hay 2", "3-4", "3 4": each half of a doubt.
    bool one_of_two(std::size_t at) const {
        bool in_a_row =
            at >= 1 && joined(at) && tokens_[at - 1].kind == TokenKind::number && key_at(at - 1).has_value();
        if (in_a_row) return true;
        if (at < 2 || !joined(at) || !joined(at - 1) || tokens_[at - 2].kind != TokenKind::number)
            return false;
        return (book_.either.holds(tokens_[at - 1]) || tokens_[at - 1].folded == "den") &&
               key_at(at - 2).has_value();
    }

    // "không phải 1", "chứ không phải số 1", "5 chứ đâu phải 1"
    bool refused(std::size_t at) const {
        auto before = at;
        while (before > 0 && joined(before) && before + 4 > at) {
            --before;
            const auto& word = tokens_[before].folded;
            bool denies =
                word == "phai" && before > 0 && joined(before) && book_.negators.holds(tokens_[before - 1]);
            if (denies) return true;
            if (!book_.before_key.holds(tokens_[before]) && !book_.weak_key.holds(tokens_[before]))
                return false;
        }
        return false;
    }

    // After "à lộn" the later number counts; "5 mới đúng" names the right one; "bấm 1 là lộn" the wrong one.
    bool apply_corrections() {
        auto corrections = book_.all(study_, Purpose::correction);
        auto reasons = book_.all(study_, Purpose::reason);
        std::erase_if(corrections, [&](const Match& match) {
            return std::ranges::any_of(reasons, [&](const Match& reason) {
                return reason.overlaps(match) && reason.length() > match.length();
            });
        });
        if (corrections.empty() || keys_.empty()) return false;
        auto whole = keys_;
        for (const auto& match : corrections) {
            bool names_right =
                tokens_[match.end - 1].folded == "dung" || tokens_[match.end - 1].folded == "phai";
            auto right =
                std::ranges::find_if(whole, [&](const Key& key) { return key.token + 1 == match.begin; });
            if (names_right && right != whole.end()) {
                keys_ = {*right};
                return true;
            }
        }
        auto at = corrections.front();
        auto later = std::ranges::find_if(whole, [&](const Key& key) { return key.token >= at.end; });
        if (later != whole.end()) {
            keys_ = {whole.back()};
            return true;
        }
        // "1 bấm lộn" takes the number back; "5 nhé, tôi bấm nhầm" puts an earlier message right.
        keys_.pop_back();
        bool of_earlier = !same_clause(whole[0].token, at.begin) || whole[0].token + 1 < at.begin;
        if (whole.size() == 1 && whole[0].token < at.begin && of_earlier) keys_ = whole;
        return true;
    }

    bool same_clause(std::size_t first, std::size_t second) const {
        for (auto at = first + 1; at <= second; ++at) {
            if (study_.clause_starts(at)) return false;
        }
        return true;
    }

    const Phrasebook& book_;
    const Study& study_;
    const std::vector<Token>& tokens_;
    std::vector<Key> keys_;
};

}  // namespace

KeyFinding find_key(const Phrasebook& book, const Study& study) {
    return KeyFinder{book, study}.find();
}

}  // namespace survey::text
