// PhoneNumber: a Vietnamese mobile number that can take an SMS. parse() reads what officials type (spaces,
// dots, +84, a zero lost by a spreadsheet, the 11-digit form of before 2018, two numbers in one field: the
// first valid mobile wins) and otherwise says why nothing in the text can take an SMS. The number is held in
// its form of today, so that one citizen has one value. A value type without I/O: any thread may use it.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "config/numbering.hpp"

namespace notify {

enum class PhoneProblem {
    empty,
    no_number,
    too_short,
    too_long,
    landline,
    toll_free,
    premium,
    internet_phone,
    company_number,
    short_code,
    unknown_prefix,
    foreign,
};

std::string_view to_string(PhoneProblem);  // stable code
std::string_view explain(PhoneProblem);    // one English sentence

class PhoneNumber {
public:
    static std::expected<PhoneNumber, PhoneProblem> parse(std::string_view text, const config::Numbering&);

    std::string e164() const;           // +84912345678
    std::string national() const;       // 0912345678
    std::string international() const;  // 84912345678
    std::string masked() const;         // +84*****678

    // For storage, which keeps what parse() accepted once.
    std::uint32_t subscriber() const { return subscriber_; }
    static PhoneNumber from_subscriber(std::uint32_t subscriber) { return PhoneNumber(subscriber); }

    auto operator<=>(const PhoneNumber&) const = default;

private:
    friend struct std::hash<PhoneNumber>;
    explicit PhoneNumber(std::uint32_t subscriber) : subscriber_(subscriber) {}

    std::uint32_t subscriber_;  // the 9 digits after 0 or +84; the first is never 0
};

}  // namespace notify

template <>
struct std::hash<notify::PhoneNumber> {
    std::size_t operator()(const notify::PhoneNumber& number) const noexcept {
        return std::hash<std::uint32_t>{}(number.subscriber_);
    }
};
