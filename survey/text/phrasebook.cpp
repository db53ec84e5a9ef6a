#include "survey/text/phrasebook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace survey::text {
namespace {

// Bytes: ten parts of the widest SMS. Finding phrases takes the square of their number.
constexpr std::size_t longest_read = 4096;

struct Named {
    std::string_view name;
    Purpose purpose;
};

constexpr std::array<Named, 10> purposes{
    {{"reply.stop", Purpose::stop},
     {"reply.stop_word", Purpose::stop_word},
     {"reply.resume", Purpose::resume},
     {"reply.lookup", Purpose::lookup},
     {"reply.matter", Purpose::matter},
     {"reply.question", Purpose::question},
     {"reply.puzzled", Purpose::puzzled},
     {"reply.correction", Purpose::correction},
     {"reply.no_complaint", Purpose::no_complaint},
     {"reply.nothing_to_say", Purpose::nothing_to_say}}
};

// Of matches with the same purpose the longer hides the shorter one inside it.
void drop_covered(std::vector<Match>& matches, const std::vector<PhraseUse>& uses) {
    auto hidden = [&](const Match& match) {
        return std::ranges::any_of(matches, [&](const Match& other) {
            return other.length() > match.length() && other.covers(match) &&
                   uses[other.phrase].purpose == uses[match.phrase].purpose;
        });
    };
    std::vector<Match> kept;
    kept.reserve(matches.size());
    for (const auto& match : matches) {
        if (!hidden(match)) kept.push_back(match);
    }
    matches = std::move(kept);
}

}  // namespace

WordFamily::WordFamily(std::string_view words) {
    for (const auto& word : split_words(words)) {
        auto form = word_form(word);
        words_[form.plain].push_back(form);
    }
}

bool WordFamily::holds(const Token& token) const {
    auto found = words_.find(token.folded);
    if (found == words_.end()) return false;
    return std::ranges::any_of(found->second, [&](const WordForm& form) {
        return form.open || (token.exact ? token.spelled == form.spelled : !form.typed);
    });
}

Phrasebook::Phrasebook(const config::Lexicon& lexicon) : folder_{lexicon}, automaton_{lexicon.sets} {
    const std::pair<std::string_view, WordFamily*> families[] = {
        {"negators", &negators},         {"transparent", &transparent},
        {"contrast", &contrast},         {"polite", &polite},
        {"particles", &particles},       {"units", &units},
        {"before_count", &before_count}, {"before_key", &before_key},
        {"weak_key", &weak_key},         {"counted_places", &counted_places},
        {"score_units", &score_units},   {"stop_filler", &stop_filler},
        {"stop_veto", &stop_veto},       {"strong", &strong},
        {"strong_ahead", &strong_ahead}, {"either", &either},
        {"number_tail", &number_tail}
    };
    for (auto [name, family] : families) {
        auto found = lexicon.sets.find(name);
        if (found == lexicon.sets.end()) {
            throw std::invalid_argument{fmt::format("lexicon.toml: there must be a set {} under [sets]", name)
            };
        }
        *family = WordFamily{found->second};
    }
    for (const auto& [name, phrases] : lexicon.phrases) {
        auto named = std::ranges::find(purposes, name, &Named::name);
        for (const auto& phrase : phrases) {
            auto rule = fmt::format("{}: {}", name, phrase.pattern);
            if (named != purposes.end()) {
                add(phrase, {named->purpose, 0, rule});
            } else {
                auto purpose = name.starts_with("scale.") ? Purpose::scale : Purpose::tone;
                add(phrase, {purpose, name.back() - '0', rule});
            }
        }
    }
    int place = 0;
    for (const auto& reason : lexicon.reasons) {
        for (const auto& phrase : reason.phrases) {
            add(phrase, {Purpose::reason, place, fmt::format("{}: {}", reason.code, phrase.pattern)});
        }
        ++place;
    }
}

void Phrasebook::add(const config::Phrase& phrase, PhraseUse use) {
    auto added = automaton_.add(phrase.pattern);
    if (!added) {
        const auto* file = use.purpose == Purpose::reason ? "reasons.toml" : "lexicon.toml";
        throw std::invalid_argument{fmt::format("{}:{}: {}", file, phrase.line, added.error())};
    }
    uses_.push_back(std::move(use));
}

Study Phrasebook::study(std::string_view reply) const {
    auto folded = folder_.fold(reply.substr(0, longest_read));
    Study study{std::move(folded.tokens), folded.question, {}, {}};
    const auto& tokens = study.tokens;
    std::uint32_t begin = 0;
    auto end = static_cast<std::uint32_t>(tokens.size());
    while (begin < end && polite.holds(tokens[begin]))
        ++begin;
    while (end > begin && polite.holds(tokens[end - 1]))
        --end;
    study.content = {0, begin, end};
    study.matches = automaton_.matches(tokens, study.content);
    drop_covered(study.matches, uses_);
    return study;
}

std::vector<Match> Phrasebook::all(const Study& study, Purpose purpose) const {
    std::vector<Match> result;
    for (const auto& match : study.matches) {
        if (use(match).purpose == purpose) result.push_back(match);
    }
    return result;
}

bool Phrasebook::any(const Study& study, Purpose purpose) const {
    return std::ranges::any_of(study.matches, [&](const Match& match) {
        return use(match).purpose == purpose;
    });
}

}  // namespace survey::text
