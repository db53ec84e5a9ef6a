// Properties of composing over generated catalogues, situations and values.
#include "notify/compose.hpp"
#include "tests/support/naive_parts.hpp"
#include "tests/support/property.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace {

using notify::Variables;

const std::vector<std::string> names{"dossier", "due", "reason", "amount", "commune"};

config::Catalogue a_catalogue() {
    config::Catalogue catalogue;
    for (const auto& name : names)
        catalogue.variables[name] = *rc::gen::inRange<std::size_t>(1, 60);
    return catalogue;
}

std::string a_template() {
    std::string text;
    const auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
        const auto words = *property::vietnamese_text();
        for (const char c : words)
            if (c != '{' && c != '}') text += c;
        text += '{' + *rc::gen::elementOf(names) + '}';
    }
    return text;
}

config::SituationTexts a_situation() {
    config::SituationTexts situation;
    const auto count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i)
        situation.texts.push_back(a_template());
    situation.accents =
        *rc::gen::element(config::Accents::never, config::Accents::automatic, config::Accents::always);
    return situation;
}

Variables some_variables(const rc::Gen<std::string>& value) {
    Variables variables;
    for (const auto& name : names)
        if (*rc::gen::inRange(0, 4) != 0) variables[name] = *value;
    return variables;
}

std::set<std::string> missing(const std::string& text, const Variables& variables) {
    std::set<std::string> found;
    for (const auto& name : config::placeholders(text)) {
        const auto value = variables.find(name);
        if (value == variables.end() || value->second.empty()) found.emplace(name);
    }
    return found;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

RC_GTEST_PROP(ComposeProperty, no_text_goes_out_with_an_unfilled_placeholder, ()) {
    const auto catalogue = a_catalogue();
    const auto situation = a_situation();
    const auto variables = some_variables(property::vietnamese_text());
    const auto text = notify::compose(situation, variables, catalogue);
    RC_PRE(text.has_value());
    RC_ASSERT(std::ranges::all_of(variables, [](const auto& each) {
        return each.second.find('{') == std::string::npos;
    }));
    RC_ASSERT(text->content.find('{') == std::string::npos);
    RC_ASSERT(text->content.find('}') == std::string::npos);
}

RC_GTEST_PROP(ComposeProperty, a_value_in_braces_is_no_placeholder, ()) {
    const auto variables = Variables{{"dossier", "{reason}"}, {"reason", *property::vietnamese_text()}};
    config::SituationTexts situation{.texts = {"{dossier}"}};
    config::Catalogue catalogue;
    catalogue.variables = {{"dossier", 30}, {"reason", 30}};
    RC_ASSERT(notify::compose(situation, variables, catalogue)->content == "{reason}");
}

RC_GTEST_PROP(ComposeProperty, all_missing_variables_are_named_and_no_others, ()) {
    const auto catalogue = a_catalogue();
    const auto situation = a_situation();
    const auto variables = some_variables(property::vietnamese_text());
    const auto text = notify::compose(situation, variables, catalogue);
    const bool complete = std::ranges::any_of(situation.texts, [&](const auto& each) {
        return missing(each, variables).empty();
    });
    RC_ASSERT(text.has_value() == complete);
    if (text) return;
    const auto holes = missing(situation.texts.back(), variables);
    for (const auto& name : names)
        RC_ASSERT((text.error().find(name) != std::string::npos) == holes.contains(name));
}

RC_GTEST_PROP(ComposeProperty, parts_and_encoding_are_those_of_the_bytes_sent, ()) {
    const auto text = notify::compose(a_situation(), some_variables(property::any_text()), a_catalogue());
    RC_PRE(text.has_value());
    const auto naive = naive::count(text->content);
    RC_ASSERT(text->ucs2 == naive.ucs2);
    RC_ASSERT(static_cast<std::size_t>(text->parts) == naive.parts);
}

RC_GTEST_PROP(ComposeProperty, a_variable_never_becomes_longer_than_its_registered_length, ()) {
    const auto longest = *rc::gen::inRange<std::size_t>(1, 80);
    config::Catalogue catalogue;
    catalogue.variables = {{"reason", longest}};
    const Variables variables{{"reason", *property::vietnamese_text()}};
    RC_ASSERT(characters(notify::fill("{reason}", variables, catalogue)) <= longest);
}

}  // namespace
