#include "survey/text/scan.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace survey::text {
namespace {

void append_utf8(std::string& out, char32_t code) {
    auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | (code >> 6));
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | (code >> 12));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | (code >> 18));
        byte(0x80 | ((code >> 12) & 0x3F));
        byte(0x80 | ((code >> 6) & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

// Skin tones, variation selectors and joiners say nothing of their own.
bool is_silent(char32_t code) {
    return (code >= 0x1F3FB && code <= 0x1F3FF) || (code >= 0xFE00 && code <= 0xFE0F) || code == 0x200D ||
           code == 0x20E3 || code == 0x200B || code == 0xFEFF;
}

bool is_quote(char32_t code) {
    return code == '"' || code == '\'' || code == 0x201C || code == 0x201D || code == 0x2018 ||
           code == 0x2019;
}

class Scanner {
public:
    explicit Scanner(const std::vector<Letter>& letters) : letters_{letters} {
        has_space_ = std::ranges::any_of(letters, &Letter::is_space);
    }

    Folded run() {
        while (at_ < letters_.size()) {
            const auto& letter = letters_[at_];
            if (letter.is_digit() || letter.is_letter()) {
                if (!scan_code()) {
                    if (letter.is_digit()) {
                        scan_number();
                    } else {
                        scan_word();
                    }
                }
            } else {
                scan_other(letter);
            }
        }
        return std::move(result_);
    }

private:
    char32_t code_at(std::size_t at) const { return at < letters_.size() ? letters_[at].code : 0; }
    bool digit_at(std::size_t at) const { return at < letters_.size() && letters_[at].is_digit(); }
    bool letter_at(std::size_t at) const { return at < letters_.size() && letters_[at].is_letter(); }

    void push(TokenKind kind, std::string text, int number = -1, int out_of = 0) {
        Token token;
        token.kind = kind;
        token.before = pending_;
        token.number = number;
        token.out_of = out_of;
        token.spelled = text;
        token.folded = std::move(text);
        result_.tokens.push_back(std::move(token));
        pending_ = Break::none;
    }

    void push_word(std::size_t begin, std::size_t end) {
        auto word = spell(letters_.data() + begin, letters_.data() + end);
        push(TokenKind::word, {});
        auto& token = result_.tokens.back();
        token.exact = word.marked();
        token.folded = std::move(word.plain);
        token.spelled = std::move(word.spelled);
    }

    void pause(Break kind) { pending_ = std::max(pending_, kind); }

    void scan_other(const Letter& letter) {
        auto code = letter.code;
        bool glued = at_ > 0 && letter_at(at_ - 1) && letter_at(at_ + 1);
        if (code == '?') {
            result_.question = true;
            pause(Break::hard);
        } else if (code == '.' && glued) {
            bool lone = at_ < 2 || !letter_at(at_ - 2);  // "k.hai long"
            if (has_space_ && !lone) pause(Break::hard);
        } else if (code == '.' || code == '!' || code == ';' || code == '\n' || code == 0x2026) {
            pause(Break::hard);
        } else if (code == '%') {
            push(TokenKind::word, "%");
        } else if (code == '*') {
            push(TokenKind::word, "sao");
        } else if (code >= 0x2190 && !is_silent(code)) {
            std::string symbol;
            append_utf8(symbol, code);
            push(TokenKind::symbol, std::move(symbol));
        } else if (!letter.is_space() && !is_silent(code) && !is_quote(code) &&
                   !((code == '-' || code == '_' || code == '\'') && glued)) {
            pause(Break::soft);
        }
        ++at_;
    }

    // 000.25.18.H09-181203-0012, H09-181205-0031: digit groups with a letter, joined by dashes.
    bool scan_code() {
        std::size_t end = at_;
        int digits = 0;
        int dashes = 0;
        int marks = 0;
        while (end < letters_.size()) {
            auto code = letters_[end].code;
            if (letters_[end].is_digit()) {
                ++digits;
            } else if (code == '-' || code == '_') {
                ++dashes;
            } else if (letters_[end].is_letter() || code == '.') {
                ++marks;
            } else {
                break;
            }
            ++end;
        }
        while (end > at_ && !letters_[end - 1].is_digit())
            --end;
        if (digits < 9 || dashes < 1 || marks > 10 || digits < 2 * marks) return false;
        if (marks == 0 && dashes < 2 && digits < 10) return false;
        push(TokenKind::code, "#code");
        at_ = end;
        return true;
    }

    std::size_t digits_end(std::size_t from) const {
        while (digit_at(from))
            ++from;
        return from;
    }

    int value(std::size_t begin, std::size_t end) const {
        int result = 0;
        for (auto at = begin; at < end && result < 1000000; ++at) {
            result = result * 10 + static_cast<int>(letters_[at].code - '0');
        }
        return result;
    }

    void count(std::size_t end) {
        push(TokenKind::count, "#count");
        at_ = end;
    }

    void push_outside(std::size_t end) {
        push(TokenKind::number, "0", 0);
        at_ = end;
    }

    // 28/11, 3-12-2018, 15.11.2018, 1.000.000, 8:30: groups of digits. Two numbers with a dash stay two
    // numbers.
    bool scan_groups(std::size_t first_end) {
        auto joint = code_at(first_end);
        bool joins = joint == '/' || joint == '-' || joint == '.' || joint == ':' || joint == ',';
        if (!joins || !digit_at(first_end + 1)) return false;
        auto second_end = digits_end(first_end + 1);
        int first = value(at_, first_end);
        int second = value(first_end + 1, second_end);
        bool third = code_at(second_end) == joint && digit_at(second_end + 1);
        if (third) {
            auto end = digits_end(second_end + 1);
            while (code_at(end) == joint && digit_at(end + 1))
                end = digits_end(end + 1);
            count(end);
        } else if (joint == '/' && (second == 5 || second == 10 || second == 100) && first <= second) {
            push(TokenKind::ratio, "#ratio", first, second);
            at_ = second_end;
        } else if (joint == '-' || (joint == ',' && second_end - first_end != 4)) {
            push(TokenKind::number, std::to_string(first), first);
            if (joint == '-') push(TokenKind::word, "den");
            if (joint == ',') pause(Break::soft);
            at_ = first_end + 1;
        } else if (joint == '.' && first <= 5 && second <= 5 && second_end - first_end == 2 && !has_space_) {
            return false;
        } else {
            count(second_end);
        }
        return true;
    }

    void scan_number() {
        auto end = digits_end(at_);
        if (end - at_ >= 8) return count(end);
        if (scan_groups(end)) return;
        int number = value(at_, end);
        auto suffix_end = end;
        std::string suffix;
        while (letter_at(suffix_end))
            suffix += static_cast<char>(letters_[suffix_end++].code);
        if (one_of(suffix, {"h", "g", "gio", "p", "ph", "phut"})) {
            return count(digits_end(suffix_end));
        }
        if (one_of(suffix, {"tr", "trieu", "ngan", "ng", "vnd", "cu", "xi", "m", "ha", "km", "cay"})) {
            return count(suffix_end);
        }
        if ((suffix == "k" || suffix == "d") && number > 10) return count(suffix_end);
        if (number > 5 && code_at(end) == ' ' && code_at(end + 1) == 'k' && !letter_at(end + 2))
            return count(end + 2);
        if (suffix == "d") suffix_end = end + 1;
        bool below_zero = at_ == 1 && code_at(0) == '-' && end == letters_.size();  // "-5", whole
        if (below_zero) return push_outside(end);
        push(TokenKind::number, std::to_string(number), number);
        if (suffix == "d") push(TokenKind::word, "diem");
        at_ = suffix == "d" ? suffix_end : end;
    }

    // Digits inside or behind a word are VNI keys left behind ("rat1 hai2"), unless one clings to a word that
    // takes a number ("so4", "muc2").
    void scan_word() {
        auto begin = at_;
        while (letter_at(at_))
            ++at_;
        auto end = at_;
        if (!digit_at(at_)) return push_word(begin, end);
        auto run = at_;
        int digits = 0;
        while (digit_at(run) || letter_at(run))
            digits += digit_at(run++) ? 1 : 0;
        auto head = spell(letters_.data() + begin, letters_.data() + end).plain;
        bool takes_number = one_of(head, {"so",  "s",    "muc",  "chon", "diem",  "cho", "cham", "lan", "t",
                                          "thu", "ap",   "quay", "ngay", "thang", "bo",  "d",    "m",   "h",
                                          "cau", "loai", "to",   "kp",   "q",     "xa",  "ve",   "la"});
        bool weekday = head == "t" && digits == 1 && run == end + 1;
        if (weekday) return count(run);
        if (takes_number || digits > 2 || end - begin < 2) return push_word(begin, end);
        std::vector<Letter> word;
        for (auto at = begin; at < run; ++at) {
            if (!letters_[at].is_digit()) word.push_back(letters_[at]);
        }
        push(TokenKind::word, spell(word.data(), word.data() + word.size()).plain);
        at_ = run;
    }

    const std::vector<Letter>& letters_;
    std::size_t at_ = 0;
    Break pending_ = Break::none;
    bool has_space_ = false;
    Folded result_;
};

}  // namespace

Folded scan(const std::vector<Letter>& letters) {
    return Scanner{letters}.run();
}

}  // namespace survey::text
