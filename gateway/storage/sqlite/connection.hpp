// One SQLite connection with its prepared statements, and a small way to run plain SQL with bound values.
// A connection belongs to one thread at a time. SQLite's own failures leave here as notify::StoreUnavailable
// (disk full, I/O error, locked) so that no SQLite header is needed elsewhere.
#pragma once

#include "config/civil_time.hpp"
#include "gateway/storage/sqlite/counts.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace gateway::storage {

/// A running statement: step through its rows; it is reset when this goes.
class Rows {
public:
    explicit Rows(SQLite::Statement& statement) : statement_(&statement) {}
    Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows();

    bool next();
    bool null(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::string_view view(int column) const;  // until the next row
    config::Time time(int column) const { return config::Time(config::Duration(integer(column))); }
    std::optional<std::int64_t> optional_integer(int column) const;
    std::optional<config::Time> optional_time(int column) const;

private:
    SQLite::Statement* statement_;
};

/// What the steps of one transaction gather, because they would write the same few rows again and again;
/// rows.hpp writes it before the commit.
struct Pending {
    Tallies tallies;                                // to be added
    std::map<std::string, std::string> procedures;  // names by code
};

class Connection {
public:
    enum class Mode { read_write, read_only };
    Connection(const std::filesystem::path& file, Mode mode);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// `sql` must be a literal: statements are kept by its address.
    template <typename... Values>
    Rows query(const char* sql, const Values&... values) {
        auto& statement = prepared(sql);
        [[maybe_unused]] int index = 0;
        (bind(statement, ++index, values), ...);
        return Rows(statement);
    }
    /// Runs to the end; the number of changed rows.
    template <typename... Values>
    int run(const char* sql, const Values&... values) {
        auto& statement = prepared(sql);
        [[maybe_unused]] int index = 0;
        (bind_for_now(statement, ++index, values), ...);
        Rows rows(statement);
        while (rows.next()) {
        }
        return changes();
    }
    void script(const std::string& sql);
    int changes() const;
    std::int64_t last_id() const;
    Pending& pending() { return pending_; }

private:
    SQLite::Statement& prepared(const char* sql);
    static void bind_integer(SQLite::Statement& statement, int index, std::int64_t value);
    template <std::integral Number>
    static void bind(SQLite::Statement& statement, int index, Number value) {
        bind_integer(statement, index, static_cast<std::int64_t>(value));
    }
    static void bind(SQLite::Statement& statement, int index, std::string_view value);
    static void bind(SQLite::Statement& statement, int index, const std::string& value) {
        bind(statement, index, std::string_view(value));
    }
    static void bind(SQLite::Statement& statement, int index, const char* value) {
        bind(statement, index, std::string_view(value));
    }
    static void bind(SQLite::Statement& statement, int index, config::Time value) {
        bind(statement, index, std::int64_t{value.time_since_epoch().count()});
    }
    static void bind_null(SQLite::Statement& statement, int index);
    // run() is over before its values are gone, so that texts need no copy.
    static void bind_for_now(SQLite::Statement& statement, int index, const std::string& value);
    static void bind_for_now(
        SQLite::Statement& statement, int index, const std::optional<std::string>& value
    ) {
        if (value)
            bind_for_now(statement, index, *value);
        else
            bind_null(statement, index);
    }
    template <typename T>
    static void bind_for_now(SQLite::Statement& statement, int index, const T& value) {
        bind(statement, index, value);
    }
    template <typename Enum>
        requires std::is_enum_v<Enum>
    static void bind(SQLite::Statement& statement, int index, Enum value) {
        bind(statement, index, static_cast<std::int64_t>(value));
    }
    template <typename T>
    static void bind(SQLite::Statement& statement, int index, const std::optional<T>& value) {
        if (value)
            bind(statement, index, *value);
        else
            bind_null(statement, index);
    }

    Pending pending_;
    std::unique_ptr<SQLite::Database> database_;
    std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

}  // namespace gateway::storage
