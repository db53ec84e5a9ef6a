#include "gateway/storage/sqlite/copy.hpp"

#include "gateway/storage/sqlite/schema.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace gateway::storage {
namespace {

constexpr int busy_timeout_ms = 5000;
constexpr int pages_at_once = 1000;
constexpr std::array logs{"-wal", "-shm", "-journal"};

std::string sentence_of(const SQLite::Exception& error) {
    switch (error.getErrorCode()) {
        case SQLITE_FULL:
            return "the disk is full";
        case SQLITE_CORRUPT:
            return "it is damaged";
        case SQLITE_NOTADB:
            return "it is no SQLite database, or damaged";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another program holds it locked";
        default:
            return fmt::format("{} ({})", error.what(), error.getExtendedErrorCode());
    }
}

template <typename Work>
auto said(Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const SQLite::Exception& error) {
        return std::unexpected(sentence_of(error));
    }
}

// A file at rest with no log beside it is opened without making one, as its disk may be read-only.
std::string name_of(const std::filesystem::path& file, Source source) {
    std::string name = "file:";
    for (const char c : file.string()) {
        const bool special = c == '%' || c == '?' || c == '#';
        name += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
    if (source == Source::at_rest && !std::filesystem::exists(file.string() + "-wal")) name += "?immutable=1";
    return name;
}

}  // namespace

std::expected<PartialFile, std::string> PartialFile::create(std::filesystem::path path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return std::unexpected(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    PartialFile file(std::move(path), descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        auto refusal = fmt::format("{}: another hoiam writes it; wait for its end", file.path_.string());
        ::close(std::exchange(file.descriptor_, -1));
        return std::unexpected(std::move(refusal));
    }
    // Left by one that was killed.
    for (const auto* const log : logs)
        std::filesystem::remove(file.path_.string() + log);
    if (::ftruncate(descriptor, 0) != 0 || ::fchmod(descriptor, 0600) != 0)
        return std::unexpected(fmt::format("{}: {}", file.path_.string(), std::strerror(errno)));
    return file;
}

PartialFile::PartialFile(PartialFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

PartialFile::~PartialFile() {
    if (descriptor_ < 0) return;
    std::error_code ignored;
    for (const auto* const log : logs)
        std::filesystem::remove(path_.string() + log, ignored);
    std::filesystem::remove(path_, ignored);
    ::close(descriptor_);
}

std::int64_t PartialFile::size() const {
    struct stat status{};
    return ::fstat(descriptor_, &status) == 0 ? status.st_size : 0;
}

void PartialFile::look_like(const struct stat& former) const {
    // Only root may give a file away; for others it is theirs already.
    if (::fchown(descriptor_, former.st_uid, former.st_gid) != 0) return;
    static_cast<void>(::fchmod(descriptor_, former.st_mode & 07777));
}

std::expected<void, std::string> PartialFile::keep_as(const std::filesystem::path& name, bool replace) {
    const auto refused = [&] {
        return std::unexpected(fmt::format("{}: {}", name.string(), std::strerror(errno)));
    };
    if (::fsync(descriptor_) != 0) return refused();
    const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), flags) != 0) {
        // Some network file systems know no such flag; that no file was there has been looked at before.
        if (errno != EINVAL || ::rename(path_.c_str(), name.c_str()) != 0) return refused();
    }
    ::close(std::exchange(descriptor_, -1));
    sync_folder(name);
    return {};
}

void sync_folder(const std::filesystem::path& file) {
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

std::expected<void, std::string> copy_database(
    const std::filesystem::path& from, Source source, const std::filesystem::path& to
) {
    return said([&]() -> std::expected<void, std::string> {
        {
            SQLite::Database original(
                name_of(from, source), SQLite::OPEN_READONLY | SQLite::OPEN_URI, busy_timeout_ms
            );
            SQLite::Database copy(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
            // A copy that fails is thrown away, and one that is kept is synced as a whole.
            copy.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
            // The read transaction holds the instant; without it every commit of the daemon begins the copy
            // anew.
            original.exec("BEGIN; SELECT count(*) FROM sqlite_schema;");
            SQLite::Backup backup(copy, original);
            while (true) {
                const int result = backup.executeStep(pages_at_once);
                if (result == SQLITE_DONE) break;
                if (result != SQLITE_OK) return std::unexpected("another program holds it locked");
            }
        }
        // Out of the write-ahead mode that it inherited, so that the copy is one file.
        SQLite::Database copy(to.string(), SQLite::OPEN_READWRITE, busy_timeout_ms);
        copy.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;");
        return {};
    });
}

std::expected<int, std::string> inspect(const std::filesystem::path& file) {
    return said([&]() -> std::expected<int, std::string> {
        SQLite::Database database(file.string(), SQLite::OPEN_READONLY, busy_timeout_ms);
        const int ours = database.execAndGet(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' "
            "AND name IN ('meta', 'dossiers', 'messages', 'sessions', 'tallies')"
        );
        if (ours != 5) return std::unexpected("it is no database of hoiam's");
        const int schema = database.execAndGet("PRAGMA user_version");
        if (schema > newest_schema())
            return std::unexpected(fmt::format(
                "its schema is number {} and this hoiam knows up to {}; use the newer hoiam that wrote it",
                schema, newest_schema()
            ));
        if (schema < 1) return std::unexpected("it is no database of hoiam's");
        const std::string verdict = database.execAndGet("PRAGMA quick_check(1)");
        if (verdict != "ok") return std::unexpected("it is damaged");
        return schema;
    });
}

}  // namespace gateway::storage
