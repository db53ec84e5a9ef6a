// Reads one TOML table key by key and collects every mistake with its file and line, so that an operator
// mends a configuration in one pass. For the loaders of this folder only: the one place that sees toml++.
// A key nobody asked for is a mistake too (done() reports it): a misspelt key must not be silently ignored.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace config {

using Problems = std::vector<std::string>;

/// Parses TOML; a syntax error becomes one problem "file:line: …".
std::optional<toml::table> parse_toml(std::string_view content, std::string_view file, Problems& problems);

class Section {
public:
    Section(const toml::table& table, std::string path, std::string_view file, Problems& problems)
        : table_(&table), path_(std::move(path)), file_(file), problems_(&problems) {}

    bool has(std::string_view key) const { return table_->contains(key); }

    std::optional<std::string> text(std::string_view key);
    std::string text_or(std::string_view key, std::string fallback);
    /// For values that operators write with or without quotes: number = 8079.
    std::string text_or_number(std::string_view key, std::string fallback);
    std::string required_text(std::string_view key, std::string_view example);
    std::int64_t number_or(
        std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most
    );
    double decimal_or(std::string_view key, double fallback, double least, double most);
    bool flag_or(std::string_view key, bool fallback);
    std::vector<std::string> texts(std::string_view key);

    /// A text that `parse` must understand; its error is reported at the key.
    template <typename Parse>
    auto parsed_or(
        std::string_view key, typename std::invoke_result_t<Parse, std::string_view>::value_type fallback,
        Parse parse
    ) {
        const auto raw = text(key);
        if (!raw) return fallback;
        auto value = parse(std::string_view(*raw));
        if (value) return *std::move(value);
        problem(key, value.error());
        return fallback;
    }

    /// A sub-table, when it is there.
    std::optional<Section> table(std::string_view key);
    /// The tables of an array of tables; a single table counts as one.
    std::vector<Section> tables(std::string_view key);
    /// Every key with its text, for tables whose keys are the operator's.
    std::vector<std::pair<std::string, std::string>> all_texts();
    /// The raw node of a key, marked as read.
    const toml::node* node(std::string_view key);
    const toml::table& raw() const { return *table_; }

    void problem(std::string_view key, std::string_view what);
    /// Reports the keys that nobody read.
    void done();

private:
    std::string name_of(std::string_view key) const;
    std::optional<std::string> expand(std::string_view key, std::string value);

    const toml::table* table_;
    std::string path_;
    std::string_view file_;
    Problems* problems_;
    std::set<std::string, std::less<>> read_;
};

}  // namespace config
