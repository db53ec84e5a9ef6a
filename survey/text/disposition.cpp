#include "survey/text/disposition.hpp"

#include <algorithm>
#include <vector>

namespace survey::text {
namespace {

constexpr std::size_t longest_aside =
    12;  // words that may follow an opt-out: "già rồi không rành mấy cái này"

Match clause_around(const Study& study, const Match& match) {
    Match clause = match;
    while (!study.clause_starts(clause.begin))
        --clause.begin;
    while (!study.clause_starts(clause.end))
        ++clause.end;
    return clause;
}

// The clause says nothing but the phrase, politeness, and words that often go with stopping.
bool fills_clause(
    const Phrasebook& book, const Study& study, const std::vector<Match>& stops, const Match& clause
) {
    for (auto at = clause.begin; at < clause.end; ++at) {
        bool inside =
            std::ranges::any_of(stops, [&](const Match& stop) { return stop.begin <= at && at < stop.end; });
        if (!inside && !book.stop_filler.holds(study.tokens[at])) return false;
    }
    return true;
}

bool speaks_of_more(
    const Phrasebook& book, const Study& study, const std::vector<Match>& stops, const Match& clause
) {
    auto in_a_stop = [&](std::uint32_t at) {
        return std::ranges::any_of(stops, [&](const Match& stop) {
            return stop.begin <= at && at < stop.end;
        });
    };
    for (std::uint32_t at = 0; at < study.tokens.size(); ++at) {
        const auto& token = study.tokens[at];
        if (token.kind != TokenKind::word && token.kind != TokenKind::symbol) return true;
        bool outside = at < clause.begin || at >= clause.end;
        if (outside && !in_a_stop(at) && book.stop_veto.holds(token)) return true;
    }
    auto elsewhere = [&](const Match& match) {
        auto purpose = book.use(match).purpose;
        return !match.overlaps(clause) && (purpose == Purpose::reason || purpose == Purpose::scale ||
                                           purpose == Purpose::lookup || purpose == Purpose::matter);
    };
    return study.tokens.size() - clause.length() > longest_aside ||
           std::ranges::any_of(study.matches, elsewhere);
}

// The keywords found, when they and politeness are all there is.
std::vector<Match> whole_reply(const Phrasebook& book, const Study& study, Purpose purpose) {
    auto words = book.all(study, purpose);
    bool fills = fills_clause(book, study, words, {0, 0, static_cast<std::uint32_t>(study.tokens.size())});
    return fills ? words : std::vector<Match>{};
}

// "không bao giờ gặp được" asks nothing; "sổ hồng chừng nào có" does, though "hồng" may also mean "không".
bool follows_negator(const Phrasebook& book, const Study& study, const Match& match) {
    if (study.clause_starts(match.begin)) return false;
    auto at = match.begin - 1;
    bool pink_book = !study.clause_starts(at) && study.tokens[at - 1].folded == "so";
    return book.negators.holds(study.tokens[at]) && !pink_book;
}

}  // namespace

std::optional<Request> find_consent(const Phrasebook& book, const Study& study) {
    if (study.question) return std::nullopt;
    auto stops = book.all(study, Purpose::stop);
    for (const auto& stop : stops) {
        auto clause = clause_around(study, stop);
        if (!fills_clause(book, study, stops, clause) || speaks_of_more(book, study, stops, clause)) continue;
        return Request{Disposition::optout, book.use(stop).rule};
    }
    if (auto words = whole_reply(book, study, Purpose::stop_word); !words.empty()) {
        return Request{Disposition::optout, book.use(words.front()).rule};
    }
    if (auto words = whole_reply(book, study, Purpose::resume); !words.empty()) {
        return Request{Disposition::optin, book.use(words.front()).rule};
    }
    return std::nullopt;
}

std::optional<Request> find_request(const Phrasebook& book, const Study& study) {
    auto lookups = book.all(study, Purpose::lookup);
    for (const auto& matter : book.all(study, Purpose::matter)) {
        // "hồ sơ vay vốn duyệt chưa" asks for the dossier, whatever it is about.
        bool of_a_dossier = std::ranges::any_of(lookups, [&](const Match& lookup) {
            return lookup.length() > matter.length() && lookup.covers(matter) &&
                   study.tokens[lookup.end - 1].folded == "chua";
        });
        if (!of_a_dossier) return Request{Disposition::other, book.use(matter).rule};
    }
    for (const auto& lookup : lookups) {
        if (!follows_negator(book, study, lookup)) return Request{Disposition::lookup, book.use(lookup).rule};
    }
    if (std::ranges::any_of(study.tokens, [](const Token& token) { return token.kind == TokenKind::code; })) {
        return Request{Disposition::lookup, "dossier_code"};
    }
    return std::nullopt;
}

std::optional<Request> find_question(const Phrasebook& book, const Study& study) {
    for (const auto& question : book.all(study, Purpose::question)) {
        if (!follows_negator(book, study, question))
            return Request{Disposition::other, book.use(question).rule};
    }
    return std::nullopt;
}

}  // namespace survey::text
