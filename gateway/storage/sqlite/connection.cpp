#include "gateway/storage/sqlite/connection.hpp"

#include "notify/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace gateway::storage {
namespace {

// Another process may hold the write lock: a command beside the daemon. Who writes without a pause to a slow
// disk leaves gaps of a millisecond, which SQLite's own handler, with up to 100 ms between two tries, seldom
// meets.
constexpr int busy_tries = 5'000;
constexpr std::chrono::seconds patience{5};

int try_again_in_a_millisecond(void*, int tries) {
    if (tries >= busy_tries) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 1;
}

// SQLite's message can quote the SQL but never a bound value, so it is fit for the log.
[[noreturn]] void rethrow(const SQLite::Exception& error) {
    const int code = error.getErrorCode();
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        throw notify::StoreUnavailable(fmt::format(
            "database: the file is damaged or is none of hoiam's ({}, {}); keep a copy of it and restore the "
            "last backup; hoiam check tells more",
            error.what(), error.getExtendedErrorCode()
        ));
    throw notify::StoreUnavailable(
        fmt::format("database: {} ({})", error.what(), error.getExtendedErrorCode())
    );
}

// Before the first connection: SQLite's memory statistics take a global lock at every allocation, and nobody
// reads them.
void set_up_memory() {
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(once);  // refused when SQLite runs already, which is as well
}

template <typename F>
auto translated(F work) {
    try {
        return work();
    } catch (const SQLite::Exception& error) {
        rethrow(error);
    }
}

// A file becomes one with a write-ahead log under an exclusive lock. SQLite answers busy at once, without the
// handler, when another program that was started at the same time is about to do the same.
void log_ahead(SQLite::Database& database) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        const int result = database.tryExec("PRAGMA journal_mode = WAL;");
        if (result == SQLITE_OK) return;
        if (result != SQLITE_BUSY || std::chrono::steady_clock::now() > until)
            throw SQLite::Exception(database.getHandle(), result);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

Rows::~Rows() {
    if (statement_) statement_->tryReset();
}

bool Rows::next() {
    return translated([this] { return statement_->executeStep(); });
}

bool Rows::null(int column) const {
    return statement_->getColumn(column).isNull();
}
std::int64_t Rows::integer(int column) const {
    return statement_->getColumn(column).getInt64();
}
double Rows::real(int column) const {
    return statement_->getColumn(column).getDouble();
}
std::string Rows::text(int column) const {
    return statement_->getColumn(column).getString();
}

std::string_view Rows::view(int column) const {
    const auto value = statement_->getColumn(column);
    const char* text = value.getText();
    return {text, static_cast<std::size_t>(value.getBytes())};
}

std::optional<std::int64_t> Rows::optional_integer(int column) const {
    if (null(column)) return std::nullopt;
    return integer(column);
}

std::optional<config::Time> Rows::optional_time(int column) const {
    if (null(column)) return std::nullopt;
    return time(column);
}

Connection::Connection(const std::filesystem::path& file, Mode mode) {
    set_up_memory();
    translated([&] {
        // One thread at a time uses a connection, so SQLite's own mutexes would only cost.
        const int access =
            mode == Mode::read_write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY;
        const int flags = access | SQLite::OPEN_NOMUTEX;
        database_ = std::make_unique<SQLite::Database>(file.string(), flags);
        sqlite3_busy_handler(database_->getHandle(), try_again_in_a_millisecond, nullptr);
        database_->exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;");
        // 2,000 pages (8 MB) of log: copying them back holds the writer up for 4 ms, 8,000 pages for 7 ms.
        if (mode == Mode::read_only) return;
        log_ahead(*database_);
        database_->exec(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -24000; "
            "PRAGMA journal_size_limit = 16777216;"
        );
    });
}

Connection::~Connection() = default;

SQLite::Statement& Connection::prepared(const char* sql) {
    auto& statement = statements_[sql];
    if (!statement)
        translated([&] { statement = std::make_unique<SQLite::Statement>(*database_, sql); });
    else
        statement->tryReset();
    return *statement;
}

void Connection::script(const std::string& sql) {
    translated([&] { database_->exec(sql); });
}

int Connection::changes() const {
    return database_->getChanges();
}
std::int64_t Connection::last_id() const {
    return database_->getLastInsertRowid();
}

void Connection::bind_integer(SQLite::Statement& statement, int index, std::int64_t value) {
    statement.bind(index, value);
}
void Connection::bind(SQLite::Statement& statement, int index, std::string_view value) {
    statement.bind(index, std::string(value));
}
void Connection::bind_for_now(SQLite::Statement& statement, int index, const std::string& value) {
    statement.bindNoCopy(index, value);
}
void Connection::bind_null(SQLite::Statement& statement, int index) {
    statement.bind(index);
}

}  // namespace gateway::storage
