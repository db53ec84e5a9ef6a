#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

namespace gateway::storage {
namespace {

#define VIEW_COLUMNS                                                                                   \
    "SELECT m.id, coalesce(d.code, ''), m.situation, m.state, coalesce(m.provider, ''), "              \
    "coalesce(m.provider_message_id, ''), m.cause, m.text, m.phone, m.parts, m.ucs2, m.created_at, "   \
    "m.updated_at, "                                                                                   \
    "m.due_at, m.expires_at, m.session_id IS NOT NULL FROM messages m LEFT JOIN dossiers d ON d.id = " \
    "m.dossier_id "

#define VISIBLE "(m.session_id IS NULL OR ?) "

notify::MessageView view_from(const Rows& rows) {
    return {
        .id = notify::MessageId{rows.integer(0)},
        .dossier = rows.text(1),
        .situation = rows.text(2),
        .state = std::string(notify::to_string(static_cast<notify::MessageState>(rows.integer(3)))),
        .provider = rows.text(4),
        .provider_message_id = rows.text(5),
        .cause = rows.text(6),
        .text = rows.text(7),
        .masked_phone =
            notify::PhoneNumber::from_subscriber(static_cast<std::uint32_t>(rows.integer(8))).masked(),
        .parts = static_cast<int>(rows.integer(9)),
        .ucs2 = rows.integer(10) != 0,
        .of_survey = rows.integer(15) != 0,
        .created_at = rows.time(11),
        .updated_at = rows.time(12),
        .due_at = rows.optional_time(13),
        .expires_at = rows.optional_time(14),
    };
}

std::vector<notify::MessageView> all(Rows rows) {
    std::vector<notify::MessageView> views;
    while (rows.next())
        views.push_back(view_from(rows));
    return views;
}

// An attempt is written down with its outcome; until then the message itself knows of it.
std::optional<notify::AttemptView> attempt_under_way(Connection& db, notify::MessageId id) {
    auto rows =
        db.query("SELECT attempts, provider, updated_at FROM messages WHERE id = ? AND state = 1", id);
    if (!rows.next()) return std::nullopt;
    return notify::AttemptView{
        .number = static_cast<int>(rows.integer(0)), .provider = rows.text(1), .started_at = rows.time(2)
    };
}

}  // namespace

std::optional<notify::Dossier> find_dossier(Connection& db, const notify::DossierCode& code) {
    return dossier_by_code(db, code.str());
}

std::optional<notify::MessageView> message_view(Connection& db, notify::MessageId id) {
    std::optional<notify::MessageView> view;
    {
        auto rows = db.query(VIEW_COLUMNS "WHERE m.id = ?", id);
        if (rows.next()) view = view_from(rows);
    }
    if (!view) return view;
    view->request_id = request_id_of(db, static_cast<std::int64_t>(id));
    auto rows = db.query(
        "SELECT number, provider, started_at, finished_at, outcome, code FROM attempts WHERE message_id = ? "
        "ORDER BY number",
        id
    );
    while (rows.next())
        view->attempts.push_back(
            {static_cast<int>(rows.integer(0)), rows.text(1), rows.time(2), rows.optional_time(3),
             rows.text(4), rows.text(5)}
        );
    if (auto under_way = attempt_under_way(db, id)) view->attempts.push_back(*std::move(under_way));
    return view;
}

std::vector<notify::MessageView> message_views(Connection& db, const notify::MessageFilter& filter) {
    if (filter.dossier)
        return all(db.query(
            VIEW_COLUMNS "WHERE d.code = ? AND m.id > ? AND " VISIBLE "ORDER BY m.id LIMIT ?",
            *filter.dossier, filter.after, filter.surveys, filter.limit
        ));
    using enum notify::MessageState;
    if (filter.state && filter.state != accepted && filter.state != delivered && filter.state != cancelled)
        return all(db.query(
            VIEW_COLUMNS "WHERE m.state = ? AND " OPEN_IN("m.") " AND m.id > ? AND " VISIBLE
                                                                "ORDER BY m.id LIMIT ?",
            *filter.state, filter.after, filter.surveys, filter.limit
        ));
    if (filter.state)  // common ones, found soon by walking
        return all(db.query(
            VIEW_COLUMNS "WHERE m.state = ? AND m.id > ? AND " VISIBLE "ORDER BY m.id LIMIT ?", *filter.state,
            filter.after, filter.surveys, filter.limit
        ));
    return all(db.query(
        VIEW_COLUMNS "WHERE m.id > ? AND " VISIBLE "ORDER BY m.id LIMIT ?", filter.after, filter.surveys,
        filter.limit
    ));
}

}  // namespace gateway::storage
