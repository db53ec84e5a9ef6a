// Composing: any values in any of the catalogue's situations. The first byte picks the situation, then one
// line per variable.
#include "notify/compose.hpp"
#include "notify/sms/parts.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/settings.hpp"

#include <algorithm>
#include <array>

#include <iterator>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using fuzz::check;
    auto rest = fuzz::text_of(data, size);
    const auto& catalogue = fuzz::settings().notify.catalogue;
    const auto place = fuzz::take_choice(rest, catalogue.situations.size());
    const auto& situation =
        std::next(catalogue.situations.begin(), static_cast<std::ptrdiff_t>(place))->second;
    notify::Variables variables;
    for (const auto& [name, longest] : catalogue.variables) {
        if (rest.empty()) break;
        variables.emplace(name, fuzz::take_line(rest));
    }
    const auto text = notify::compose(situation, variables, catalogue);
    if (!text) {
        for (const auto& name : config::placeholders(situation.texts.back())) {
            const auto found = variables.find(name);
            const bool missing = found == variables.end() || found->second.empty();
            check(
                missing == (text.error().find(name) != std::string::npos),
                "an error names exactly the variables that are missing"
            );
        }
        return 0;
    }
    const auto measured = notify::sms::measure(text->content);
    check(text->parts == measured.parts, "a composed text says its parts");
    check(
        text->ucs2 == (measured.encoding == notify::sms::Encoding::ucs2), "a composed text says its encoding"
    );
    check(text->content.find('\n') == std::string::npos, "an SMS is one line");
    for (const auto& each : situation.texts)
        for (const auto& name : config::placeholders(each)) {
            const auto hole = "{" + std::string(name) + "}";
            const bool typed = std::ranges::any_of(variables, [&](const auto& variable) {
                return variable.second.find(hole.substr(1)) != std::string::npos ||
                       variable.second.find(hole.substr(0, 2)) != std::string::npos;
            });
            check(typed || text->content.find(hole) == std::string::npos, "no placeholder is left");
        }
    return 0;
}
