// Phrasebook: the lexicon made ready for use: folding, all phrases in one automaton with what each is for,
// and the word sets that the rules ask about. `study` turns a reply into a Study, the material from which
// score, reasons and disposition are decided; the deciding functions are pure and look at nothing else. Built
// once by Reader; immutable: any thread may use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/lexicon.hpp"
#include "survey/text/automaton.hpp"
#include "survey/text/fold.hpp"

namespace survey::text {

enum class Purpose : std::uint8_t {
    scale,           // words of the scale: "không hài lòng"
    tone,            // praise and complaint in other words
    stop,            // no more messages, said so that a doubt is hardly possible
    stop_word,       // a keyword, which counts only alone: "TC"
    resume,          // messages again
    lookup,          // where is my dossier?
    matter,          // something else for a person to read
    question,        // any other question
    puzzled,         // cannot or will not say yet
    correction,      // "bấm lộn"
    no_complaint,    // looks like a reason and is none: "không phải chờ lâu"
    nothing_to_say,  // "không có lý do gì"
    reason
};

struct PhraseUse {
    Purpose purpose = Purpose::tone;
    int value = 0;  // the score, or the reason's place in the catalogue
    std::string rule;
};

// A word set with accents as tie-breaker, as in phrases.
class WordFamily {
public:
    WordFamily() = default;
    explicit WordFamily(std::string_view words);

    bool holds(const Token& token) const;

private:
    WordMap<std::vector<WordForm>> words_;  // by plain form
};

struct Study {
    std::vector<Token> tokens;
    bool question = false;
    Match content;               // without polite words on both sides
    std::vector<Match> matches;  // none of which is covered by a longer one of its own kind

    bool clause_starts(std::size_t token) const {
        return token == 0 || token >= tokens.size() || tokens[token].before != Break::none;
    }
};

class Phrasebook {
public:
    explicit Phrasebook(const config::Lexicon& lexicon);

    Study study(std::string_view reply) const;

    const PhraseUse& use(const Match& match) const { return uses_[match.phrase]; }
    std::vector<Match> all(const Study& study, Purpose purpose) const;
    bool any(const Study& study, Purpose purpose) const;

    WordFamily negators, transparent, contrast, polite, particles, units, before_count, before_key, weak_key,
        counted_places, score_units, stop_filler, stop_veto, strong, strong_ahead, either, number_tail;

private:
    void add(const config::Phrase& phrase, PhraseUse use);

    Folder folder_;
    PhraseAutomaton automaton_;
    std::vector<PhraseUse> uses_;
};

}  // namespace survey::text
