#include "survey/text/reader.hpp"

#include <algorithm>

#include "survey/text/disposition.hpp"
#include "survey/text/phrasebook.hpp"
#include "survey/text/reason_reading.hpp"
#include "survey/text/score_reading.hpp"

namespace survey::text {
namespace {

constexpr std::uint32_t words_of_a_statement = 6;
constexpr std::uint32_t words_of_a_matter = 5;
constexpr std::uint32_t words_of_a_question = 3;

// Something was said, and no rule knows what: a reason of the kind "other", unless it is only temper or
// praise.
bool unknown_statement(const Phrasebook& book, const Study& study) {
    if (study.content.length() < words_of_a_statement || study.question) return false;
    return std::ranges::none_of(study.matches, [&](const Match& match) {
        switch (book.use(match).purpose) {
            case Purpose::scale:
            case Purpose::tone:
            case Purpose::puzzled:
            case Purpose::nothing_to_say:
            case Purpose::correction:
            case Purpose::no_complaint:
            case Purpose::lookup:
            case Purpose::question:
            case Purpose::reason:
                return true;
            case Purpose::stop:
            case Purpose::stop_word:
            case Purpose::resume:
            case Purpose::matter:
                return false;
        }
        return false;
    });
}

// A number that may be meant as a score; "ấp 4" is none.
bool has_number(const Phrasebook& book, const Study& study) {
    for (std::size_t at = 0; at < study.tokens.size(); ++at) {
        bool counts = at > 0 && book.before_count.holds(study.tokens[at - 1]);
        if (study.tokens[at].kind == TokenKind::number && !counts) return true;
    }
    return false;
}

bool gives_thanks(const Study& study) {
    return std::ranges::any_of(study.tokens, [](const Token& token) { return token.folded == "onn"; });
}

// Asked how satisfied they are, somebody writes of something no rule knows: for a person to read.
bool unknown_matter(const Phrasebook& book, const Study& study) {
    auto needed = study.question ? words_of_a_question : words_of_a_matter;
    bool of_the_survey = book.any(study, Purpose::stop) || book.any(study, Purpose::correction) ||
                         has_number(book, study) || gives_thanks(study);
    return study.content.length() >= needed && !of_the_survey;
}

// "lên lấy được chưa", "có giấy chưa": asked as a question, which only sounds like a reason.
bool only_asks(const Phrasebook& book, const Study& study, const ReasonFinding& reasons) {
    if (study.content.length() == 0 || has_number(book, study)) return false;
    const auto& last = study.tokens[study.content.end - 1].folded;
    auto lookups = book.all(study, Purpose::lookup);
    return (study.question || last == "chua") &&
           std::ranges::all_of(reasons.decisive, [&](const Match& reason) {
               return std::ranges::any_of(lookups, [&](const Match& lookup) {
                   return lookup.end == study.content.end && lookup.overlaps(reason);
               });
           });
}

}  // namespace

std::string_view name_of(Disposition disposition) {
    switch (disposition) {
        case Disposition::score:
            return "score";
        case Disposition::reasons:
            return "reasons";
        case Disposition::unclear:
            return "unclear";
        case Disposition::optout:
            return "optout";
        case Disposition::optin:
            return "optin";
        case Disposition::lookup:
            return "lookup";
        case Disposition::other:
            return "other";
    }
    return "unclear";
}

Reader::Reader(const config::Lexicon& lexicon) : version_{lexicon.version} {
    for (const auto& reason : lexicon.reasons)
        codes_.push_back(reason.code);
    book_ = std::make_unique<Phrasebook>(lexicon);
}

Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

std::vector<std::string> Reader::codes(const std::vector<int>& places) const {
    std::vector<std::string> result;
    result.reserve(places.size());
    for (int place : places)
        result.push_back(codes_[static_cast<std::size_t>(place)]);
    return result;
}

Reading Reader::read_score(std::string_view reply) const {
    auto study = book_->study(reply);
    if (study.tokens.empty()) return {Disposition::unclear, {}, {}, "empty"};
    if (auto consent = find_consent(*book_, study)) return {consent->disposition, {}, {}, consent->rule};

    auto reasons = find_reasons(*book_, study);
    auto stated = find_stated_score(*book_, study, reasons);
    if (stated.confusing) return {Disposition::unclear, {}, {}, stated.rule};
    if (!stated.score) {
        if (auto request = find_request(*book_, study)) return {request->disposition, {}, {}, request->rule};
        if (book_->any(study, Purpose::puzzled)) return {Disposition::unclear, {}, {}, "puzzled"};
        if (auto question = find_question(*book_, study))
            return {question->disposition, {}, {}, question->rule};
        stated = find_implied_score(*book_, study, reasons);
    }
    if (!stated.score && !stated.confusing && unknown_matter(*book_, study))
        return {Disposition::other, {}, {}, "unknown_matter"};
    if (!stated.score)
        return {Disposition::unclear, {}, {}, stated.confusing ? stated.rule : "nothing_matched"};
    auto found = codes(reasons.reasons);
    if (found.empty() && *stated.score <= 2 && unknown_statement(*book_, study)) found.emplace_back("other");
    return {Disposition::score, Rating::from(*stated.score), std::move(found), stated.rule};
}

Reading Reader::read_reason(std::string_view reply) const {
    auto study = book_->study(reply);
    if (study.tokens.empty()) return {Disposition::unclear, {}, {}, "empty"};
    if (auto consent = find_consent(*book_, study)) return {consent->disposition, {}, {}, consent->rule};
    auto reasons = find_reasons(*book_, study);
    if (!reasons.reasons.empty() && !only_asks(*book_, study, reasons)) {
        return {Disposition::reasons, {}, codes(reasons.reasons), book_->use(reasons.decisive.front()).rule};
    }
    if (auto request = find_request(*book_, study); request && request->disposition == Disposition::lookup) {
        return {request->disposition, {}, {}, request->rule};
    }
    if (unknown_statement(*book_, study)) return {Disposition::reasons, {}, {"other"}, "unknown_statement"};
    return {Disposition::unclear, {}, {}, "no_reason_stated"};
}

}  // namespace survey::text
