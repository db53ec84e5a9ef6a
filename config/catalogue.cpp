#include "config/catalogue.hpp"

#include "config/toml_section.hpp"

#include <fmt/format.h>

namespace config {
namespace {

Accents accents_of(Section& section) {
    const auto name = section.text_or("accents", "never");
    if (name == "auto") return Accents::automatic;
    if (name == "always") return Accents::always;
    if (name != "never") section.problem("accents", "write never, auto or always");
    return Accents::never;
}

SituationTexts situation_of(Section section, const Catalogue& catalogue) {
    SituationTexts situation;
    situation.texts = section.texts("texts");
    if (situation.texts.empty()) section.problem("texts", "a situation needs at least one text");
    for (const auto& text : situation.texts)
        for (const auto& name : placeholders(text))
            if (!catalogue.variables.contains(name))
                section.problem(
                    "texts",
                    fmt::format("{{{}}} is not under [variables]; add its longest length there", name)
                );
    situation.accents = accents_of(section);
    situation.on = section.flag_or("on", true);
    situation.counter = section.flag_or("counter", true);
    section.done();
    return situation;
}

}  // namespace

std::vector<std::string_view> placeholders(std::string_view text) {
    std::vector<std::string_view> names;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const auto close = text.find('}', open);
        if (close == std::string_view::npos) break;
        names.push_back(text.substr(open + 1, close - open - 1));
    }
    return names;
}

std::expected<Catalogue, std::vector<std::string>> parse_catalogue(
    std::string_view content, std::string_view file
) {
    Problems problems;
    const auto table = parse_toml(content, file, problems);
    if (!table) return std::unexpected(problems);
    Section root(*table, "", file, problems);
    Catalogue catalogue;
    catalogue.version = root.required_text("version", "2026-11");
    if (auto variables = root.table("variables")) {
        for (const auto& [key, value] : variables->raw())
            catalogue.variables.emplace(
                key.str(), static_cast<std::size_t>(variables->number_or(key.str(), 0, 1, 500))
            );
    }
    if (auto situations = root.table("situation")) {
        for (const auto& [key, value] : situations->raw())
            if (auto section = situations->table(key.str()))
                catalogue.situations.emplace(key.str(), situation_of(*section, catalogue));
    }
    root.done();
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return catalogue;
}

}  // namespace config
