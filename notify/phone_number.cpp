#include "notify/phone_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "notify/sms/utf8.hpp"

namespace notify {
namespace {

constexpr std::size_t mobile_length = 10;      // with the leading 0
constexpr std::size_t old_mobile_length = 11;  // before 15 September 2018
constexpr std::size_t shortest_neighbour = 7;  // of two numbers in one field
constexpr std::size_t longest_dialled = 16;    // 00 84 0 and eleven digits

// A run of digits as written, cut at spaces and punctuation: "+84 912-345" is {true, {"84", "912", "345"}}.
struct Candidate {
    bool plus = false;
    std::vector<std::string> groups;

    std::string joined() const {
        std::string digits;
        for (const auto& group : groups)
            digits += group;
        return digits;
    }
};

std::optional<char> digit_of(char32_t c) {
    if (c >= U'0' && c <= U'9') return static_cast<char>(c);
    for (const char32_t zero : {U'\uFF10', U'\u0660', U'\u06F0'}) {  // full-width, Arabic, Persian
        if (c >= zero && c < zero + 10) return static_cast<char>('0' + (c - zero));
    }
    return std::nullopt;
}

bool joins_groups(char32_t c) {
    constexpr std::u32string_view joiners = U" \t.-()\u00A0\u2007\u202F\u3000\u2010\u2011\u2012\u2013\u2014";
    return joiners.find(c) != std::u32string_view::npos;
}

bool is_invisible(char32_t c) {
    return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0xFEFF;
}

bool is_letter(char32_t c) {
    return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c > 0xBF;
}

bool is_letter_o(char32_t c) {
    return c == U'o' || c == U'O';
}

std::u32string visible(std::string_view text) {
    std::u32string seen;
    while (!text.empty()) {
        const auto c = notify::sms::take_code_point(text);
        if (!is_invisible(c)) seen.push_back(c);
    }
    return seen;
}

// The letter O typed for the digit 0, as in O912345678: before a digit, not at the end of a word.
std::u32string with_zeros_for_o(std::u32string text) {
    bool before_digit = false;
    for (auto at = text.size(); at-- > 0;) {
        if (!is_letter_o(text[at])) {
            before_digit = digit_of(text[at]).has_value();
            continue;
        }
        const bool ends_word = at > 0 && is_letter(text[at - 1]) && !is_letter_o(text[at - 1]);
        if (before_digit && !ends_word) text[at] = U'0';
    }
    return text;
}

std::vector<Candidate> find_candidates(std::u32string_view text) {
    std::vector<Candidate> found;
    bool in_candidate = false;
    bool in_group = false;
    bool plus = false;
    for (const auto c : text) {
        if (const auto digit = digit_of(c)) {
            if (!in_candidate) found.push_back({plus, {}});
            if (!in_candidate || !in_group) found.back().groups.emplace_back();
            found.back().groups.back().push_back(*digit);
            in_candidate = in_group = true;
            plus = false;
        } else if (joins_groups(c)) {
            in_group = false;
        } else {
            in_candidate = in_group = false;
            plus = c == U'+' || c == U'\uFF0B';
        }
    }
    return found;
}

struct Dialled {
    std::string digits;  // inside the country, with the leading 0 where the number has one
    bool foreign = false;
};

Dialled dialled(std::string digits, bool plus, const config::Numbering& plan) {
    const auto country = plan.country_code.size();
    if (!plus && digits.starts_with("00")) {
        digits.erase(0, 2);
        plus = true;
    }
    const bool has_country = digits.starts_with(plan.country_code);
    if (plus && !has_country) return {std::move(digits), true};
    if (plus || (has_country && digits.size() > mobile_length)) {
        digits.erase(0, country);
        if (!digits.starts_with("0") && digits.size() > 6) digits.insert(0, "0");
        return {std::move(digits), false};
    }
    return {std::move(digits), false};
}

PhoneProblem problem_named(std::string_view reason) {
    if (reason == "landline") return PhoneProblem::landline;
    if (reason == "toll_free") return PhoneProblem::toll_free;
    if (reason == "premium") return PhoneProblem::premium;
    if (reason == "internet_phone") return PhoneProblem::internet_phone;
    if (reason == "company_number") return PhoneProblem::company_number;
    return PhoneProblem::unknown_prefix;
}

std::optional<PhoneProblem> refusal(std::string_view digits, const config::Numbering& plan) {
    for (const auto& range : plan.refused) {
        if (digits.starts_with(range.prefix) &&
            std::ranges::find(range.lengths, digits.size()) != range.lengths.end()) {
            return problem_named(range.reason);
        }
    }
    return std::nullopt;
}

// The ten digits of a mobile number of today, from that form or from the one of before 2018.
std::optional<std::string> mobile_of_today(std::string digits, const config::Numbering& plan) {
    if (digits.size() == old_mobile_length) {
        const auto was = std::ranges::find_if(plan.renumbered, [&](const config::Renumbering& change) {
            return digits.starts_with(change.old_prefix);
        });
        if (was == plan.renumbered.end()) return std::nullopt;
        digits.replace(0, was->old_prefix.size(), was->new_prefix);
    }
    if (digits.size() != mobile_length) return std::nullopt;
    const auto in_range = [&](const config::MobileRange& range) { return digits.starts_with(range.prefix); };
    if (std::ranges::none_of(plan.mobile, in_range)) return std::nullopt;
    return digits;
}

std::expected<std::string, PhoneProblem> read_number(
    std::string written, bool plus, const config::Numbering& plan
) {
    auto [digits, foreign] = dialled(std::move(written), plus, plan);
    if (foreign) return std::unexpected(digits.size() < 7 ? PhoneProblem::too_short : PhoneProblem::foreign);
    if (digits.empty()) return std::unexpected(PhoneProblem::no_number);
    if (const auto refused = refusal(digits, plan)) return std::unexpected(*refused);
    const bool has_zero = digits.starts_with("0");
    // A spreadsheet that took the field for a figure has dropped the zero.
    auto with_zero = has_zero ? digits : "0" + digits;
    if (auto mobile = mobile_of_today(with_zero, plan)) return *std::move(mobile);
    if (const auto refused = refusal(with_zero, plan)) return std::unexpected(*refused);
    // Seen from outside a refused service number may carry the zero that nobody dials: 01900 1022.
    if (const auto refused = refusal(with_zero.substr(1), plan)) return std::unexpected(*refused);
    if (!has_zero && digits.size() >= 3 && digits.size() <= 6)
        return std::unexpected(PhoneProblem::short_code);
    if (with_zero.size() < mobile_length) return std::unexpected(PhoneProblem::too_short);
    if (with_zero.size() > old_mobile_length) return std::unexpected(PhoneProblem::too_long);
    const bool looks_old = with_zero.size() == old_mobile_length && with_zero.starts_with("01");
    if (with_zero.size() == mobile_length || looks_old) return std::unexpected(PhoneProblem::unknown_prefix);
    return std::unexpected(PhoneProblem::too_long);
}

// Two numbers with only a space or a dash between them: the first valid mobile beside another whole number.
std::optional<std::string> mobile_among_groups(const Candidate& candidate, const config::Numbering& plan) {
    const auto count = candidate.groups.size(), all = candidate.joined().size();
    std::size_t before = 0;
    for (std::size_t from = 0; from < count; before += candidate.groups[from++].size()) {
        if (before != 0 && before < shortest_neighbour) continue;
        std::string digits;
        for (auto to = from; to < count; ++to) {
            digits += candidate.groups[to];
            if (digits.size() > longest_dialled) break;
            const auto after = all - before - digits.size();
            if (after != 0 && after < shortest_neighbour) continue;
            auto number = read_number(digits, candidate.plus && from == 0, plan);
            if (number) return *std::move(number);
        }
    }
    return std::nullopt;
}

std::expected<std::string, PhoneProblem> read_candidate(
    const Candidate& candidate, const config::Numbering& plan
) {
    auto whole = read_number(candidate.joined(), candidate.plus, plan);
    if (whole || whole.error() != PhoneProblem::too_long) return whole;
    if (auto part = mobile_among_groups(candidate, plan)) return *std::move(part);
    return whole;
}

}  // namespace

std::string_view to_string(PhoneProblem problem) {
    switch (problem) {
        case PhoneProblem::empty:
            return "empty";
        case PhoneProblem::no_number:
            return "no_number";
        case PhoneProblem::too_short:
            return "too_short";
        case PhoneProblem::too_long:
            return "too_long";
        case PhoneProblem::landline:
            return "landline";
        case PhoneProblem::toll_free:
            return "toll_free";
        case PhoneProblem::premium:
            return "premium";
        case PhoneProblem::internet_phone:
            return "internet_phone";
        case PhoneProblem::company_number:
            return "company_number";
        case PhoneProblem::short_code:
            return "short_code";
        case PhoneProblem::unknown_prefix:
            return "unknown_prefix";
        case PhoneProblem::foreign:
            return "foreign";
    }
    return "unknown_prefix";
}

std::string_view explain(PhoneProblem problem) {
    switch (problem) {
        case PhoneProblem::empty:
            return "The field is empty.";
        case PhoneProblem::no_number:
            return "The field holds no telephone number.";
        case PhoneProblem::too_short:
            return "The number has too few digits: a mobile number has 10 with the 0.";
        case PhoneProblem::too_long:
            return "The number has too many digits: a mobile number has 10 with the 0.";
        case PhoneProblem::landline:
            return "The number is a landline, which cannot take an SMS.";
        case PhoneProblem::toll_free:
            return "The number is a toll-free service number.";
        case PhoneProblem::premium:
            return "The number is a premium-rate service number.";
        case PhoneProblem::internet_phone:
            return "The number is an internet telephone, which cannot take an SMS.";
        case PhoneProblem::company_number:
            return "The number is a company's service number.";
        case PhoneProblem::short_code:
            return "The number is a short code or an emergency number.";
        case PhoneProblem::unknown_prefix:
            return "The number starts with digits that no mobile operator holds.";
        case PhoneProblem::foreign:
            return "The number belongs to another country.";
    }
    return "The number cannot take an SMS.";
}

std::expected<PhoneNumber, PhoneProblem> PhoneNumber::parse(
    std::string_view text, const config::Numbering& plan
) {
    const auto seen = with_zeros_for_o(visible(text));
    if (seen.find_first_not_of(U" \t\r\n\u00A0\u3000") == std::u32string::npos) {
        return std::unexpected(PhoneProblem::empty);
    }
    auto problem = PhoneProblem::no_number;
    std::size_t most_digits = 0;  // the longest run of digits is what the official meant
    for (const auto& candidate : find_candidates(seen)) {
        const auto number = read_candidate(candidate, plan);
        if (number) {
            std::uint32_t subscriber = 0;
            std::from_chars(number->data() + 1, number->data() + number->size(), subscriber);
            return PhoneNumber(subscriber);
        }
        const auto digits = candidate.joined().size();
        if (digits > most_digits) {
            most_digits = digits;
            problem = number.error();
        }
    }
    return std::unexpected(problem);
}

std::string PhoneNumber::e164() const {
    return fmt::format("+84{:09}", subscriber_);
}

std::string PhoneNumber::national() const {
    return fmt::format("0{:09}", subscriber_);
}

std::string PhoneNumber::international() const {
    return fmt::format("84{:09}", subscriber_);
}

std::string PhoneNumber::masked() const {
    return fmt::format("+84*****{:03}", subscriber_ % 1000);
}

}  // namespace notify
