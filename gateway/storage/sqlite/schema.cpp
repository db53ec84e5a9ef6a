#include "gateway/storage/sqlite/schema.hpp"

#include "notify/store.hpp"

#include <fmt/format.h>

#include <array>

namespace gateway::storage {
namespace {

// Times are milliseconds since 1970 UTC, phones the nine digits after the trunk 0.
constexpr const char* first = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('instance', lower(hex(randomblob(4))));

CREATE TABLE api_keys (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE dossiers (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    status INTEGER NOT NULL,
    status_at INTEGER NOT NULL,
    unit TEXT NOT NULL,
    procedure_code TEXT NOT NULL, procedure_name TEXT NOT NULL, field TEXT NOT NULL,
    applicant_name TEXT NOT NULL,
    phone INTEGER,
    phone_problem TEXT NOT NULL,
    submitted_by INTEGER NOT NULL, return_by INTEGER NOT NULL,
    received_at INTEGER, due_at INTEGER, promised_at INTEGER, finished_at INTEGER, returned_at INTEGER,
    note TEXT NOT NULL,
    closed_at INTEGER
) STRICT;

-- Every event that was accepted, so that its repeat changes nothing.
CREATE TABLE events (
    event_id TEXT PRIMARY KEY,
    dossier_id INTEGER NOT NULL REFERENCES dossiers(id),
    status INTEGER NOT NULL,
    at INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    silent_cause TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- one SMS per fact
    dossier_id INTEGER REFERENCES dossiers(id),
    session_id INTEGER REFERENCES sessions(id),
    situation TEXT NOT NULL,
    lane INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    text TEXT NOT NULL,
    ucs2 INTEGER NOT NULL, parts INTEGER NOT NULL, repeatable INTEGER NOT NULL,
    state INTEGER NOT NULL,
    due_at INTEGER,                     -- when to send next; NULL: nothing to do but wait
    expires_at INTEGER NOT NULL,
    provider TEXT,                      -- bound once it may have taken the message
    provider_message_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_sent_at INTEGER,
    cause TEXT NOT NULL DEFAULT '',     -- the provider's last word
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_due ON messages (lane, due_at) WHERE state IN (0, 2, 3) AND due_at IS NOT NULL;
CREATE INDEX messages_provider_id ON messages (provider_message_id) WHERE provider_message_id IS NOT NULL;
CREATE INDEX messages_dossier ON messages (dossier_id);
CREATE INDEX messages_waiting_phone ON messages (phone) WHERE state IN (0, 2);
CREATE INDEX messages_sending ON messages (id) WHERE state = 1;
CREATE INDEX messages_dead ON messages (state, id) WHERE state IN (3, 6, 7, 8);

CREATE TABLE attempts (
    message_id INTEGER NOT NULL REFERENCES messages(id),
    number INTEGER NOT NULL,
    provider TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished_at INTEGER,
    outcome TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;

-- Reports that came before the answer they belong to (or belong to nobody).
CREATE TABLE unmatched_reports (
    provider TEXT NOT NULL, provider_message_id TEXT NOT NULL,
    state INTEGER NOT NULL, code TEXT NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY (provider, provider_message_id, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX unmatched_reports_age ON unmatched_reports (received_at);

CREATE TABLE suppressions (phone INTEGER PRIMARY KEY, since INTEGER NOT NULL, source TEXT NOT NULL) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    dossier_id INTEGER NOT NULL UNIQUE REFERENCES dossiers(id),
    phone INTEGER NOT NULL,
    month INTEGER NOT NULL, unit TEXT NOT NULL, procedure_code TEXT NOT NULL,
    state INTEGER NOT NULL,
    asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    unreadable INTEGER NOT NULL, delivered INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_phone ON sessions (phone, asked_at);
CREATE UNIQUE INDEX sessions_open ON sessions (phone) WHERE state IN (0, 1);

-- One answer per dossier.
CREATE TABLE answers (
    dossier_id INTEGER PRIMARY KEY REFERENCES dossiers(id),
    session_id INTEGER NOT NULL REFERENCES sessions(id),
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
    reasons TEXT NOT NULL,              -- codes, separated by commas
    rule TEXT NOT NULL, lexicon_version TEXT NOT NULL, answered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE inbound (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL, key TEXT NOT NULL,
    phone INTEGER, sender TEXT NOT NULL, text TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    session_id INTEGER REFERENCES sessions(id),
    taken TEXT NOT NULL, rule TEXT NOT NULL, for_person INTEGER NOT NULL,
    UNIQUE (provider, key)
) STRICT;
CREATE INDEX inbound_for_person ON inbound (id) WHERE for_person = 1;

-- What must happen later: kind 0 appointment passed, 1 ask, 2 remind, 3 survey ends. The key's columns stand
-- first: SQLite 3.40's quick_check takes a NOT NULL column before them for NULL (WITHOUT ROWID).
CREATE TABLE timers (
    kind INTEGER NOT NULL, subject INTEGER NOT NULL, due_at INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE tallies (
    dimension INTEGER NOT NULL,         -- 0 commune, 1 procedure
    month INTEGER NOT NULL, key TEXT NOT NULL, measure TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (dimension, month, key, measure)
) STRICT, WITHOUT ROWID;

CREATE TABLE procedures (code TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// SQLite evaluates a partial index's condition at every write, and a list of more than two values costs it a
// temporary table each time. Whoever changes a condition changes the queries that repeat it.
constexpr const char* second = R"sql(
DROP INDEX messages_due;
DROP INDEX messages_sending;
DROP INDEX messages_dead;
CREATE INDEX messages_due ON messages (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_open ON messages (state, id) WHERE state <> 4 AND state <> 5 AND state <> 9;
)sql";

// All measures of a month's commune or procedure in one row (counts.hpp).
constexpr const char* third = R"sql(
CREATE TABLE packed_tallies (
    dimension INTEGER NOT NULL,         -- 0 commune, 1 procedure
    month INTEGER NOT NULL, key TEXT NOT NULL,
    counts TEXT NOT NULL,               -- measure=n, separated by spaces
    PRIMARY KEY (dimension, month, key)
) STRICT, WITHOUT ROWID;
INSERT INTO packed_tallies SELECT dimension, month, key, group_concat(measure || '=' || n, ' ')
    FROM (SELECT * FROM tallies WHERE n <> 0 ORDER BY dimension, month, key, measure) GROUP BY dimension, month, key;
DROP TABLE tallies;
ALTER TABLE packed_tallies RENAME TO tallies;
)sql";

// Reports in the order of their coming, which are still to be applied to their messages
// (deferred_reports.hpp), and an index that names a report's message without its row.
constexpr const char* fourth = R"sql(
DROP INDEX messages_provider_id;
CREATE INDEX messages_provider_id ON messages (provider_message_id, provider) WHERE provider_message_id IS NOT NULL;
CREATE TABLE deferred_reports (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL, provider TEXT NOT NULL,
    state INTEGER NOT NULL, code TEXT NOT NULL, received_at INTEGER NOT NULL
) STRICT;
)sql";

// What is bound to one provider apart from what any may send (outbox.cpp).
constexpr const char* fifth = R"sql(
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (lane, due_at) WHERE due_at IS NOT NULL AND provider IS NULL;
CREATE INDEX messages_bound ON messages (provider, lane, due_at) WHERE due_at IS NOT NULL AND provider IS NOT NULL;
)sql";

constexpr std::array migrations{first, second, third, fourth, fifth};

}  // namespace

int newest_schema() {
    return static_cast<int>(migrations.size());
}

int schema_of(Connection& connection) {
    auto rows = connection.query("PRAGMA user_version");
    return rows.next() ? static_cast<int>(rows.integer(0)) : 0;
}

void migrate(Connection& connection, int target) {
    const int present = schema_of(connection);
    if (present > newest_schema())
        throw notify::StoreUnavailable(fmt::format(
            "database: its schema is number {} and this hoiam knows up to {}; use the newer hoiam that wrote "
            "it",
            present, newest_schema()
        ));
    if (present >= target) return;
    connection.run("BEGIN IMMEDIATE");
    try {
        // Asked again: another program that was started at the same time may have been first.
        for (int number = schema_of(connection); number < target; ++number)
            connection.script(fmt::format(
                "{} PRAGMA user_version = {};", migrations[static_cast<std::size_t>(number)], number + 1
            ));
        connection.run("COMMIT");
    } catch (...) {
        connection.script("ROLLBACK");
        throw;
    }
}

}  // namespace gateway::storage
