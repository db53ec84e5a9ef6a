#include "gateway/storage/sqlite/retention.hpp"

#include <charconv>
#include <vector>

namespace gateway::storage {
namespace {

using config::Time;
using Stage = RetentionStage;

constexpr int rows_in_a_step = 500;                // a few milliseconds
constexpr std::int64_t rows_in_a_round = 500'000;  // of the tables that have no order of time

/// Dossiers at their end (not_accepted, withdrawn, stopped, finished, returned), and those that have waited
/// for somebody (registered, supplement, payment_due) since before the time that is bound there.
#define AT_REST(abandoned) \
    "(status IN (3, 7, 8, 9, 10) OR (status IN (1, 5, 6) AND status_at < " abandoned "))"

void next_stage(RetentionPlace& place) {
    place.stage = static_cast<Stage>(static_cast<int>(place.stage) + 1);
    place.after_id = 0;
    place.looked_at = 0;
}

std::string kept_place(Connection& db, const char* key) {
    auto rows = db.query("SELECT value FROM meta WHERE key = ?", key);
    return rows.next() ? rows.text(0) : std::string();
}

void keep_place(Connection& db, const char* key, const std::string& value) {
    db.run("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2", key, value);
}

// The highest id is never given up, else it would be given to another SMS; only its content goes.
int remove_message(Connection& db, std::int64_t id, bool last) {
    db.run("DELETE FROM attempts WHERE message_id = ?", id);
    if (last)
        return db.run(
            "UPDATE messages SET text = '', phone = 0 WHERE id = ? AND (text <> '' OR phone <> 0)", id
        );
    return db.run("DELETE FROM messages WHERE id = ?", id);
}

void forget_messages(Connection& db, Time before, RetentionPlace& place) {
    struct Old {
        std::int64_t id;
        bool removable;
    };
    std::vector<Old> old;
    int seen = 0;
    std::int64_t newest = 0;
    {
        auto rows = db.query(
            "SELECT id, created_at, updated_at < ?2 AND due_at IS NULL AND state > 2, "
            "(SELECT max(id) FROM messages) FROM messages WHERE id > ?1 ORDER BY id LIMIT ?3",
            place.after_id, before, rows_in_a_step
        );
        for (; rows.next(); ++seen) {
            place.after_id = rows.integer(0);
            newest = rows.integer(3);
            if (rows.time(1) < before) old.push_back({place.after_id, rows.integer(2) != 0});
        }
    }
    for (const auto& message : old)
        if (message.removable) place.removed += remove_message(db, message.id, message.id == newest);
    // Ids ascend with time: behind a step of young ones there are no old ones.
    if (seen < rows_in_a_step || old.empty()) next_stage(place);
}

void forget_inbound(Connection& db, Time before, RetentionPlace& place) {
    const int removed = db.run(
        "DELETE FROM inbound WHERE received_at < ?1 AND id IN (SELECT id FROM inbound ORDER BY id LIMIT ?2)",
        before, rows_in_a_step
    );
    place.removed += removed;
    if (removed == 0) next_stage(place);
}

void forget_reports(Connection& db, Time before, RetentionPlace& place) {
    const int removed = db.run(
        "DELETE FROM unmatched_reports WHERE (provider, provider_message_id, state) IN (SELECT provider, "
        "provider_message_id, state FROM unmatched_reports WHERE received_at < ? ORDER BY received_at LIMIT "
        "?)",
        before, rows_in_a_step
    );
    place.removed += removed;
    if (removed == 0) next_stage(place);
}

// An event's key only keeps its repeat from being taken again; a repeat this old is told to nobody.
void forget_events(Connection& db, Time before, std::optional<Time> abandoned, RetentionPlace& place) {
    constexpr const char* key = "retention_events";
    if (place.looked_at == 0) place.after_event = kept_place(db, key);
    std::vector<std::string> old;
    int seen = 0;
    {
        auto rows = db.query(
            "SELECT event_id, accepted_at FROM events WHERE event_id > ? ORDER BY event_id LIMIT ?",
            place.after_event, rows_in_a_step
        );
        for (; rows.next(); ++seen) {
            place.after_event = rows.text(0);
            if (rows.time(1) < before) old.push_back(place.after_event);
        }
    }
    for (const auto& event : old)
        place.removed += db.run(
            "DELETE FROM events WHERE event_id = ?1 AND EXISTS (SELECT 1 FROM dossiers WHERE id = dossier_id "
            "AND " AT_REST("?2") ")",
            event, abandoned
        );
    place.looked_at += rows_in_a_step;
    const bool end = seen < rows_in_a_step;
    if (!end && place.looked_at < rows_in_a_round) return;
    keep_place(db, key, end ? std::string() : place.after_event);
    next_stage(place);
}

// Whether there was a number is still counted: "forgotten" had one, "forgotten_…" had none and why.
int blank_dossiers(
    Connection& db, Time before, std::optional<Time> abandoned, std::int64_t from, std::int64_t to
) {
    const int blanked = db.run(
        "UPDATE dossiers SET applicant_name = '', phone = NULL, note = '', phone_problem = CASE "
        "WHEN phone IS NOT NULL THEN 'forgotten' WHEN phone_problem GLOB 'forgotten*' THEN phone_problem "
        "ELSE 'forgotten_' || phone_problem END "
        "WHERE id > ?1 AND id <= ?2 AND status_at < ?3 "
        "AND (applicant_name <> '' OR phone IS NOT NULL OR note <> '') "
        "AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.dossier_id = dossiers.id AND s.state < 2) "
        "AND " AT_REST("?4"),
        from, to, before, abandoned
    );
    if (blanked > 0)
        db.run(
            "UPDATE sessions SET phone = 0 WHERE dossier_id > ? AND dossier_id <= ? AND state > 1 AND EXISTS "
            "(SELECT 1 FROM dossiers d WHERE d.id = dossier_id AND phone IS NULL AND phone_problem GLOB "
            "'forgotten*')",
            from, to
        );
    return blanked;
}

void forget_people(Connection& db, Time before, std::optional<Time> abandoned, RetentionPlace& place) {
    constexpr const char* key = "retention_dossiers";
    if (place.looked_at == 0) {
        const auto kept = kept_place(db, key);
        std::from_chars(kept.data(), kept.data() + kept.size(), place.after_id);
    }
    std::int64_t newest = 0;
    {
        auto rows = db.query("SELECT max(id) FROM dossiers");
        if (rows.next()) newest = rows.optional_integer(0).value_or(0);
    }
    const auto to = place.after_id + rows_in_a_step;
    place.removed += blank_dossiers(db, before, abandoned, place.after_id, to);
    place.after_id = to;
    place.looked_at += rows_in_a_step;
    const bool end = to >= newest;
    if (!end && place.looked_at < rows_in_a_round) return;
    keep_place(db, key, end ? "0" : std::to_string(to));
    next_stage(place);
}

}  // namespace

RetentionPlace forget_some(Connection& db, const Retained& retained, RetentionPlace place) {
    if (place.stage == Stage::start) next_stage(place);
    const auto people = place.stage == Stage::dossiers;
    const auto& before = people ? retained.personal_data : retained.messages;
    if (!before) {
        next_stage(place);
        return place;
    }
    switch (place.stage) {
        case Stage::messages:
            forget_messages(db, *before, place);
            break;
        case Stage::inbound:
            forget_inbound(db, *before, place);
            break;
        case Stage::events:
            forget_events(db, *before, retained.abandoned, place);
            break;
        case Stage::reports:
            forget_reports(db, *before, place);
            break;
        case Stage::dossiers:
            forget_people(db, *before, retained.abandoned, place);
            break;
        case Stage::start:
        case Stage::done:
            break;
    }
    return place;
}

}  // namespace gateway::storage
