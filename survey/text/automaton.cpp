#include "survey/text/automaton.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace survey::text {
namespace {

constexpr std::uint32_t unknown_word = 0;
constexpr std::uint32_t widest_gap = 5;
constexpr std::uint64_t number_bit = 1;

std::uint64_t word_bit(std::uint32_t word) {
    return word == unknown_word ? 0 : std::uint64_t{1} << (1 + word % 63);
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        auto end = std::min(text.find(at, begin), text.size());
        if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

}  // namespace

WordForm word_form(std::string_view word) {
    WordForm form;
    form.open = word.starts_with('~');
    if (form.open) word.remove_prefix(1);
    form.typed = word.size() > 1 && word.ends_with('!');
    if (form.typed) word.remove_suffix(1);
    auto spelled = spell(word);
    form.plain = std::move(spelled.plain);
    form.spelled = std::move(spelled.spelled);
    return form;
}

PhraseAutomaton::PhraseAutomaton(Sets sets) : sets_{std::move(sets)} {
    if (auto found = sets_.find("negators"); found != sets_.end()) {
        for (const auto& word : split_words(found->second))
            negators_.push_back(atom(word));
    }
    std::ranges::sort(negators_);
}

std::uint32_t PhraseAutomaton::intern(std::string_view word) {
    auto next = static_cast<std::uint32_t>(ids_.size() + 1);
    return ids_.try_emplace(std::string{word}, next).first->second;
}

std::uint32_t PhraseAutomaton::id(std::string_view word) const {
    auto found = ids_.find(word);
    return found == ids_.end() ? unknown_word : found->second;
}

// A leading '~' leaves the accents open; a trailing '!' asks for typed ones.
PhraseAutomaton::Atom PhraseAutomaton::atom(const std::string& word) {
    auto form = word_form(word);
    return {intern(form.plain), form.open ? 0 : intern(form.spelled), form.typed};
}

std::uint32_t PhraseAutomaton::new_state(std::uint32_t phrase) {
    State state;
    state.phrase = phrase;
    states_.push_back(std::move(state));
    return static_cast<std::uint32_t>(states_.size() - 1);
}

namespace {

// "a| b", "a|", "tới _nơi", "{done": a space has torn a place of the pattern apart, and what remains would
// never match what was meant. Nothing when the place is whole.
std::string torn(std::string_view text) {
    auto body = text.size() > 1 && text.ends_with('?') ? text.substr(0, text.size() - 1) : text;
    for (std::size_t begin = 0; begin <= body.size();) {
        auto end = std::min(body.find('|', begin), body.size());
        auto part = body.substr(begin, end - begin);
        bool set = part.starts_with('{') && part.ends_with('}');
        bool braces = part.find_first_of("{}") != std::string_view::npos;
        bool edges = part.starts_with('_') || part.ends_with('_') || part.contains("__");
        if (part.empty() || edges || (braces && !set)) {
            return fmt::format(
                "\"{}\" is no whole place: write a|b without spaces, and words_like_this for several words",
                text
            );
        }
        begin = end + 1;
    }
    return {};
}

}  // namespace

std::expected<PhraseAutomaton::Position, std::string> PhraseAutomaton::parse_position(std::string_view text
) const {
    if (auto mistake = torn(text); !mistake.empty()) return std::unexpected{std::move(mistake)};
    Position position;
    if (text.size() > 1 && text.ends_with('?')) {
        position.optional = true;
        text.remove_suffix(1);
    }
    for (const auto& part : split(text, '|')) {
        if (!part.starts_with('{')) {
            position.alternatives.push_back(split(part, '_'));
            continue;
        }
        auto found = part.ends_with('}') ? sets_.find(part.substr(1, part.size() - 2)) : sets_.end();
        if (found == sets_.end())
            return std::unexpected{fmt::format("there is no set {}: add it under [sets]", part)};
        for (const auto& word : split_words(found->second))
            position.alternatives.push_back(split(word, '_'));
    }
    if (position.alternatives.empty()) return std::unexpected{fmt::format("\"{}\" names no word", text)};
    return position;
}

std::expected<PhraseAutomaton::Pattern, std::string> PhraseAutomaton::parse(std::string_view text) const {
    Pattern pattern;
    std::uint32_t gap = 0;
    for (const auto& part : split(text, ' ')) {
        if (part == "^") {
            pattern.only_at_start = true;
        } else if (part == "$") {
            pattern.only_at_end = true;
        } else if (part == ".." || part == "...") {
            gap = part == ".." ? 2 : widest_gap;
        } else {
            auto position = parse_position(part);
            if (!position) return std::unexpected{position.error()};
            position->gap = std::exchange(gap, 0);
            pattern.positions.push_back(std::move(*position));
        }
    }
    bool all_optional = std::ranges::all_of(pattern.positions, &Position::optional);
    if (all_optional)
        return std::unexpected{std::string{"a phrase needs at least one word that is not optional"}};
    if (gap != 0 || pattern.positions.front().gap != 0) {
        return std::unexpected{std::string{"a gap must stand between two words"}};
    }
    return pattern;
}

std::expected<std::uint32_t, std::string> PhraseAutomaton::add(std::string_view text) {
    auto pattern = parse(text);
    if (!pattern) return std::unexpected{fmt::format("phrase \"{}\": {}", text, pattern.error())};
    compile(*pattern, phrases_);
    return phrases_++;
}

// One state before each place of the pattern and one behind the last; optional places are stepped over.
void PhraseAutomaton::compile(const Pattern& pattern, std::uint32_t phrase) {
    std::vector<std::uint32_t> states;
    for (std::size_t place = 0; place <= pattern.positions.size(); ++place)
        states.push_back(new_state(phrase));
    for (std::size_t place = pattern.positions.size(); place-- > 0;) {
        const auto& position = pattern.positions[place];
        connect(states[place], position, states[place + 1]);
        bool rest_optional = place + 1 == pattern.positions.size();
        if (rest_optional) states_[states[place + 1]].accepts = true;
        states_[states[place + 1]].only_at_end = pattern.only_at_end;
        if (!position.optional) continue;
        auto stepped_over = states_[states[place + 1]];
        auto& state = states_[states[place]];
        for (auto edge : stepped_over.edges) {
            edge.gap = std::max(edge.gap, position.gap);
            state.edges.push_back(std::move(edge));
        }
        state.accepts = state.accepts || stepped_over.accepts;
        state.only_at_end = pattern.only_at_end;
    }
    enter(pattern, states);
}

void PhraseAutomaton::connect(std::uint32_t from, const Position& position, std::uint32_t to) {
    std::vector<Atom> single;
    bool number = false;
    for (const auto& words : position.alternatives) {
        if (words.size() == 1) {
            if (words[0] == "#") {
                number = true;
            } else {
                single.push_back(atom(words[0]));
            }
            continue;
        }
        auto state = from;
        for (std::size_t word = 0; word < words.size(); ++word) {
            auto next = word + 1 == words.size() ? to : new_state(states_[from].phrase);
            add_edge(state, {atom(words[word])}, next, word == 0 ? position.gap : 0);
            state = next;
        }
    }
    if (number) add_edge(from, {}, to, position.gap);
    if (!single.empty()) add_edge(from, std::move(single), to, position.gap);
}

void PhraseAutomaton::add_edge(
    std::uint32_t from, std::vector<Atom> atoms, std::uint32_t to, std::uint32_t gap
) {
    std::ranges::sort(atoms);
    Edge edge{std::move(atoms), to, gap};
    if (edge.atoms.empty()) edge.sieve = number_bit;
    for (const auto& word : edge.atoms)
        edge.sieve |= word_bit(word.word);
    states_[from].edges.push_back(std::move(edge));
}

// The first state's edges become entries under their words, so that a reply's word finds the phrases it
// opens.
void PhraseAutomaton::enter(const Pattern& pattern, const std::vector<std::uint32_t>& states) {
    auto entry_to = [&](std::uint32_t target, Atom first) {
        Entry entry;
        entry.state = target;
        entry.first = first;
        entry.only_at_start = pattern.only_at_start;
        entry.one_word = states_[target].accepts;
        for (const auto& edge : states_[target].edges) {
            entry.reach = std::max(entry.reach, edge.gap);
            entry.next_words |= edge.sieve;
        }
        return entry;
    };
    auto edges = std::move(states_[states[0]].edges);
    states_[states[0]].edges.clear();
    for (const auto& edge : edges) {
        if (edge.atoms.empty()) number_entries_.push_back(entry_to(edge.target, {}));
        for (const auto& first : edge.atoms) {
            if (entries_.size() <= first.word) entries_.resize(first.word + 1);
            entries_[first.word].push_back(entry_to(edge.target, first));
        }
    }
}

bool PhraseAutomaton::fits(const Atom& atom, const Word& word) {
    if (atom.spelled == 0) return true;
    return word.exact ? atom.spelled == word.spelled : !atom.typed;
}

bool PhraseAutomaton::fits(const std::vector<Atom>& atoms, const Word& word) {
    auto at = std::ranges::lower_bound(atoms, word.word, {}, &Atom::word);
    for (; at != atoms.end() && at->word == word.word; ++at) {
        if (fits(*at, word)) return true;
    }
    return false;
}

bool PhraseAutomaton::fits(const Edge& edge, const Word& word) {
    if ((edge.sieve & word.bits) == 0) return false;
    return edge.atoms.empty() ? word.number : fits(edge.atoms, word);
}

// The end of the longest match from a state, or 0.
std::uint32_t PhraseAutomaton::longest(
    std::uint32_t state_id, std::span<const Word> words, std::uint32_t at, std::uint32_t content_end
) const {
    const auto& state = states_[state_id];
    std::uint32_t best = state.accepts && (!state.only_at_end || at >= content_end) ? at : 0;
    for (const auto& edge : state.edges) {
        for (auto next = at; next < words.size() && next <= at + edge.gap; ++next) {
            if (words[next].starts_clause) break;
            if (fits(edge, words[next]))
                best = std::max(best, longest(edge.target, words, next + 1, content_end));
            if (words[next].negates) break;
        }
    }
    return best;
}

void PhraseAutomaton::match_at(
    std::span<const Word> words, std::uint32_t begin, Match content, std::vector<Match>& found
) const {
    auto first = static_cast<std::ptrdiff_t>(found.size());
    // What stands within reach; most phrases that open with this word need something else next.
    std::array<std::uint64_t, widest_gap + 1> ahead{};
    std::uint64_t seen = 0;
    bool open = true;
    for (std::uint32_t step = 0; step <= widest_gap; ++step) {
        auto next = begin + 1 + step;
        open = open && next < words.size() && !words[next].starts_clause;
        if (open) seen |= words[next].bits;
        ahead[step] = seen;
    }
    auto enter_all = [&](const std::vector<Entry>& entries) {
        for (const auto& entry : entries) {
            if (!entry.one_word && (entry.next_words & ahead[entry.reach]) == 0) continue;
            if (entry.only_at_start && begin > content.begin) continue;
            if (!fits(entry.first, words[begin])) continue;
            auto end = longest(entry.state, words, begin + 1, content.end);
            if (end == 0) continue;
            auto phrase = states_[entry.state].phrase;
            auto same = std::find_if(found.begin() + first, found.end(), [&](const Match& match) {
                return match.phrase == phrase;
            });
            if (same == found.end()) {
                found.push_back({phrase, begin, end});
            } else {
                same->end = std::max(same->end, end);
            }
        }
    };
    auto word = words[begin].word;
    if (word != unknown_word && word < entries_.size()) enter_all(entries_[word]);
    if (words[begin].number) enter_all(number_entries_);
}

std::vector<Match> PhraseAutomaton::matches(std::span<const Token> tokens, Match content) const {
    std::vector<Word> words;
    words.reserve(tokens.size());
    for (const auto& token : tokens) {
        bool number = token.kind == TokenKind::number || token.kind == TokenKind::count ||
                      token.kind == TokenKind::ratio;
        Word word{id(token.folded), token.exact ? id(token.spelled) : 0, token.exact, number};
        word.bits = word_bit(word.word) | (number ? number_bit : 0);
        word.starts_clause = token.before != Break::none;
        word.negates = fits(negators_, word);
        words.push_back(word);
    }
    std::vector<Match> found;
    for (std::uint32_t begin = 0; begin < words.size(); ++begin)
        match_at(words, begin, content, found);
    return found;
}

}  // namespace survey::text
