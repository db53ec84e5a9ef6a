// Proves the kept tallies: counts every record again by the same pure functions and compares.
// For `hoiam recount`, on a connection of its own inside one transaction.
#pragma once

#include "config/questionnaire.hpp"
#include "gateway/storage/sqlite/connection.hpp"

#include <string>
#include <vector>

namespace gateway::storage {

struct Recount {
    struct Difference {
        config::Month month;
        std::string key, measure;
        std::int64_t kept, counted;
    };
    int compared = 0;
    int unreadable = 0;  // kept tallies, compared as if nothing were kept
    std::vector<Difference> differences;

    bool agrees() const { return differences.empty() && unreadable == 0; }
};

Recount recount(Connection& db, const config::Questionnaire& questionnaire);

/// Replaces the tallies by the recounted ones.
void repair(Connection& db, const config::Questionnaire& questionnaire);

}  // namespace gateway::storage
