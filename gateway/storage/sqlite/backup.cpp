#include "gateway/storage/sqlite/backup.hpp"

#include "gateway/storage/sqlite/copy.hpp"
#include "gateway/storage/sqlite/schema.hpp"
#include "notify/store.hpp"
#include "survey/session.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gateway::storage {
namespace {

namespace fs = std::filesystem;
using config::Time;

fs::path beside(const fs::path& file, std::string_view ending) {
    return file.string() + std::string(ending);
}

std::unexpected<std::string> refusal(const fs::path& file, std::string_view why) {
    return std::unexpected(fmt::format("{}: {}", file.string(), why));
}

// Ids that the SMS after the backup had, and the telecoms know, must not be given to others: they would take
// the new SMS for repeats, and old reports would meet them. A tenth of a millisecond each is more than any
// daemon can use up before the next restore.
void leave_ids_out(Connection& db, Time now) {
    db.run(
        "INSERT INTO messages (id, key, situation, lane, phone, text, ucs2, parts, repeatable, state, cause, "
        "expires_at, created_at, updated_at) "
        "SELECT max(?1 * 10, (SELECT coalesce(max(id), 0) + 1 FROM messages)), 'restored/' || ?1, "
        "'restored', "
        "2, 0, '', 0, 0, 0, 9, 'restored', ?1, ?1, ?1",
        now
    );
}

// Who has refused since the backup must not be written to again. A former database that cannot be read has
// none to give.
int take_over_opt_outs(Connection& db, const fs::path& former) {
    if (!fs::exists(former)) return 0;
    try {
        db.run("ATTACH ? AS former", former.string());
        const int taken = db.run("INSERT OR IGNORE INTO suppressions SELECT * FROM former.suppressions");
        db.run("DETACH former");
        db.run(
            "UPDATE messages SET state = 9, due_at = NULL, cause = 'opted_out' WHERE state = 0 AND situation "
            "<> ? AND phone IN (SELECT phone FROM suppressions)",
            survey::opt_out_confirmation
        );
        return taken;
    } catch (const notify::StoreUnavailable&) {
        return 0;
    }
}

std::optional<Time> last_sms(Connection& db) {
    auto rows = db.query("SELECT created_at FROM messages ORDER BY id DESC LIMIT 1");
    return rows.next() ? rows.optional_time(0) : std::nullopt;
}

std::expected<Restored, std::string> prepare(const PartialFile& file, const fs::path& database, Time now) {
    Restored restored;
    try {
        Connection db(file.path(), Connection::Mode::read_write);
        migrate(db);
        restored.last_sms = last_sms(db);
        restored.opt_outs = take_over_opt_outs(db, database);
        leave_ids_out(db, now);
    } catch (const notify::StoreUnavailable& error) {
        return std::unexpected(error.what());
    }
    if (fs::exists(beside(file.path(), "-wal"))) return std::unexpected("its log could not be written back");
    restored.bytes = file.size();
    return restored;
}

// Brings the log of the former database into its file, which also shows whether anybody has it open. One that
// is damaged keeps its log.
std::expected<void, std::string> settle(const fs::path& database) {
    try {
        SQLite::Database former(database.string(), SQLite::OPEN_READWRITE, 1000);
        former.exec("PRAGMA journal_mode = DELETE");
    } catch (const SQLite::Exception& error) {
        if (error.getErrorCode() == SQLITE_BUSY || error.getErrorCode() == SQLITE_LOCKED)
            return refusal(
                database, "another program (an import, a backup) uses this database; end it first"
            );
    }
    return {};
}

// At every instant either the former or the restored database stands in its place.
std::expected<void, std::string> change_places(
    PartialFile& file, const fs::path& database, const fs::path& former
) {
    if (::link(database.c_str(), former.c_str()) != 0) return refusal(former, std::strerror(errno));
    std::error_code error;
    for (const auto* const log : {"-wal", "-journal"})
        if (fs::exists(beside(database, log))) fs::rename(beside(database, log), beside(former, log), error);
    if (error) return refusal(database, "its log cannot be moved: " + error.message());
    fs::remove(beside(database, "-shm"), error);
    sync_folder(database);
    return file.keep_as(database, true);
}

}  // namespace

std::expected<Backup, std::string> back_up(const fs::path& database, const fs::path& copy) {
    if (!fs::exists(database)) return refusal(database, "no such file; nothing to copy");
    if (fs::exists(fs::symlink_status(copy)))
        return refusal(copy, "exists already; name a file that does not");
    auto file = PartialFile::create(beside(copy, ".partial"));
    if (!file) return std::unexpected(file.error());
    if (const auto copied = copy_database(database, Source::live, file->path()); !copied)
        return refusal(copy, "not written: " + copied.error());
    const auto schema = inspect(file->path());
    if (!schema) return refusal(database, "not copied: " + schema.error());
    const Backup backup{file->size(), *schema};
    if (auto kept = file->keep_as(copy, false); !kept) return std::unexpected(kept.error());
    return backup;
}

std::expected<Restored, std::string> restore(const fs::path& copy, const fs::path& database, Time now) {
    std::error_code error;
    if (!fs::is_regular_file(copy, error)) return refusal(copy, "no such file");
    const bool replaces = fs::exists(database);
    const auto former = beside(database, ".before-restore");
    if (replaces && fs::equivalent(copy, database, error)) return refusal(copy, "is the database itself");
    if (fs::exists(former))
        return refusal(former, "is left from an earlier restore; move it away or delete it first");
    auto file = PartialFile::create(beside(database, ".restoring"));
    if (!file) return std::unexpected(file.error());
    if (const auto copied = copy_database(copy, Source::at_rest, file->path()); !copied)
        return refusal(copy, "not restored: " + copied.error());
    if (const auto schema = inspect(file->path()); !schema)
        return refusal(copy, "not restored: " + schema.error());
    auto restored = prepare(*file, database, now);
    if (!restored) return refusal(copy, "not restored: " + restored.error());
    if (!replaces) {
        if (auto kept = file->keep_as(database, false); !kept) return std::unexpected(kept.error());
        return restored;
    }
    struct stat status{};
    if (::stat(database.c_str(), &status) == 0) file->look_like(status);
    if (auto settled = settle(database); !settled) return std::unexpected(settled.error());
    if (auto changed = change_places(*file, database, former); !changed)
        return std::unexpected(changed.error());
    restored->former = former;
    return restored;
}

}  // namespace gateway::storage
