#include "config/units.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <utility>

namespace config {
namespace {

using std::chrono::year_month_day;

constexpr std::array<std::string_view, 5> columns{"code", "name", "valid_from", "valid_to", "successors"};

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            fields.emplace_back();
        } else {
            fields.back().push_back(c);
        }
    }
    return fields;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

std::optional<year_month_day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day || *month < 0 || *day < 0) return std::nullopt;
    const year_month_day date{
        std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
        std::chrono::day{static_cast<unsigned>(*day)}
    };
    if (!date.ok()) return std::nullopt;
    return date;
}

std::string show(year_month_day day) {
    return fmt::format(
        "{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
        static_cast<unsigned>(day.day())
    );
}

year_month_day day_after(year_month_day day) {
    return std::chrono::sys_days{day} + std::chrono::days{1};
}

// Lower case without accents, with one space between words.
std::string folded_words(std::string_view text) {
    const auto options = static_cast<utf8proc_option_t>(
        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_STABLE
    );
    utf8proc_uint8_t* mapped = nullptr;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto length = utf8proc_map(bytes, static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (length < 0) return {};
    const std::string_view rest(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
    std::string words;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest.substr(i).starts_with("đ")) {
            words.push_back('d');
            ++i;
        } else if (std::string_view(" .,:;-_/()'\"\t").find(rest[i]) == std::string_view::npos) {
            words.push_back(rest[i]);
        } else if (!words.empty() && words.back() != ' ') {
            words.push_back(' ');
        }
    }
    while (words.ends_with(' '))
        words.pop_back();
    return words;
}

bool drop_word(std::string& words, std::string_view word) {
    if (!words.starts_with(word) || words.size() <= word.size() || words[word.size()] != ' ') return false;
    words.erase(0, word.size() + 1);
    return true;
}

struct Line {
    std::string_view file_name;
    std::size_t number;
    std::vector<std::string> fields;
    std::vector<std::string>* errors;

    std::string_view field(std::size_t column) const { return trimmed(fields[column]); }
    void complain(std::string_view column, std::string_view what) const {
        errors->push_back(fmt::format("{}:{}: {}: {}", file_name, number, column, what));
    }
};

std::optional<year_month_day> read_day(const Line& line, std::size_t column) {
    const auto day = parse_day(line.field(column));
    if (!day) {
        line.complain(
            columns[column], fmt::format("'{}' is no date; write it as 2025-07-01", line.field(column))
        );
    }
    return day;
}

std::vector<UnitCode> read_successors(const Line& line) {
    std::vector<UnitCode> successors;
    if (line.field(4).empty()) return successors;
    for (const auto& text : split(line.field(4), '|')) {
        if (auto code = UnitCode::parse(trimmed(text))) {
            successors.push_back(*std::move(code));
        } else {
            line.complain(
                "successors",
                fmt::format("'{}' is no unit code; write 5 digits, several with | between", text)
            );
        }
    }
    return successors;
}

std::optional<Unit> read_unit(const Line& line) {
    if (line.fields.size() != columns.size()) {
        line.complain(
            "line", fmt::format("has {} columns instead of {}", line.fields.size(), columns.size())
        );
        return std::nullopt;
    }
    const auto code = UnitCode::parse(line.field(0));
    if (!code) line.complain("code", fmt::format("'{}' is no unit code; write 5 digits", line.field(0)));
    if (line.field(1).empty()) line.complain("name", "is missing");
    const auto from = read_day(line, 2);
    std::optional<year_month_day> to;
    if (!line.field(3).empty()) to = read_day(line, 3);
    auto successors = read_successors(line);
    if (from && to && *to < *from) line.complain("valid_to", "lies before valid_from");
    if (!to && line.field(3).empty() && !successors.empty()) {
        line.complain("successors", "stand at a unit without valid_to; give it its last day");
    }
    if (!code || !from) return std::nullopt;
    return Unit{*code, std::string(line.field(1)), *from, to, std::move(successors)};
}

bool overlap(const Unit& a, const Unit& b) {
    return a.code == b.code && (!a.valid_to || b.valid_from <= *a.valid_to) &&
           (!b.valid_to || a.valid_from <= *b.valid_to);
}

struct Read {
    std::vector<Unit> units;
    std::vector<std::size_t> lines;
    std::vector<std::string> errors;
};

Read read_lines(std::string_view csv, std::string_view file_name) {
    Read read;
    if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
    bool header = true;
    for (std::size_t number = 1; !csv.empty(); ++number) {
        const auto end = std::min(csv.find('\n'), csv.size());
        const auto text = trimmed(csv.substr(0, end));
        csv.remove_prefix(std::min(end + 1, csv.size()));
        if (text.empty() || text.starts_with('#')) continue;
        const Line line{file_name, number, split(text, ','), &read.errors};
        if (std::exchange(header, false)) {
            if (text != fmt::format("{}", fmt::join(columns, ","))) {
                line.complain("line", fmt::format("the first line must be {}", fmt::join(columns, ",")));
                return read;
            }
        } else if (auto unit = read_unit(line)) {
            read.units.push_back(*std::move(unit));
            read.lines.push_back(number);
        }
    }
    if (read.units.empty() && read.errors.empty())
        read.errors.push_back(fmt::format("{}: holds no units", file_name));
    return read;
}

void check_together(Read& read, std::string_view file_name) {
    for (std::size_t i = 0; i < read.units.size(); ++i) {
        const auto& unit = read.units[i];
        for (std::size_t earlier = 0; earlier < i; ++earlier) {
            if (!overlap(read.units[earlier], unit)) continue;
            read.errors.push_back(fmt::format(
                "{}:{}: valid_from: {} is also valid in line {} at that time; end the older one the day "
                "before",
                file_name, read.lines[i], unit.code.str(), read.lines[earlier]
            ));
        }
        for (const auto& successor : unit.successors) {
            if (!unit.valid_to) continue;
            const auto next_day = day_after(*unit.valid_to);
            const auto follows = [&](const Unit& other) {
                return other.code == successor && other.valid_on(next_day);
            };
            if (std::ranges::any_of(read.units, follows)) continue;
            read.errors.push_back(fmt::format(
                "{}:{}: successors: no unit {} is valid on {}; add its line", file_name, read.lines[i],
                successor.str(), show(next_day)
            ));
        }
    }
}

}  // namespace

std::optional<UnitCode> UnitCode::parse(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 5 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
    return UnitCode(text);
}

bool Unit::valid_on(year_month_day day) const {
    return valid_from <= day && (!valid_to || day <= *valid_to);
}

std::expected<Units, std::vector<std::string>> Units::parse(
    std::string_view csv, std::string_view file_name
) {
    auto read = read_lines(csv, file_name);
    check_together(read, file_name);
    if (!read.errors.empty()) return std::unexpected(std::move(read.errors));
    Units units;
    units.units_ = std::move(read.units);
    for (const auto& unit : units.units_)
        units.keys_.push_back(fold(unit.name));
    return units;
}

Units::Key Units::fold(std::string_view name) {
    struct Kind {
        std::string_view written, kind;
    };
    constexpr std::array<Kind, 6> kinds{
        {{"phuong", "phuong"},
         {"xa", "xa"},
         {"thi tran", "thi tran"},
         {"p", "phuong"},
         {"x", "xa"},
         {"tt", "thi tran"}}
    };
    auto words = folded_words(name);
    for (const auto* office : {"ubnd", "uy ban nhan dan", "uy ban", "ub"}) {
        if (drop_word(words, office)) break;
    }
    Key key;
    for (const auto& [written, kind] : kinds) {
        if (!drop_word(words, written)) continue;
        key.kind = kind;
        break;
    }
    std::erase(words, ' ');
    key.name = std::move(words);
    return key;
}

const Unit* Units::find(const UnitCode& code, year_month_day day) const {
    const auto found = std::ranges::find_if(units_, [&](const Unit& unit) {
        return unit.code == code && unit.valid_on(day);
    });
    return found == units_.end() ? nullptr : &*found;
}

const Unit* Units::find_by_name(std::string_view name, year_month_day day) const {
    const auto wanted = fold(name);
    std::vector<std::size_t> same_name;
    for (std::size_t i = 0; i < units_.size(); ++i) {
        if (keys_[i].name == wanted.name && units_[i].valid_on(day)) same_name.push_back(i);
    }
    if (same_name.size() > 1) {
        std::erase_if(same_name, [&](std::size_t i) { return keys_[i].kind != wanted.kind; });
    }
    return same_name.size() == 1 ? &units_[same_name.front()] : nullptr;
}

}  // namespace config
