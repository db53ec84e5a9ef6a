#include "config/load.hpp"

#include "config/shipped.hpp"
#include "config/toml_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace config {
namespace {

constexpr std::string_view shipped_configuration = "hoiam.toml";

std::optional<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// One load: the mistakes so far and where named files are looked for.
class Loader {
public:
    explicit Loader(std::filesystem::path file) : file_(std::move(file)) {}

    std::expected<Settings, std::vector<std::string>> run();

private:
    Server server(Section section);
    Storage storage(Section section);
    Organisation organisation(Section section);
    ProviderSettings provider(Section section, const Server& server);
    void provider_values(Section& section, ProviderSettings& provider, const Server& server);
    Inbound inbound(Section section);
    Survey survey(Section section);
    Notify notify(Section section);
    Retention retention(Section section);
    void overrides(Section& section, Catalogue& catalogue);
    void check_together(Section& root, const Settings& settings);
    void check_retention(Section& root, const Settings& settings);

    struct Named {
        std::string content, name;
    };
    std::optional<Named> named_file(const std::string& name);

    /// Parses a named file and keeps its mistakes.
    template <typename Parse>
    auto parsed_file(Section& section, std::string_view key, const std::string& name, Parse parse) {
        using Value = typename std::invoke_result_t<Parse, std::string_view, std::string_view>::value_type;
        const auto found = named_file(name);
        if (!found) {
            section.problem(
                key, fmt::format("no file {} beside {} nor among the shipped ones", name, file_.string())
            );
            return Value{};
        }
        auto value = parse(std::string_view(found->content), std::string_view(found->name));
        if (value) return *std::move(value);
        problems_.insert(problems_.end(), value.error().begin(), value.error().end());
        return Value{};
    }

    std::filesystem::path file_;
    Problems problems_;
};

std::optional<Loader::Named> Loader::named_file(const std::string& name) {
    const auto beside = file_.parent_path() / name;
    if (auto content = read_file(beside)) return Named{*std::move(content), beside.string()};
    if (const auto content = shipped_file(name)) return Named{std::string(*content), name};
    return std::nullopt;
}

bool split_address(std::string_view text, Server& server) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    unsigned port = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || after != end || port > 65535) return false;
    server.address = text.substr(0, colon);
    if (server.address.front() == '[' && server.address.back() == ']')
        server.address = server.address.substr(1, server.address.size() - 2);
    server.port = static_cast<std::uint16_t>(port);
    return true;
}

Server Loader::server(Section section) {
    Server server;
    if (const auto listen = section.text("listen"); listen && !split_address(*listen, server))
        section.problem("listen", "must be ADDRESS:PORT, as 127.0.0.1:8080");
    server.public_url =
        section.text_or("public_url", fmt::format("http://{}:{}", server.address, server.port));
    while (server.public_url.ends_with('/'))
        server.public_url.pop_back();
    server.body_limit = static_cast<std::size_t>(section.number_or(
        "body_limit", static_cast<std::int64_t>(server.body_limit), 1024, std::int64_t{256} * 1024 * 1024
    ));
    server.read_timeout = section.parsed_or("read_timeout", server.read_timeout, parse_timeout);
    server.most_connections =
        static_cast<int>(section.number_or("most_connections", server.most_connections, 1, 100'000));
    for (const auto* const key : {"tls_certificate", "tls_key"})
        if (section.has(key)) {
            section.node(key);
            section.problem(
                key, "TLS is not served by hoiam yet; end it in nginx before it and remove this key"
            );
        }
    section.done();
    return server;
}

Storage Loader::storage(Section section) {
    Storage storage;
    const auto url = section.text_or("url", "sqlite:hoiam.db");
    constexpr std::string_view scheme = "sqlite:";
    if (!url.starts_with(scheme) || url.size() == scheme.size())
        section.problem("url", "must be sqlite:FILE, as sqlite:hoiam.db");
    else
        storage.sqlite_file = file_.parent_path() / url.substr(scheme.size());
    section.done();
    return storage;
}

Organisation Loader::organisation(Section section) {
    Organisation organisation;
    organisation.name = section.required_text("name", "UBND thị xã Tân Uyên");
    organisation.sms_name = section.text_or("sms_name", organisation.name);
    const auto zone = section.text_or("time_zone", "Asia/Ho_Chi_Minh");
    if (zone != "Asia/Ho_Chi_Minh" && zone != "+07:00")
        section.problem("time_zone", "must be Asia/Ho_Chi_Minh (+07:00)");
    const auto units = section.required_text("units", "units/tan-uyen.csv");
    if (!units.empty()) organisation.units = parsed_file(section, "units", units, Units::parse);
    section.done();
    return organisation;
}

void Loader::provider_values(Section& section, ProviderSettings& provider, const Server& server) {
    auto& values = provider.values;
    for (const auto& [key, value] : provider.profile.defaults)
        values.emplace(key, value);
    if (auto settings = section.table("settings")) {
        for (auto& [key, value] : settings->all_texts())
            values.insert_or_assign(key, value);
    }
    for (const auto& name : provider.profile.settings)
        if (!values.contains(name))
            section.problem(
                "settings", fmt::format("{} is missing; profile {} needs it", name, provider.profile.name)
            );
    auto base = section.text_or("base_url", provider.profile.base_url);
    while (base.ends_with('/'))
        base.pop_back();
    values.insert_or_assign("base_url", base);
    if (!base.starts_with("http://") && !base.starts_with("https://"))
        section.problem("base_url", "must begin with http:// or https://");
    // Every callback URL ends in a query, so that a profile may append its own fields to it.
    const auto token = values.find("hook_token");
    values.insert_or_assign(
        "report_url", fmt::format(
                          "{}/hooks/{}/report?{}", server.public_url, provider.name,
                          token == values.end() ? std::string("v=1") : "token=" + token->second
                      )
    );
}

ProviderSettings Loader::provider(Section section, const Server& server) {
    ProviderSettings provider;
    const auto profile = section.required_text("profile", "esms");
    provider.name = section.text_or("name", profile);
    const auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
    };
    if (!std::ranges::all_of(provider.name, plain))
        section.problem("name", "letters, digits, - and _ only: it stands in a URL");
    if (!profile.empty())
        provider.profile =
            parsed_file(section, "profile", fmt::format("providers/{}.toml", profile), parse_profile);
    provider.share = static_cast<int>(section.number_or("share", 1, 0, 1000));
    provider.profile.rate = section.decimal_or("rate", provider.profile.rate, 0.01, 100'000);
    provider.profile.in_flight =
        static_cast<int>(section.number_or("in_flight", provider.profile.in_flight, 1, 10'000));
    provider.profile.timeout = section.parsed_or("timeout", provider.profile.timeout, parse_timeout);
    provider_values(section, provider, server);
    section.done();
    return provider;
}

Inbound Loader::inbound(Section section) {
    Inbound inbound;
    inbound.number = section.text_or_number("number", "");
    inbound.keyword = section.text_or("keyword", "");
    inbound.cost = section.text_or_number("cost", "");
    if (inbound.cost == "0") inbound.cost.clear();
    section.done();
    return inbound;
}

Survey Loader::survey(Section section) {
    Survey survey;
    survey.on = section.flag_or("on", true);
    const auto name = section.text_or("questionnaire", "sipas");
    survey.questionnaire = parsed_file(
        section, "questionnaire", fmt::format("questionnaires/{}.toml", name), parse_questionnaire
    );
    survey.delay = section.parsed_or("delay", survey.delay, parse_duration);
    survey.expires_after = section.parsed_or("expires_after", survey.expires_after, parse_timeout);
    survey.remind_after = section.parsed_or("remind_after", survey.remind_after, parse_duration);
    survey.recontact_days =
        static_cast<int>(section.number_or("recontact_days", survey.recontact_days, 0, 3650));
    survey.hours = section.parsed_or("hours", survey.hours, Hours::parse);
    survey.least_answers =
        static_cast<int>(section.number_or("least_answers", survey.least_answers, 1, 1000));
    section.done();
    return survey;
}

void Loader::overrides(Section& section, Catalogue& catalogue) {
    for (const auto& name : section.texts("off")) {
        const auto found = catalogue.situations.find(name);
        if (found == catalogue.situations.end())
            section.problem("off", fmt::format("no situation is called {}", name));
        else
            found->second.on = false;
    }
    auto texts = section.table("texts");
    if (!texts) return;
    for (auto& [name, text] : texts->all_texts()) {
        const auto found = catalogue.situations.find(name);
        if (found == catalogue.situations.end())
            texts->problem(name, "no situation has this name (see messages.toml)");
        else
            found->second.texts.insert(found->second.texts.begin(), text);
        for (const auto& variable : placeholders(text))
            if (!catalogue.variables.contains(variable))
                texts->problem(name, fmt::format("no variable is called {{{}}}", variable));
    }
}

Notify Loader::notify(Section section) {
    Notify notify;
    notify.hours = section.parsed_or("hours", notify.hours, Hours::parse);
    notify.stale_after = section.parsed_or("stale_after", notify.stale_after, parse_duration);
    notify.coalesce = section.parsed_or("coalesce", notify.coalesce, parse_duration);
    notify.catalogue =
        parsed_file(section, "messages", section.text_or("messages", "messages.toml"), parse_catalogue);
    overrides(section, notify.catalogue);
    section.done();
    return notify;
}

std::expected<std::optional<Duration>, std::string> parse_retention(std::string_view text) {
    constexpr std::chrono::days least{30};
    if (text == "never") return std::nullopt;
    const auto duration = parse_duration(text);
    if (duration && *duration >= least) return *duration;
    return std::unexpected("must be a duration of at least 30d, as 730d, or never, to keep for ever");
}

Retention Loader::retention(Section section) {
    Retention retention;
    retention.messages = section.parsed_or("messages", retention.messages, parse_retention);
    retention.personal_data = section.parsed_or("personal_data", retention.personal_data, parse_retention);
    section.done();
    return retention;
}

// What is removed too early would be sent or asked again.
void Loader::check_retention(Section& root, const Settings& settings) {
    const auto& [messages, people] = settings.retention;
    const auto& survey = settings.survey;
    const auto longest = std::max(settings.notify.stale_after, survey.delay + survey.expires_after);
    if (messages && *messages < longest + std::chrono::days(2))
        root.problem(
            "retention",
            "messages must be two days longer than notify.stale_after and than survey.delay with "
            "expires_after"
        );
    if (people && survey.on && *people < std::chrono::days(survey.recontact_days) + survey.expires_after)
        root.problem(
            "retention",
            "personal_data must be longer than survey.recontact_days with expires_after: a number "
            "that is forgotten would be asked again"
        );
    if (people && (!messages || *messages > *people))
        root.problem(
            "retention",
            "messages must not be kept longer than personal_data: an SMS carries its citizen's number"
        );
}

void Loader::check_together(Section& root, const Settings& settings) {
    std::vector<std::string> names;
    for (const auto& provider : settings.providers) {
        if (std::ranges::find(names, provider.name) != names.end())
            root.problem(
                "provider", fmt::format("two providers are called {}; give one another name", provider.name)
            );
        names.push_back(provider.name);
    }
    if (settings.survey.on && settings.inbound.number.empty())
        root.problem(
            "inbound",
            "number is missing: a survey names the number to reply to; write [inbound] number = \"8079\""
        );
    if (settings.survey.on &&
        std::chrono::days(settings.survey.recontact_days) < settings.survey.expires_after &&
        settings.survey.recontact_days != 0)
        root.problem(
            "survey",
            "recontact_days must not be shorter than expires_after: a phone answers one survey at a time"
        );
}

std::expected<Settings, std::vector<std::string>> Loader::run() {
    const auto content = read_file(file_);
    if (!content && file_ != shipped_configuration)
        return std::unexpected(Problems{
            fmt::format("{}: cannot be read; name a configuration with --config FILE", file_.string())
        });
    const auto text = content ? *content : std::string(shipped_file(shipped_configuration).value_or(""));
    const auto table = parse_toml(text, file_.string(), problems_);
    if (!table) return std::unexpected(problems_);
    const auto name = file_.string();
    Section root(*table, "", name, problems_);
    const toml::table empty;
    const auto part = [&](std::string_view key) {
        return root.table(key).value_or(Section(empty, std::string(key), name, problems_));
    };
    Settings settings;
    settings.file = file_;
    settings.server = server(part("server"));
    settings.storage = storage(part("storage"));
    settings.organisation = organisation(part("organisation"));
    for (auto& each : root.tables("provider"))
        settings.providers.push_back(provider(each, settings.server));
    settings.inbound = inbound(part("inbound"));
    settings.survey = survey(part("survey"));
    settings.notify = notify(part("notify"));
    settings.retention = retention(part("retention"));
    settings.numbering = parsed_file(root, "numbering", "numbering.toml", parse_numbering);
    settings.lexicon =
        parsed_file(root, "lexicon", "lexicon.toml", [this](std::string_view lexicon, std::string_view file) {
            const auto reasons = named_file("reasons.toml").value_or(Named{});
            return load_lexicon({file, lexicon}, {reasons.name, reasons.content});
        });
    check_together(root, settings);
    check_retention(root, settings);
    root.done();
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return settings;
}

}  // namespace

std::expected<Settings, std::vector<std::string>> load(const std::filesystem::path& file) {
    return Loader(file).run();
}

std::filesystem::path default_file() {
    return std::filesystem::path(shipped_configuration);
}

}  // namespace config
