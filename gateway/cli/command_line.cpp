#include "gateway/cli/command_line.hpp"

#include "config/load.hpp"
#include "gateway/app.hpp"
#include "gateway/cli/commands.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <functional>

namespace gateway::cli {
namespace {

/// What the options of all commands are read into.
struct Options {
    std::string config;
    std::string virtual_clock;
    std::vector<std::string> files;
    std::string from, to, by = "commune", format = "text";
    bool repair = false;
    std::string key_name, role;
    std::string backup;
};

int with_settings(const Options& options, const std::function<int(const config::Settings&)>& command) {
    const auto file = options.config.empty() ? config::default_file() : std::filesystem::path(options.config);
    const auto settings = config::load(file);
    if (settings) return command(*settings);
    for (const auto& problem : settings.error())
        fmt::print(stderr, "{}\n", problem);
    return 1;
}

int usage(std::string_view message) {
    fmt::print(stderr, "hoiam: {}\n", message);
    return 2;
}

int run_serve(const Options& options) {
    ServeOptions serve_options;
    if (!options.virtual_clock.empty()) {
        const auto start = config::parse_time(options.virtual_clock);
        if (!start) return usage("--virtual-clock: " + start.error());
        serve_options.virtual_clock = *start;
    }
    return with_settings(options, [&](const config::Settings& settings) {
        return serve(settings, serve_options);
    });
}

int run_report(const Options& options) {
    const auto from = config::Month::parse(options.from), to = config::Month::parse(options.to);
    if (!from) return usage("--from: " + from.error());
    if (!to) return usage("--to: " + to.error());
    if (*from > *to) return usage("--to: must not lie before --from");
    const auto by = options.by == "month"       ? survey::By::month
                    : options.by == "procedure" ? survey::By::procedure
                                                : survey::By::commune;
    const ReportRequest request{{*from, *to}, by, options.format};
    return with_settings(options, [&](const config::Settings& settings) {
        return report(settings, request);
    });
}

using Command = std::function<int()>;

void add_filters(CLI::App& app, Command& chosen) {
    app.add_subcommand("text", "encoding, units and parts of each text on standard input, as JSON lines")
        ->callback([&] { chosen = measure_texts; });
    app.add_subcommand("phone", "each phone number on standard input in international form, as JSON lines")
        ->callback([&] { chosen = parse_phones; });
    auto* const read =
        app.add_subcommand("read", "how replies on standard input are understood, as tab-separated lines");
    read->require_subcommand(1);
    read->add_subcommand("score", "replies to the question for a score")->callback([&] {
        chosen = [] { return read_replies(true); };
    });
    read->add_subcommand("reason", "replies to the question for reasons")->callback([&] {
        chosen = [] { return read_replies(false); };
    });
}

void add_store_commands(CLI::App& app, Options& options, Command& chosen) {
    auto* const import = app.add_subcommand("import", "dossiers from CSV files; safe to repeat");
    import->add_option("FILE", options.files, "CSV, one dossier a row, header in English or Vietnamese")
        ->required();
    import->callback([&] {
        chosen = [&] {
            return with_settings(options, [&](const config::Settings& s) {
                return import_files(s, options.files);
            });
        };
    });

    auto* const report = app.add_subcommand("report", "satisfaction, reasons and punctuality");
    report->add_option("--from", options.from, "first month, YYYY-MM")->required();
    report->add_option("--to", options.to, "last month, YYYY-MM")->required();
    report->add_option("--by", options.by, "what a row is")
        ->check(CLI::IsMember({"commune", "procedure", "month"}))
        ->capture_default_str();
    report->add_option("--format", options.format, "how it is written")
        ->check(CLI::IsMember({"text", "csv", "json"}))
        ->capture_default_str();
    report->callback([&] { chosen = [&] { return run_report(options); }; });

    auto* const recounting = app.add_subcommand(
        "recount", "count all figures again from the records and compare with the kept ones"
    );
    recounting->add_flag("--repair", options.repair, "replace the kept figures by the recounted ones");
    recounting->callback([&] {
        chosen = [&] {
            return with_settings(options, [&](const config::Settings& s) {
                return recount(s, options.repair);
            });
        };
    });

    auto* const key = app.add_subcommand("key", "API keys");
    key->require_subcommand(1);
    auto* const add = key->add_subcommand("add", "make a key and print it; it is shown only once");
    add->add_option("NAME", options.key_name, "what it is for")->required();
    add->add_option("--role", options.role, "what it may do")
        ->required()
        ->check(CLI::IsMember({"dossiers", "viewer", "admin"}));
    add->callback([&] {
        chosen = [&] {
            return with_settings(options, [&](const config::Settings& s) {
                return add_key(s, options.key_name, *api::role_from(options.role));
            });
        };
    });

    app.add_subcommand("check", "read the configuration and look at the database; list every mistake")
        ->callback([&] { chosen = [&] { return with_settings(options, check); }; });
}

void add_backup_commands(CLI::App& app, Options& options, Command& chosen) {
    const auto add = [&](const char* name, const char* help, const char* file, auto command) {
        auto* const sub = app.add_subcommand(name, help);
        sub->add_option("FILE", options.backup, file)->required();
        sub->callback([&options, &chosen, command] {
            chosen = [&options, command] {
                return with_settings(options, [&](const config::Settings& s) {
                    return command(s, options.backup);
                });
            };
        });
    };
    add("backup", "a whole copy of the database, also while the daemon runs", "that must not exist yet",
        back_up);
    add("restore", "put a backup in the database's place; the daemon must not run", "that backup wrote",
        restore);
}

// Options of the program are understood before and after any command.
void fall_through(CLI::App& app) {
    for (auto* const sub : app.get_subcommands([](CLI::App*) { return true; })) {
        sub->fallthrough();
        fall_through(*sub);
    }
}

}  // namespace

int run(int argc, char** argv) {
    Options options;
    Command chosen;
    CLI::App app("Hồi Âm: status SMS and satisfaction surveys for one-stop public service counters", "hoiam");
    app.set_version_flag("--version", std::string("hoiam ") + HOIAM_VERSION);
    app.add_option(
        "--config", options.config, "configuration file (default: ./hoiam.toml, else the shipped one)"
    );
    app.require_subcommand(1);
    auto* const serving = app.add_subcommand("serve", "run the daemon");
    serving->add_option(
        "--virtual-clock", options.virtual_clock,
        "replay: stand still at this time until POST /v1/clock moves on"
    );
    serving->callback([&] { chosen = [&] { return run_serve(options); }; });
    add_store_commands(app, options, chosen);
    add_backup_commands(app, options, chosen);
    add_filters(app, chosen);
    fall_through(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return chosen();
}

}  // namespace gateway::cli
