#include "gateway/storage/sqlite/backup.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/storage/sqlite_store.hpp"
#include "notify/clock.hpp"

#include <fmt/format.h>

namespace gateway::cli {
namespace {

int refused(std::string_view why) {
    fmt::print(stderr, "hoiam: {}\n", why);
    return 1;
}

double mebibytes(std::int64_t bytes) {
    return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

}  // namespace

int back_up(const config::Settings& settings, const std::string& file) {
    const auto began = std::chrono::steady_clock::now();
    const auto done = storage::back_up(settings.storage.sqlite_file, file);
    if (!done) return refused(done.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print(
        "{}: {:.1f} MiB, schema {}, whole, copied and checked in {:.1f} s\n", file, mebibytes(done->bytes),
        done->schema, took.count()
    );
    return 0;
}

int restore(const config::Settings& settings, const std::string& file) {
    const auto& database = settings.storage.sqlite_file;
    const auto lock = storage::lock_for_daemon(database);
    if (!lock) return refused(lock.error());
    const auto done = storage::restore(file, database, notify::SystemClock().now());
    if (!done) return refused(done.error());
    fmt::print("{}: restored from {}, {:.1f} MiB", database.string(), file, mebibytes(done->bytes));
    if (done->last_sms) fmt::print(", last SMS of {}", config::format_time(*done->last_sms));
    fmt::print("\n");
    if (!done->former.empty())
        fmt::print(
            "The former database is {}; delete it when it is not needed any more. Opt-outs taken over from "
            "it: "
            "{}.\n",
            done->former.string(), done->opt_outs
        );
    fmt::print(
        "What came after the backup is not in it. Let the one-stop software send its events since then "
        "again: "
        "known ones change nothing, facts older than notify.stale_after stay silent.\n"
        "An SMS that was sent after the backup may go out a second time. One that waited in the backup keeps "
        "its request id, so a telecom that knows it refuses the repeat.\n"
        "Replies, delivery reports and API keys since then are missing. Now: hoiam recount, then hoiam "
        "serve.\n"
    );
    return 0;
}

}  // namespace gateway::cli
