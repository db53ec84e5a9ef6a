#include "config/numbering.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "config/shipped.hpp"

namespace config {
namespace {

constexpr std::array<std::string_view, 5> reasons{
    "landline", "toll_free", "premium", "internet_phone", "company_number"
};

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Reader {
public:
    explicit Reader(std::string_view file_name) : file_name_(file_name) {}

    Numbering read(const toml::table& root) {
        Numbering plan;
        plan.country_code = root["country_code"].value_or(std::string{});
        if (!is_digits(plan.country_code)) complain(root, "country_code must be digits, such as \"84\"");
        read_tables(root, "mobile", [&](const toml::table& entry) { read_mobile(entry, plan); });
        read_renumbered(root, plan);
        read_tables(root, "refused", [&](const toml::table& entry) { read_refused(entry, plan); });
        if (plan.mobile.empty()) complain(root, "at least one [[mobile]] with prefixes is needed");
        return plan;
    }

    std::vector<std::string> errors;

private:
    void complain(const toml::node& where, std::string_view what) {
        errors.push_back(fmt::format("{}:{}: {}", file_name_, where.source().begin.line, what));
    }

    template <class Each>
    void read_tables(const toml::table& root, std::string_view name, Each each) {
        const auto* list = root[name].as_array();
        if (!list) return;
        for (const auto& node : *list) {
            if (const auto* entry = node.as_table()) {
                each(*entry);
            } else {
                complain(node, fmt::format("[[{}]] must be a table", name));
            }
        }
    }

    std::vector<std::string> prefixes(const toml::table& entry) {
        std::vector<std::string> found;
        const auto* list = entry["prefixes"].as_array();
        if (!list || list->empty()) {
            complain(entry, "prefixes must list at least one prefix, such as [\"091\"]");
            return found;
        }
        for (const auto& node : *list) {
            auto prefix = node.value_or(std::string{});
            if (is_digits(prefix)) {
                found.push_back(std::move(prefix));
            } else {
                complain(node, "a prefix must be a string of digits, such as \"091\"");
            }
        }
        return found;
    }

    void read_mobile(const toml::table& entry, Numbering& plan) {
        const auto holder = entry["holder"].value_or(std::string{});
        for (auto& prefix : prefixes(entry)) {
            if (prefix.front() != '0') complain(entry, fmt::format("prefix {} must start with 0", prefix));
            plan.mobile.push_back({std::move(prefix), holder});
        }
    }

    void read_renumbered(const toml::table& root, Numbering& plan) {
        const auto* table = root["renumbered"].as_table();
        if (!table) return;
        for (const auto& [old_prefix, node] : *table) {
            const auto new_prefix = node.value_or(std::string{});
            if (old_prefix.str().size() != 4 || new_prefix.size() != 3 || !is_digits(new_prefix)) {
                complain(node, "[renumbered] maps 4 old digits to 3 new ones, such as \"0120\" = \"070\"");
            }
            plan.renumbered.push_back({std::string(old_prefix.str()), new_prefix});
        }
    }

    void read_refused(const toml::table& entry, Numbering& plan) {
        const auto reason = entry["reason"].value_or(std::string{});
        if (std::ranges::find(reasons, reason) == reasons.end()) {
            complain(entry, fmt::format("reason '{}' is none of {}", reason, fmt::join(reasons, ", ")));
        }
        std::vector<std::size_t> lengths;
        if (const auto* list = entry["lengths"].as_array()) {
            for (const auto& node : *list)
                lengths.push_back(node.value_or(std::size_t{0}));
        }
        if (lengths.empty()) complain(entry, "lengths must list numbers of digits, such as [10, 11]");
        for (auto& prefix : prefixes(entry))
            plan.refused.push_back({reason, std::move(prefix), lengths});
    }

    std::string_view file_name_;
};

}  // namespace

std::expected<Numbering, std::vector<std::string>> parse_numbering(
    std::string_view toml, std::string_view file_name
) {
    try {
        const auto root = toml::parse(toml, file_name);
        Reader reader(file_name);
        auto plan = reader.read(root);
        if (!reader.errors.empty()) return std::unexpected(std::move(reader.errors));
        return plan;
    } catch (const toml::parse_error& error) {
        return std::unexpected(
            std::vector{fmt::format("{}:{}: {}", file_name, error.source().begin.line, error.description())}
        );
    }
}

const Numbering& shipped_numbering() {
    static const Numbering plan = [] {
        const auto content = shipped_file("numbering.toml");
        if (!content) throw std::logic_error("numbering.toml was not compiled in");
        auto parsed = parse_numbering(*content, "numbering.toml");
        if (!parsed) throw std::logic_error(parsed.error().front());
        return *std::move(parsed);
    }();
    return plan;
}

}  // namespace config
