// Administrative units with the dates between which they existed. A unit's code is reused after a reform with
// another meaning, so a code (and a name) says which unit only together with a date. Read once at start from
// the operator's CSV (code,name,valid_from,valid_to,successors); dossiers, tallies and reports look units up
// by code, imports and the national portal's events by name. Plain constant data: any thread may read it.
#pragma once

#include <chrono>
#include <compare>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace config {

// UnitCode: mã đơn vị hành chính, five digits of the General Statistics Office, for example 25888.
class UnitCode {
public:
    static std::optional<UnitCode> parse(std::string_view text);

    const std::string& str() const { return digits_; }

    auto operator<=>(const UnitCode&) const = default;

private:
    explicit UnitCode(std::string_view digits) : digits_(digits) {}

    std::string digits_;
};

struct Unit {
    UnitCode code;
    std::string name;
    std::chrono::year_month_day valid_from;
    std::optional<std::chrono::year_month_day> valid_to;  // the last day, or still valid
    std::vector<UnitCode> successors;  // valid on the day after valid_to; more than one: split

    bool valid_on(std::chrono::year_month_day day) const;
};

class Units {
public:
    // All mistakes at once, each as "file:line: column: what is wrong and what would be right".
    static std::expected<Units, std::vector<std::string>> parse(
        std::string_view csv, std::string_view file_name
    );

    const Unit* find(const UnitCode& code, std::chrono::year_month_day day) const;

    // Accents, case and "UBND", "Ủy ban nhân dân", "phường", "xã", "P.", "X." before the name do not matter;
    // where two units differ only in being phường or xã, the text must say which.
    const Unit* find_by_name(std::string_view name, std::chrono::year_month_day day) const;

    const std::vector<Unit>& all() const { return units_; }

private:
    struct Key {
        std::string kind;  // phuong, xa, thi tran or nothing
        std::string name;  // folded, without spaces
    };
    static Key fold(std::string_view name);

    std::vector<Unit> units_;
    std::vector<Key> keys_;  // of the unit at the same place
};

}  // namespace config

template <>
struct std::hash<config::UnitCode> {
    std::size_t operator()(const config::UnitCode& code) const noexcept {
        return std::hash<std::string>{}(code.str());
    }
};
