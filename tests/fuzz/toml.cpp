// Everything an operator writes: a letter picks the kind of file (see `kinds` below), then its content.
// A refusal comes with its places; what is accepted can be used.
#include "config/shipped.hpp"
#include "notify/compose.hpp"
#include "notify/provider/profile_provider.hpp"
#include "survey/text/reader.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/settings.hpp"

#include <algorithm>
#include <array>

#include <stdexcept>

namespace {

using fuzz::check;

template <typename T>
bool good(const std::expected<T, std::vector<std::string>>& result, std::string_view file) {
    if (result) return true;
    check(!result.error().empty(), "a refusal names a mistake");
    for (const auto& problem : result.error()) {
        check(problem.size() > file.size() + 3, "a mistake is told in words");
        check(problem.find(':') != std::string::npos, "a mistake has its place");
    }
    return false;
}

// Files it names are looked for on this machine's disk: none outside the folder, and no device.
bool names_only_own_files(std::string_view content) {
    return content.find("..") == std::string_view::npos && content.find("dev") == std::string_view::npos &&
           content.find("proc") == std::string_view::npos && content.find("\\") == std::string_view::npos &&
           content.find("sys/") == std::string_view::npos;
}

void settings(std::string_view content) {
    if (!names_only_own_files(content)) return;
    static const fuzz::Folder folder;
    const auto file = folder.write("hoiam.toml", content);
    const auto settings = config::load(file);
    if (!good(settings, "hoiam.toml")) return;
    check(!settings->providers.empty() || !settings->server.address.empty(), "an address is never empty");
    check(
        settings->server.body_limit >= 1024 && settings->server.most_connections >= 1,
        "limits leave room to work"
    );
}

void profile(std::string_view content) {
    const auto profile = config::parse_profile(content, "p.toml");
    if (!good(profile, "p.toml")) return;
    check(
        profile->parts.ucs2_multi >= 1 && profile->rate > 0 && profile->in_flight > 0,
        "limits let a message pass"
    );
    const config::ProviderSettings settings{.name = "p", .profile = *profile};
    const notify::Outbound message{.phone = notify::PhoneNumber::from_subscriber(912345678), .text = "Hồ sơ"};
    notify::provider::render_request(settings, message);
    notify::provider::read_answer(
        profile->answer,
        {notify::provider::HttpAnswer::Kind::answered, 200, R"({"code":"1","data":{"id":2}})", ""}
    );
}

void catalogue(std::string_view content) {
    const auto catalogue = config::parse_catalogue(content, "m.toml");
    if (!good(catalogue, "m.toml")) return;
    for (const auto& [name, situation] : catalogue->situations) {
        notify::Variables variables;
        for (const auto& [variable, longest] : catalogue->variables)
            variables.emplace(variable, "x");
        check(
            notify::compose(situation, variables, *catalogue).has_value(),
            "with every variable every situation has a text"
        );
        check(
            !notify::compose(situation, {}, *catalogue) ||
                config::placeholders(situation.texts.back()).empty() || situation.texts.size() > 1,
            "a missing variable is a mistake"
        );
    }
}

void questionnaire(std::string_view content) {
    const auto questionnaire = config::parse_questionnaire(content, "q.toml");
    if (good(questionnaire, "q.toml")) check(!questionnaire->options.empty(), "a question has answers");
}

void use(const std::expected<config::Lexicon, std::vector<std::string>>& lexicon, std::string_view file) {
    if (!good(lexicon, file)) return;
    try {
        const survey::text::Reader reader(*lexicon);
        check(!reader.read_reason("khong hai long, cho lau").rule.empty(), "an accepted lexicon reads");
    } catch (const std::invalid_argument& error) {
        check(std::string_view(error.what()).size() > 3, "a malformed phrase is named");
    }
}

void lexicon(std::string_view content) {
    use(config::load_lexicon({"l.toml", content}, {"reasons.toml", *config::shipped_file("reasons.toml")}),
        "l.toml");
}

void reasons(std::string_view content) {
    use(config::load_lexicon({"lexicon.toml", *config::shipped_file("lexicon.toml")}, {"r.toml", content}),
        "r.toml");
}

void units(std::string_view content) {
    const auto units = config::Units::parse(content, "u.csv");
    if (!good(units, "u.csv")) return;
    for (const auto& unit : units->all()) {
        check(unit.valid_from.ok() && unit.valid_on(unit.valid_from), "a unit is valid on its first day");
        const auto* const found = units->find(unit.code, unit.valid_from);
        check(found && found->code == unit.code, "a unit is found by its code and day");
    }
}

void numbering(std::string_view content) {
    const auto plan = config::parse_numbering(content, "n.toml");
    if (!good(plan, "n.toml")) return;
    for (const auto* const typed : {"0912345678", "+84 169 123 4567", "18001090", "0274 3822825"}) {
        const auto number = notify::PhoneNumber::parse(typed, *plan);
        check(number.has_value() || !explain(number.error()).empty(), "an accepted plan reads numbers");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array kinds{settings, profile, catalogue, questionnaire,
                               lexicon,  reasons, units,     numbering};
    auto rest = fuzz::text_of(data, size);
    kinds[fuzz::take_choice(rest, kinds.size())](rest);
    return 0;
}
