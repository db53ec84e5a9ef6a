// `hoiam backup` and `hoiam restore`: a whole copy of the database while the daemon runs, and putting one in
// place while it does not. Neither changes anything when it is refused. What a restore means for SMS that
// were sent after the backup stands in deploy/docs/reliability.md.
#pragma once

#include "config/civil_time.hpp"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>

namespace gateway::storage {

struct Backup {
    std::int64_t bytes = 0;
    int schema = 0;
};

/// Writes `copy`, which must not be there yet. The error is a sentence that names the file.
std::expected<Backup, std::string> back_up(
    const std::filesystem::path& database, const std::filesystem::path& copy
);

struct Restored {
    std::int64_t bytes = 0;
    std::optional<config::Time> last_sms;  // the newest that the backup knows of
    std::filesystem::path former;          // where the former database is now; empty: there was none
    int opt_outs = 0;                      // newer than the backup, taken over from the former database
};

/// The caller holds lock_for_daemon().
std::expected<Restored, std::string> restore(
    const std::filesystem::path& copy, const std::filesystem::path& database, config::Time now
);

}  // namespace gateway::storage
