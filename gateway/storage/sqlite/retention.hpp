// Removes what has been kept long enough: SMS with their attempts, replies, events, reports that nobody
// matched; and blanks the name, number and note of dossiers that came to their end long ago. Dossier, session
// and answer rows stay without personal data, so that the figures can still be recounted. An SMS that waits,
// an open survey and a dossier that is being worked on are never touched; a dossier that waits for its
// citizen is taken for abandoned after a long time without a word. One call is one small step of a round, run
// on the writer's thread inside its transaction. SMS and replies lie in the order of time and are found from
// the oldest on; events and dossiers do not, so each round looks at a part of them and the next one goes on
// behind it.
#pragma once

#include "gateway/storage/sqlite/connection.hpp"

#include <optional>
#include <string>

namespace gateway::storage {

/// What is older goes; none: it stays for ever.
struct Retained {
    std::optional<config::Time> messages, personal_data;
    std::optional<config::Time> abandoned;  // a dossier that waits since before this has come to its end
};

enum class RetentionStage { start, messages, inbound, events, reports, dossiers, done };

/// Where a round stands; a new one begins with an empty place.
struct RetentionPlace {
    RetentionStage stage = RetentionStage::start;
    std::int64_t after_id = 0;
    std::string after_event;
    std::int64_t looked_at = 0;  // rows of this stage in this round
    std::int64_t removed = 0;    // rows of the whole round, blanked dossiers included
};

RetentionPlace forget_some(Connection& db, const Retained& retained, RetentionPlace place);

}  // namespace gateway::storage
