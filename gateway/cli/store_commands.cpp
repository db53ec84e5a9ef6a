#include "gateway/cli/commands.hpp"

#include "gateway/cli/open_store.hpp"
#include "gateway/storage/sqlite/recount.hpp"
#include "gateway/storage/sqlite/schema.hpp"
#include "notify/clock.hpp"
#include "notify/provider/webhook.hpp"

#include <fmt/format.h>

namespace gateway::cli {

namespace asio = boost::asio;

int add_key(const config::Settings& settings, const std::string& name, api::Role role) {
    auto key = api::new_key();
    with_store(settings, [&](storage::SqliteStore& store) {
        return store.add_key(name, role, api::hash_of(key), notify::SystemClock().now());
    });
    fmt::print("{}\n", key);
    return 0;
}

int recount(const config::Settings& settings, bool repair) {
    storage::Connection connection(settings.storage.sqlite_file, storage::Connection::Mode::read_write);
    storage::migrate_unless_served(connection, settings.storage.sqlite_file);
    connection.run(repair ? "BEGIN IMMEDIATE" : "BEGIN");  // comparing holds nobody up
    const auto& questionnaire = settings.survey.questionnaire;
    const auto result = storage::recount(connection, questionnaire);
    if (repair && !result.agrees()) storage::repair(connection, questionnaire);
    connection.run("COMMIT");
    for (const auto& each : result.differences)
        fmt::print(
            "{} {} {}: kept {}, counted {}\n", each.month.str(), each.key, each.measure, each.kept,
            each.counted
        );
    if (result.unreadable > 0) fmt::print("{} tallies cannot be read\n", result.unreadable);
    fmt::print(
        "{} figures compared, {} differences{}\n", result.compared, result.differences.size(),
        repair && !result.agrees() ? ", repaired" : ""
    );
    return result.agrees() || repair ? 0 : 1;
}

namespace {

void warn_of_callbacks(
    const config::ProviderSettings& provider,
    const std::optional<config::AuthenticationProfile>& authentication, std::string_view what
) {
    if (!authentication) return;
    if (notify::provider::unprotected(*authentication, provider)) {
        fmt::print(
            "warning: provider {}: {} are not authenticated; set settings.{}\n", provider.name, what,
            authentication->needs
        );
        return;
    }
    for (const auto& name : notify::provider::unset_secrets(*authentication, provider))
        fmt::print(
            "warning: provider {}: {} are all refused, because their signature needs settings.{}\n",
            provider.name, what, name
        );
}

}  // namespace

int check(const config::Settings& settings) {
    try {
        const survey::text::Reader reader(settings.lexicon);
    } catch (const std::invalid_argument& mistake) {
        fmt::print(stderr, "{}\n", mistake.what());
        return 1;
    }
    fmt::print("{}: good\n", settings.file.string());
    fmt::print(
        "organisation: {} ({} units)\n", settings.organisation.name, settings.organisation.units.all().size()
    );
    if (settings.providers.empty()) fmt::print("warning: no [[provider]]: messages are kept and wait\n");
    for (const auto& provider : settings.providers) {
        fmt::print(
            "provider {}: {}, {}\n", provider.name, provider.profile.label, provider.values.at("base_url")
        );
        const auto& report = provider.profile.report;
        const auto& inbound = provider.profile.inbound;
        if (report) warn_of_callbacks(provider, report->authentication, "delivery reports");
        if (inbound && !settings.inbound.number.empty())
            warn_of_callbacks(provider, inbound->authentication, "inbound SMS");
    }
    storage::Connection connection(settings.storage.sqlite_file, storage::Connection::Mode::read_write);
    // An older one may be in use until the daemon is started anew.
    const int schema = storage::schema_of(connection);
    const bool older = schema > 0 && schema < storage::newest_schema();
    if (!older) storage::migrate(connection);
    auto rows = connection.query("PRAGMA quick_check(1)");
    const auto verdict = rows.next() ? rows.text(0) : std::string("no answer");
    fmt::print(
        "database {}: schema {}{}, {}\n", settings.storage.sqlite_file.string(),
        storage::schema_of(connection),
        older ? fmt::format(" (hoiam serve will bring it to {})", storage::newest_schema()) : "",
        verdict == "ok" ? verdict : "damaged: " + verdict
    );
    return verdict == "ok" ? 0 : 1;
}

}  // namespace gateway::cli
