// Speller: what a single typed word stands for. Tries, in this order: the lexicon's spellings ("ko", "rkhl"),
// a well-formed syllable as it is, repeated letters ("lammmm"), telex left behind by a phone without an input
// method ("raats"), the letters the young put for others (f for ph), and words glued together
// ("khonghailong"). What nothing explains stays as it is. Used by Folder only. Immutable: any thread may use
// it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/lexicon.hpp"
#include "survey/text/letters.hpp"

namespace survey::text {

struct WordHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const { return std::hash<std::string_view>{}(word); }
};

template <class Value>
using WordMap = std::unordered_map<std::string, Value, WordHash, std::equal_to<>>;
using WordSet = std::unordered_set<std::string, WordHash, std::equal_to<>>;

class Speller {
public:
    explicit Speller(const config::Lexicon& lexicon);

    // The words meant, or nothing when the word stands as typed.
    std::optional<std::vector<std::string>> meaning(const Spelled& word) const;

    bool is_syllable(std::string_view plain) const;

private:
    using Words = std::vector<std::string>;

    std::optional<Words> known(const std::string& plain) const;
    std::optional<Words> by_repeats(const std::string& plain) const;
    std::optional<Words> by_telex(const std::string& plain) const;
    std::optional<Words> by_letters(const std::string& plain) const;
    std::optional<Words> by_glue(const std::string& plain) const;

    WordMap<Words> plain_;
    WordMap<Words> marked_;
    WordSet onsets_;
    WordSet rimes_;
    WordSet glue_;
};

// Words of a text between blanks.
std::vector<std::string> split_words(std::string_view text);

}  // namespace survey::text
