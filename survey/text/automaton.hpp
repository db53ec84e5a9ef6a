// PhraseAutomaton: finds the lexicon's phrases in a folded reply: which phrase, and from which token to
// which. A phrase is compiled once into a small automaton over words, entered by its first word; all phrases
// together are run over a reply in one pass. The pattern language (alternatives, optional words, gaps, sets,
// anchors, accents as tie-breaker) is described in the head of config/lexicon.toml. Built by Reader at start,
// then immutable: any thread may match.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "survey/text/fold.hpp"

namespace survey::text {

// A word of the lexicon as phrases and sets write it.
struct WordForm {
    std::string plain;
    std::string spelled;
    bool open = false;   // "~long": whatever its accents
    bool typed = false;  // "dừng!": only with its accents typed
};

WordForm word_form(std::string_view word);

struct Match {
    std::uint32_t phrase = 0;
    std::uint32_t begin = 0;  // token index
    std::uint32_t end = 0;    // one past the last

    std::uint32_t length() const { return end - begin; }
    bool overlaps(const Match& other) const { return begin < other.end && other.begin < end; }
    bool covers(const Match& other) const { return begin <= other.begin && other.end <= end; }
};

class PhraseAutomaton {
public:
    using Sets = std::map<std::string, std::string, std::less<>>;

    explicit PhraseAutomaton(Sets sets);

    // The number under which matches name the phrase, or what is wrong with the pattern.
    std::expected<std::uint32_t, std::string> add(std::string_view pattern);

    // For each phrase and each start its longest match, in the order of their starts. The anchors ^ and $
    // stand at `content`, the part of the reply between words of mere politeness.
    std::vector<Match> matches(std::span<const Token> tokens, Match content) const;

private:
    struct Atom {
        std::uint32_t word = 0;
        std::uint32_t spelled = 0;  // 0: any accents will do
        bool typed = false;         // its accents must have been typed

        friend auto operator<=>(const Atom&, const Atom&) = default;
    };
    struct Edge {
        std::vector<Atom> atoms;  // sorted; a number when empty
        std::uint32_t target = 0;
        std::uint32_t gap = 0;    // how many tokens may be skipped before it
        std::uint64_t sieve = 0;  // bits of its words; a word without its bit does not fit
    };
    struct State {
        std::vector<Edge> edges;
        std::uint32_t phrase = 0;
        bool accepts = false;
        bool only_at_end = false;
    };
    struct Entry {
        std::uint32_t state = 0;
        Atom first;
        bool only_at_start = false;
        bool one_word = false;         // the phrase may end here
        std::uint32_t reach = 0;       // the widest gap before its next word
        std::uint64_t next_words = 0;  // a sieve: bits of the words that may come next
    };
    struct Word {
        std::uint32_t word = 0;
        std::uint32_t spelled = 0;
        bool exact = false;
        bool number = false;
        std::uint64_t bits = 0;
        bool starts_clause = false;
        bool negates = false;  // no gap steps over it: it would turn the meaning round
    };
    struct Position {  // one place of a pattern
        std::vector<std::vector<std::string>> alternatives;
        bool optional = false;
        std::uint32_t gap = 0;
    };
    struct Pattern {
        std::vector<Position> positions;
        bool only_at_start = false;
        bool only_at_end = false;
    };

    std::expected<Pattern, std::string> parse(std::string_view pattern) const;
    std::expected<Position, std::string> parse_position(std::string_view text) const;
    void compile(const Pattern& pattern, std::uint32_t phrase);
    void connect(std::uint32_t from, const Position& position, std::uint32_t to);
    void enter(const Pattern& pattern, const std::vector<std::uint32_t>& states);
    std::uint32_t new_state(std::uint32_t phrase);
    std::uint32_t intern(std::string_view word);
    std::uint32_t id(std::string_view word) const;
    Atom atom(const std::string& word);
    static bool fits(const Atom& atom, const Word& word);
    static bool fits(const std::vector<Atom>& atoms, const Word& word);
    static bool fits(const Edge& edge, const Word& word);
    void add_edge(std::uint32_t from, std::vector<Atom> atoms, std::uint32_t to, std::uint32_t gap);
    std::uint32_t longest(
        std::uint32_t state, std::span<const Word> words, std::uint32_t at, std::uint32_t content_end
    ) const;
    void match_at(std::span<const Word> words, std::uint32_t begin, Match content, std::vector<Match>& found)
        const;

    Sets sets_;
    WordMap<std::uint32_t> ids_;
    std::vector<State> states_;
    std::vector<std::vector<Entry>> entries_;  // by word
    std::vector<Entry> number_entries_;
    std::vector<Atom> negators_;  // sorted
    std::uint32_t phrases_ = 0;
};

}  // namespace survey::text
