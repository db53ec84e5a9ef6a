#include "survey/text/speller.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace survey::text {
namespace {

constexpr std::string_view vowels = "aeiouy";

bool is_vowel(char letter) {
    return vowels.contains(letter);
}

std::string without_repeats(const std::string& word) {
    std::string result;
    for (char letter : word) {
        if (result.empty() || result.back() != letter) result += letter;
    }
    return result;
}

// Telex marks stand behind the first vowel: doubled vowels, w, and one tone key.
std::string without_telex(const std::string& word) {
    std::string result;
    bool vowel_seen = false;
    bool tone_seen = false;
    for (char letter : word) {
        bool doubled = !result.empty() && result.back() == letter && (is_vowel(letter) || letter == 'd');
        bool tone = vowel_seen && !tone_seen && std::string_view{"sfrxj"}.contains(letter);
        if (tone) tone_seen = true;
        if (doubled || tone || letter == 'w') continue;
        vowel_seen = vowel_seen || is_vowel(letter);
        result += letter;
    }
    return result;
}

std::string replaced_start(const std::string& word, std::string_view from, std::string_view to) {
    return word.starts_with(from) ? std::string{to} + word.substr(from.size()) : std::string{};
}

std::string replaced_end(const std::string& word, std::string_view from, std::string_view to) {
    return word.ends_with(from) ? word.substr(0, word.size() - from.size()) + std::string{to} : std::string{};
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \n\t\r", at)) != std::string_view::npos) {
        auto end = std::min(text.find_first_of(" \n\t\r", at), text.size());
        words.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

Speller::Speller(const config::Lexicon& lexicon) {
    for (const auto& spelling : lexicon.spellings) {
        auto written = spell(spelling.written);
        auto& table = written.marked() ? marked_ : plain_;
        table.emplace(written.marked() ? written.spelled : written.plain, split_words(spelling.meant));
    }
    onsets_.insert(lexicon.onsets.begin(), lexicon.onsets.end());
    onsets_.insert("");
    rimes_.insert(lexicon.rimes.begin(), lexicon.rimes.end());
    if (auto glue = lexicon.sets.find("glue"); glue != lexicon.sets.end()) {
        for (auto& word : split_words(glue->second))
            glue_.insert(spell(word).plain);
    }
}

bool Speller::is_syllable(std::string_view plain) const {
    for (std::size_t onset = 0; onset <= 3 && onset < plain.size(); ++onset) {
        if (onsets_.contains(plain.substr(0, onset)) && rimes_.contains(plain.substr(onset))) return true;
    }
    return false;
}

std::optional<std::vector<std::string>> Speller::known(const std::string& plain) const {
    if (plain.empty()) return std::nullopt;
    if (auto found = plain_.find(plain); found != plain_.end()) return found->second;
    if (is_syllable(plain)) return Words{plain};
    return std::nullopt;
}

std::optional<std::vector<std::string>> Speller::meaning(const Spelled& word) const {
    if (word.marked()) {
        if (auto found = marked_.find(word.spelled); found != marked_.end()) return found->second;
        if (is_syllable(word.plain)) return std::nullopt;
    }
    if (auto found = plain_.find(word.plain); found != plain_.end()) return found->second;
    if (is_syllable(word.plain)) return std::nullopt;
    if (auto words = by_repeats(word.plain)) return words;
    if (auto words = by_telex(word.plain)) return words;
    if (auto words = by_letters(word.plain)) return words;
    return by_glue(word.plain);
}

std::optional<std::vector<std::string>> Speller::by_repeats(const std::string& plain) const {
    auto once = without_repeats(plain);
    return once == plain ? std::nullopt : known(once);
}

std::optional<std::vector<std::string>> Speller::by_telex(const std::string& plain) const {
    auto decoded = without_telex(plain);
    if (decoded == plain || decoded.size() < 2) return std::nullopt;
    auto words = known(decoded);
    return words ? words : by_letters(decoded);
}

std::optional<std::vector<std::string>> Speller::by_letters(const std::string& plain) const {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> starts{
        {{"f", "ph"},
         {"w", "qu"},
         {"j", "gi"},
         {"j", "ch"},
         {"z", "v"},
         {"z", "d"},
         {"z", "gi"},
         {"dz", "v"},
         {"k", "c"},
         {"c", "k"}}
    };
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> ends{
        {{"g", "ng"}, {"nh", "ng"}, {"k", "c"}, {"k", "ch"}, {"q", "ng"}, {"j", "i"}, {"w", "u"}, {"z", ""}}
    };
    if (plain.size() < 2) return std::nullopt;
    for (auto [from, to] : starts) {
        if (auto words = known(replaced_start(plain, from, to))) return words;
    }
    for (auto [from, to] : ends) {
        if (auto words = known(replaced_end(plain, from, to))) return words;
    }
    return std::nullopt;
}

// The fewest known words whose letters make up the whole.
std::optional<std::vector<std::string>> Speller::by_glue(const std::string& plain) const {
    if (plain.size() < 4 || plain.size() > 40) return std::nullopt;
    std::vector<int> pieces(plain.size() + 1, 1000);
    std::vector<std::size_t> last(plain.size() + 1, 0);
    pieces[0] = 0;
    for (std::size_t end = 1; end <= plain.size(); ++end) {
        for (std::size_t start = end > 7 ? end - 7 : 0; start < end; ++start) {
            if (pieces[start] + 1 >= pieces[end]) continue;
            if (!glue_.contains(std::string_view{plain}.substr(start, end - start))) continue;
            pieces[end] = pieces[start] + 1;
            last[end] = start;
        }
    }
    if (pieces[plain.size()] >= 1000) return std::nullopt;
    Words words;
    for (std::size_t end = plain.size(); end > 0; end = last[end]) {
        auto piece = plain.substr(last[end], end - last[end]);
        auto found = plain_.find(piece);
        if (found == plain_.end()) {
            words.insert(words.begin(), piece);
        } else {
            words.insert(words.begin(), found->second.begin(), found->second.end());
        }
    }
    return words;
}

}  // namespace survey::text
