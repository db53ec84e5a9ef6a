#include "config/toml_section.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace config {

std::optional<toml::table> parse_toml(std::string_view content, std::string_view file, Problems& problems) {
    try {
        return toml::parse(content, file);
    } catch (const toml::parse_error& error) {
        problems.push_back(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
        return std::nullopt;
    }
}

std::string Section::name_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Section::problem(std::string_view key, std::string_view what) {
    const auto* const at = table_->get(key);
    const auto line = at ? at->source().begin.line : table_->source().begin.line;
    problems_->push_back(fmt::format("{}:{}: {}: {}", file_, line, name_of(key), what));
}

const toml::node* Section::node(std::string_view key) {
    read_.emplace(key);
    return table_->get(key);
}

// ${NAME} is replaced from the environment, so that secrets need not stand in the file.
std::optional<std::string> Section::expand(std::string_view key, std::string value) {
    std::size_t from = 0;
    while ((from = value.find("${", from)) != std::string::npos) {
        const auto end = value.find('}', from);
        if (end == std::string::npos) {
            problem(key, "\"${\" without \"}\"; write ${NAME} for an environment variable");
            return std::nullopt;
        }
        const auto name = value.substr(from + 2, end - from - 2);
        const char* const found = std::getenv(name.c_str());
        if (!found) {
            problem(key, fmt::format("the environment variable {} is not set", name));
            return std::nullopt;
        }
        value.replace(from, end + 1 - from, found);
        from += std::string_view(found).size();
    }
    return value;
}

std::optional<std::string> Section::text(std::string_view key) {
    const auto* const found = node(key);
    if (!found) return std::nullopt;
    const auto* const value = found->as_string();
    if (!value) {
        problem(key, "must be a text in quotes");
        return std::nullopt;
    }
    return expand(key, value->get());
}

std::string Section::text_or(std::string_view key, std::string fallback) {
    return text(key).value_or(std::move(fallback));
}

std::string Section::text_or_number(std::string_view key, std::string fallback) {
    const auto* const found = node(key);
    if (found && found->is_integer()) return std::to_string(found->as_integer()->get());
    return text_or(key, std::move(fallback));
}

std::string Section::required_text(std::string_view key, std::string_view example) {
    const bool present = has(key);
    auto value = text(key);
    if (!present) problem(key, fmt::format("is missing; write for example {} = \"{}\"", key, example));
    return value.value_or("");
}

std::int64_t Section::number_or(
    std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most
) {
    const auto* const found = node(key);
    if (!found) return fallback;
    const auto* const value = found->as_integer();
    if (value && value->get() >= least && value->get() <= most) return value->get();
    problem(key, fmt::format("must be a whole number from {} to {}", least, most));
    return fallback;
}

double Section::decimal_or(std::string_view key, double fallback, double least, double most) {
    const auto* const found = node(key);
    if (!found) return fallback;
    const auto value = found->value<double>();
    if (value && *value >= least && *value <= most) return *value;
    problem(key, fmt::format("must be a number from {} to {}", least, most));
    return fallback;
}

bool Section::flag_or(std::string_view key, bool fallback) {
    const auto* const found = node(key);
    if (!found) return fallback;
    if (const auto* const value = found->as_boolean()) return value->get();
    problem(key, "must be true or false");
    return fallback;
}

std::vector<std::string> Section::texts(std::string_view key) {
    const auto* const found = node(key);
    if (!found) return {};
    if (found->is_string()) return {found->as_string()->get()};
    std::vector<std::string> values;
    const auto* const array = found->as_array();
    if (array && array->is_homogeneous(toml::node_type::string)) {
        for (const auto& each : *array)
            values.push_back(each.as_string()->get());
    } else if (!array || !array->empty()) {
        problem(key, "must be a list of texts, as [\"one\", \"two\"]");
    }
    return values;
}

std::optional<Section> Section::table(std::string_view key) {
    const auto* const found = node(key);
    if (!found) return std::nullopt;
    if (const auto* const value = found->as_table()) return Section(*value, name_of(key), file_, *problems_);
    problem(key, fmt::format("must be a table, as [{}]", name_of(key)));
    return std::nullopt;
}

std::vector<Section> Section::tables(std::string_view key) {
    const auto* const found = node(key);
    std::vector<Section> sections;
    if (!found) return sections;
    if (const auto* const one = found->as_table()) {
        sections.emplace_back(*one, name_of(key), file_, *problems_);
        return sections;
    }
    const auto* const array = found->as_array();
    if (!array || !array->is_homogeneous(toml::node_type::table)) {
        problem(key, fmt::format("must be tables, each written under [[{}]]", name_of(key)));
        return sections;
    }
    for (const auto& each : *array)
        sections.emplace_back(*each.as_table(), name_of(key), file_, *problems_);
    return sections;
}

std::vector<std::pair<std::string, std::string>> Section::all_texts() {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& [key, value] : *table_)
        if (auto found = text(key.str())) pairs.emplace_back(key.str(), *std::move(found));
    return pairs;
}

void Section::done() {
    for (const auto& [key, value] : *table_) {
        if (read_.contains(key.str())) continue;
        problem(key.str(), "is not a known key here; remove it or mend its spelling");
    }
}

}  // namespace config
