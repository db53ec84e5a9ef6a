// Folding: a reply as typed becomes tokens that rules can match: lower case, without accents, short forms and
// slips of the thumb spelled out, numbers told apart from dates, times, sums of money and dossier codes.
// Each token keeps how it was spelled, so that a rule may insist on trễ where trẻ would mean something else.
// Called by Reader for each reply and by the matcher for each phrase. Immutable after construction: any
// thread may fold. No input makes it fail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "survey/text/letters.hpp"
#include "survey/text/speller.hpp"

namespace survey::text {

enum class TokenKind : std::uint8_t {
    word,
    number,  // bare: "4"
    ratio,   // "4/5"
    count,   // a date, a time, money, a phone number: never a score
    code,    // a dossier code
    symbol   // an emoji
};

enum class Break : std::uint8_t { none, soft, hard };  // nothing, a comma, a full stop

struct Token {
    TokenKind kind = TokenKind::word;
    Break before = Break::none;
    bool exact = false;  // its accents were typed on purpose: compare them too
    int number = -1;
    int out_of = 0;
    std::string folded;
    std::string spelled;
};

struct Folded {
    std::vector<Token> tokens;
    bool question = false;  // holds a question mark
};

class Folder {
public:
    explicit Folder(const config::Lexicon& lexicon);

    Folded fold(std::string_view reply) const;

private:
    void correct(std::vector<Token>& tokens) const;
    void settle_accents(std::vector<Token>& tokens) const;

    struct Correction {
        std::vector<std::string> written;
        std::vector<std::string> meant;
    };

    Speller speller_;
    WordMap<std::vector<Correction>> corrections_;  // by their first word
    std::vector<std::pair<std::string, std::string>> tolerant_;
    WordSet common_unmarked_;
    WordSet after_zero_;
};

}  // namespace survey::text
