#include "survey/text/fold.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "survey/text/scan.hpp"

namespace survey::text {
namespace {

constexpr char32_t replacement = 0xFFFD;

// What a combining mark does to the letter before it; false when the mark is not Vietnamese.
bool combine(Letter& letter, char32_t mark) {
    switch (mark) {
        case 0x0301:
            letter.tone = '1';
            return true;
        case 0x0300:
            letter.tone = '2';
            return true;
        case 0x0309:
        case 0x0303:
            letter.tone = '3';
            return true;
        case 0x0323:
            letter.tone = '5';
            return true;
        case 0x0302:
            letter.shape = '6';
            return true;
        case 0x031B:
            letter.shape = '7';
            return true;
        case 0x0306:
            letter.shape = '8';
            return true;
        default:
            return false;
    }
}

// Of any script, since NFD may sort such a one between a letter and its tone.
bool is_mark(char32_t code) {
    return (code >= 0x0300 && code <= 0x036F) ||
           utf8proc_get_property(static_cast<utf8proc_int32_t>(code))->combining_class != 0;
}

void append(std::vector<Letter>& letters, char32_t code) {
    if (is_mark(code)) {
        if (!letters.empty()) combine(letters.back(), code);
        return;
    }
    Letter letter;
    letter.code = code;
    if (code >= 'A' && code <= 'Z') letter.code = code - 'A' + 'a';
    if (code == 0x0111 || code == 0x0110 || code == 0x00F0 || code == 0x00D0) letter = {'d', '9', 0};
    letters.push_back(letter);
}

// Insertions, deletions, replacements and swaps of neighbours: is one enough to make `typed` into `meant`?
bool within_one_slip(std::string_view typed, std::string_view meant) {
    if (typed.size() > meant.size() + 1 || meant.size() > typed.size() + 1) return false;
    std::size_t start = 0;
    while (start < typed.size() && start < meant.size() && typed[start] == meant[start])
        ++start;
    auto left = typed.substr(start);
    auto right = meant.substr(start);
    if (left.size() == right.size()) {
        if (left.size() >= 2 && left[0] == right[1] && left[1] == right[0] &&
            left.substr(2) == right.substr(2))
            return true;
        return left.empty() || left.substr(1) == right.substr(1);
    }
    return left.size() > right.size() ? left.substr(1) == right : left == right.substr(1);
}

}  // namespace

std::vector<Letter> letters_of(std::string_view utf8) {
    std::vector<Letter> letters;
    letters.reserve(utf8.size());
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
    std::size_t at = 0;
    while (at < utf8.size()) {
        if (bytes[at] < 0x80) {
            append(letters, bytes[at++]);
            continue;
        }
        utf8proc_int32_t code = 0;
        auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(utf8.size() - at), &code);
        if (length <= 0) {
            append(letters, replacement);
            ++at;
            continue;
        }
        at += static_cast<std::size_t>(length);
        std::array<utf8proc_int32_t, 32> parts{};
        int last_class = UTF8PROC_BOUNDCLASS_START;
        auto count = utf8proc_decompose_char(
            code, parts.data(), parts.size(),
            static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), &last_class
        );
        if (count <= 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) {
            append(letters, replacement);
            continue;
        }
        for (std::size_t part = 0; part < static_cast<std::size_t>(count); ++part) {
            append(letters, static_cast<char32_t>(parts.at(part)));
        }
    }
    return letters;
}

Spelled spell(const Letter* begin, const Letter* end) {
    Spelled word;
    char tone = 0;
    for (const auto* letter = begin; letter != end; ++letter) {
        word.plain += static_cast<char>(letter->code);
        word.spelled += static_cast<char>(letter->code);
        if (letter->shape != 0) word.spelled += letter->shape;
        if (letter->tone != 0) tone = letter->tone;
    }
    if (tone != 0) word.spelled += tone;
    return word;
}

Spelled spell(std::string_view word) {
    auto letters = letters_of(word);
    if (std::ranges::all_of(letters, [](const Letter& letter) { return letter.code < 0x80; })) {
        return spell(letters.data(), letters.data() + letters.size());
    }
    return {std::string{word}, std::string{word}};
}

Folder::Folder(const config::Lexicon& lexicon) : speller_{lexicon} {
    for (const auto& correction : lexicon.corrections) {
        Correction entry{split_words(correction.written), split_words(correction.meant)};
        corrections_[entry.written.front()].push_back(std::move(entry));
    }
    for (const auto& phrase : lexicon.tolerant) {
        auto words = split_words(phrase);
        if (words.size() == 2) tolerant_.emplace_back(words[0], words[1]);
    }
    auto fill = [&](WordSet& set, std::string_view name) {
        if (auto found = lexicon.sets.find(name); found != lexicon.sets.end()) {
            for (const auto& word : split_words(found->second))
                set.insert(spell(word).plain);
        }
    };
    fill(common_unmarked_, "common_unmarked");
    fill(after_zero_, "after_zero");
}

Folded Folder::fold(std::string_view reply) const {
    auto folded = scan(letters_of(reply));
    std::vector<Token> tokens;
    tokens.reserve(folded.tokens.size() + 8);
    for (auto& token : folded.tokens) {
        std::optional<std::vector<std::string>> words;
        if (token.kind == TokenKind::word) words = speller_.meaning({token.folded, token.spelled});
        if (!words) {
            tokens.push_back(std::move(token));
            continue;
        }
        auto before = token.before;
        for (auto& word : *words) {
            Token next;
            next.before = before;
            next.spelled = "~";  // spelled out by us: any accents may be meant
            next.folded = std::move(word);
            tokens.push_back(std::move(next));
            before = Break::none;
        }
    }
    correct(tokens);
    settle_accents(tokens);
    folded.tokens = std::move(tokens);
    return folded;
}

void Folder::correct(std::vector<Token>& tokens) const {
    for (std::size_t at = 0; at < tokens.size(); ++at) {
        bool has_next = at + 1 < tokens.size();
        if (tokens[at].number == 0 && tokens[at].kind == TokenKind::number && has_next &&
            tokens[at + 1].before == Break::none && after_zero_.contains(tokens[at + 1].folded)) {
            Token zero;
            zero.before = tokens[at].before;
            zero.folded = "khong";
            zero.spelled = "~";
            tokens[at] = std::move(zero);
        }
        if (auto found = corrections_.find(tokens[at].folded); found != corrections_.end()) {
            for (const auto& [written, meant] : found->second) {
                if (at + written.size() > tokens.size()) continue;
                auto same = [&](std::size_t word) { return tokens[at + word].folded == written[word]; };
                std::size_t word = 1;
                while (word < written.size() && same(word))
                    ++word;
                if (word < written.size()) continue;
                for (word = 0; word < written.size(); ++word) {
                    if (word > 0) tokens[at + word].before = Break::none;
                    if (tokens[at + word].folded == meant[word]) continue;
                    tokens[at + word].folded = meant[word];
                    tokens[at + word].exact = false;
                    tokens[at + word].spelled = "~";
                }
                break;
            }
        }
        if (!has_next || tokens[at].kind != TokenKind::word || tokens[at + 1].before != Break::none) continue;
        for (const auto& [first, second] : tolerant_) {
            auto& left = tokens[at].folded;
            auto& right = tokens[at + 1].folded;
            if (left == first && right == second) break;
            if (left.empty() || left[0] != first[0] || !within_one_slip(left + right, first + second))
                continue;
            left = first;
            right = second;
            tokens[at].exact = tokens[at + 1].exact = false;
            tokens[at].spelled = tokens[at + 1].spelled = "~";
        }
    }
}

// In a reply typed with accents, a common word without any ("cho", "ba") is meant as it stands.
void Folder::settle_accents(std::vector<Token>& tokens) const {
    auto marked = std::ranges::count_if(tokens, &Token::exact);
    auto words = std::ranges::count(tokens, TokenKind::word, &Token::kind);
    if (marked * 10 < words * 4) return;
    for (auto& token : tokens) {
        if (!token.exact && token.spelled == token.folded && common_unmarked_.contains(token.folded))
            token.exact = true;
    }
}

}  // namespace survey::text
