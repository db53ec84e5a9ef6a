// The telephone numbering plan as data: which prefixes are mobile and whose, how the numbers of 2018 were
// renumbered, and which ranges cannot take an SMS. It is read once at start from numbering.toml (the shipped
// one or the operator's); notify::PhoneNumber::parse asks it. Plain constant data: any thread may read it.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace config {

struct MobileRange {
    std::string prefix;  // with the leading 0
    std::string holder;
};

struct Renumbering {
    std::string old_prefix;  // of a number of 11 digits
    std::string new_prefix;
};

struct RefusedRange {
    std::string reason;  // landline, toll_free, premium, internet_phone, company_number
    std::string prefix;
    std::vector<std::size_t> lengths;
};

struct Numbering {
    std::string country_code;
    std::vector<MobileRange> mobile;
    std::vector<Renumbering> renumbered;
    std::vector<RefusedRange> refused;
};

// All mistakes at once, each with file and line.
std::expected<Numbering, std::vector<std::string>> parse_numbering(
    std::string_view toml, std::string_view file_name
);

// The plan that comes with Hồi Âm.
const Numbering& shipped_numbering();

}  // namespace config
