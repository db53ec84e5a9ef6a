// How records lie in the tables: reads and writes whole dossiers, sessions, drafts, timers and tallies.
// Used by the steps in this folder, on the writer's thread, inside its transaction.
#pragma once

#include "gateway/storage/sqlite/connection.hpp"
#include "notify/dossier.hpp"
#include "notify/message.hpp"
#include "survey/session.hpp"

#include <optional>
#include <vector>

namespace gateway::storage {

using config::Time;

std::optional<notify::Dossier> dossier_by_code(Connection& db, const std::string& code);
std::optional<notify::Dossier> dossier_by_id(Connection& db, notify::DossierId id);
/// Inserts or updates; sets the id of a new one.
void save_dossier(Connection& db, notify::Dossier& dossier);

/// The phone's open session, else its latest.
std::optional<survey::Session> session_of_phone(Connection& db, notify::PhoneNumber phone);
std::optional<survey::Session> session_by_id(Connection& db, std::int64_t id);
/// Inserts or updates, with the answer; sets the id of a new one.
void save_session(Connection& db, survey::Session& session);

bool opted_out(Connection& db, notify::PhoneNumber phone);

struct DraftOwner {
    std::optional<notify::DossierId> dossier;
    std::optional<survey::SessionId> session;
};
/// False when the fact has been told already.
bool save_draft(Connection& db, const notify::Draft& draft, const DraftOwner& owner, Time now);

void add_tallies(Connection& db, const std::vector<notify::Count>& counts);
void add_tally(Connection& db, const TallyKey& tally, Counts counts);
/// Writes what the steps of this transaction have gathered; the writer calls it before the commit.
void write_pending(Connection& db);

enum class TimerKind { overdue = 0, ask = 1, remind = 2, expire = 3 };
void set_timer(Connection& db, TimerKind kind, std::int64_t subject, Time due);
void clear_timer(Connection& db, TimerKind kind, std::int64_t subject);

/// Condition of the index messages_open: messages that are neither with the citizen nor given up. SQLite uses
/// a partial index only where its condition is repeated word for word.
#define OPEN_IN(table) table "state <> 4 AND " table "state <> 5 AND " table "state <> 9"
#define OPEN OPEN_IN("")

/// The states from which a message may move to `next`, as bits; every UPDATE of a state has them in its
/// WHERE.
int sources_of(notify::MessageState next);

/// The earliest of two times, either of which may be missing.
std::optional<Time> earliest(std::optional<Time> a, std::optional<Time> b);

}  // namespace gateway::storage
