// The database's shape, as numbered migrations that are applied in order at start, all in one transaction: a
// program that starts beside another sees the old shape or the new one.
// A migration that has been released is never changed; a new one is added. PRAGMA user_version holds the
// number.
#pragma once

#include "gateway/storage/sqlite/connection.hpp"

namespace gateway::storage {

int newest_schema();

/// Brings the database up to `target`; throws notify::StoreUnavailable when it is from a newer hoiam.
void migrate(Connection& connection, int target = newest_schema());

int schema_of(Connection& connection);

}  // namespace gateway::storage
