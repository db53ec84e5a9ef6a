#include "gateway/storage/sqlite/rows.hpp"

#include "notify/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gateway::storage {
namespace {

std::optional<std::int64_t> number_of(const std::optional<notify::PhoneNumber>& phone) {
    if (!phone) return std::nullopt;
    return phone->subscriber();
}

notify::PhoneNumber phone_from(std::int64_t number) {
    return notify::PhoneNumber::from_subscriber(static_cast<std::uint32_t>(number));
}

#define DOSSIER_COLUMNS                                                                                    \
    "id, code, status, status_at, unit, procedure_code, procedure_name, field, applicant_name, phone, "    \
    "phone_problem, submitted_by, return_by, received_at, due_at, promised_at, finished_at, returned_at, " \
    "note"

std::optional<notify::Dossier> read_dossier(Rows rows) {
    if (!rows.next()) return std::nullopt;
    auto code = notify::DossierCode::parse(rows.text(1));
    if (!code) throw notify::StoreUnavailable("database: a dossier's code cannot be read");
    notify::Dossier dossier{
        .id = notify::DossierId{rows.integer(0)},
        .code = *std::move(code),
        .status = static_cast<notify::Status>(rows.integer(2)),
        .status_at = rows.time(3),
        .unit = rows.text(4),
        .procedure = {rows.text(5), rows.text(6), rows.text(7)},
        .applicant_name = rows.text(8),
        .phone_problem = rows.text(10),
        .submitted_by = static_cast<notify::Channel>(rows.integer(11)),
        .return_by = static_cast<notify::Channel>(rows.integer(12)),
        .received_at = rows.optional_time(13),
        .due_at = rows.optional_time(14),
        .promised_at = rows.optional_time(15),
        .finished_at = rows.optional_time(16),
        .returned_at = rows.optional_time(17),
        .note = rows.text(18),
    };
    if (const auto phone = rows.optional_integer(9)) dossier.phone = phone_from(*phone);
    return dossier;
}

std::vector<std::string> split(const std::string& codes) {
    std::vector<std::string> result;
    for (std::size_t from = 0; from < codes.size();) {
        const auto comma = std::min(codes.find(',', from), codes.size());
        result.push_back(codes.substr(from, comma - from));
        from = comma + 1;
    }
    return result;
}

#define SESSION_COLUMNS                                                                                      \
    "s.id, s.dossier_id, d.code, s.phone, s.month, s.unit, s.procedure_code, s.state, s.asked_at, "          \
    "s.expires_at, s.unreadable, s.delivered, a.score, a.reasons, a.rule, a.lexicon_version, a.answered_at " \
    "FROM sessions s JOIN dossiers d ON d.id = s.dossier_id LEFT JOIN answers a ON a.dossier_id = "          \
    "s.dossier_id "

std::optional<survey::Session> read_session(Rows rows) {
    if (!rows.next()) return std::nullopt;
    survey::Session session{
        .id = survey::SessionId{rows.integer(0)},
        .dossier = notify::DossierId{rows.integer(1)},
        .dossier_code = rows.text(2),
        .phone = phone_from(rows.integer(3)),
        .month = config::Month::from_number(static_cast<int>(rows.integer(4))),
        .unit = rows.text(5),
        .procedure = rows.text(6),
        .state = static_cast<survey::SessionState>(rows.integer(7)),
        .asked_at = rows.time(8),
        .expires_at = rows.time(9),
        .unreadable = static_cast<int>(rows.integer(10)),
        .delivered = rows.integer(11) != 0,
    };
    if (!rows.null(12))
        session.answer = survey::Answer{
            .score = *survey::Rating::from(static_cast<int>(rows.integer(12))),
            .reasons = split(rows.text(13)),
            .rule = rows.text(14),
            .lexicon_version = rows.text(15),
            .at = rows.time(16),
        };
    return session;
}

void save_answer(Connection& db, const survey::Session& session) {
    const auto& answer = *session.answer;
    db.run(
        "INSERT INTO answers (dossier_id, session_id, score, reasons, rule, lexicon_version, answered_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (dossier_id) DO UPDATE SET score = ?3, reasons = "
        "?4, "
        "rule = ?5, lexicon_version = ?6, answered_at = ?7",
        session.dossier, session.id, answer.score.value(), fmt::format("{}", fmt::join(answer.reasons, ",")),
        answer.rule, answer.lexicon_version, answer.at
    );
}

}  // namespace

std::optional<notify::Dossier> dossier_by_code(Connection& db, const std::string& code) {
    return read_dossier(db.query("SELECT " DOSSIER_COLUMNS " FROM dossiers WHERE code = ?", code));
}

std::optional<notify::Dossier> dossier_by_id(Connection& db, notify::DossierId id) {
    return read_dossier(db.query("SELECT " DOSSIER_COLUMNS " FROM dossiers WHERE id = ?", id));
}

void save_dossier(Connection& db, notify::Dossier& d) {
    if (d.id == notify::DossierId{}) {
        db.run(
            "INSERT INTO dossiers (code, status, status_at, unit, procedure_code, procedure_name, field, "
            "applicant_name, phone, phone_problem, submitted_by, return_by, received_at, due_at, "
            "promised_at, "
            "finished_at, returned_at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            d.code.str(), d.status, d.status_at, d.unit, d.procedure.code, d.procedure.name,
            d.procedure.field, d.applicant_name, number_of(d.phone), d.phone_problem, d.submitted_by,
            d.return_by, d.received_at, d.due_at, d.promised_at, d.finished_at, d.returned_at, d.note
        );
        d.id = notify::DossierId{db.last_id()};
    } else {
        db.run(
            "UPDATE dossiers SET status = ?, status_at = ?, unit = ?, procedure_code = ?, procedure_name = "
            "?, field = ?, "
            "applicant_name = ?, phone = ?, phone_problem = ?, submitted_by = ?, return_by = ?, received_at "
            "= ?, "
            "due_at = ?, promised_at = ?, finished_at = ?, returned_at = ?, note = ? WHERE id = ?",
            d.status, d.status_at, d.unit, d.procedure.code, d.procedure.name, d.procedure.field,
            d.applicant_name, number_of(d.phone), d.phone_problem, d.submitted_by, d.return_by, d.received_at,
            d.due_at, d.promised_at, d.finished_at, d.returned_at, d.note, d.id
        );
    }
    if (!d.procedure.code.empty()) db.pending().procedures[d.procedure.code] = d.procedure.name;
}

std::optional<survey::Session> session_of_phone(Connection& db, notify::PhoneNumber phone) {
    const auto number = phone.subscriber();
    auto open =
        read_session(db.query("SELECT " SESSION_COLUMNS "WHERE s.phone = ? AND s.state IN (0, 1)", number));
    if (open) return open;
    return read_session(
        db.query("SELECT " SESSION_COLUMNS "WHERE s.phone = ? ORDER BY s.asked_at DESC LIMIT 1", number)
    );
}

std::optional<survey::Session> session_by_id(Connection& db, std::int64_t id) {
    return read_session(db.query("SELECT " SESSION_COLUMNS "WHERE s.id = ?", id));
}

void save_session(Connection& db, survey::Session& s) {
    if (s.id == survey::SessionId{}) {
        db.run(
            "INSERT INTO sessions (dossier_id, phone, month, unit, procedure_code, state, asked_at, "
            "expires_at, "
            "unreadable, delivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            s.dossier, s.phone.subscriber(), s.month.number(), s.unit, s.procedure, s.state, s.asked_at,
            s.expires_at, s.unreadable, s.delivered
        );
        s.id = survey::SessionId{db.last_id()};
    } else {
        db.run(
            "UPDATE sessions SET state = ?, unreadable = ?, delivered = ? WHERE id = ?", s.state,
            s.unreadable, s.delivered, s.id
        );
    }
    if (s.answer) save_answer(db, s);
}

bool opted_out(Connection& db, notify::PhoneNumber phone) {
    return db.query("SELECT 1 FROM suppressions WHERE phone = ?", phone.subscriber()).next();
}

// A fact that was overtaken before its SMS was sent, and holds again, is told after all.
bool save_draft(Connection& db, const notify::Draft& draft, const DraftOwner& owner, Time now) {
    const bool saved =
        db.run(
            "INSERT INTO messages (key, dossier_id, session_id, situation, lane, phone, text, ucs2, parts, "
            "repeatable, state, due_at, expires_at, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
            "phone = excluded.phone, text = excluded.text, ucs2 = excluded.ucs2, parts = excluded.parts, "
            "state = 0, due_at = excluded.due_at, expires_at = excluded.expires_at, first_sent_at = NULL, "
            "cause = '', updated_at = excluded.updated_at WHERE state = 9 AND cause = 'overtaken'",
            draft.key, owner.dossier, owner.session, draft.situation, draft.lane, draft.phone.subscriber(),
            draft.text, draft.ucs2, draft.parts, draft.repeatable, draft.due_at, draft.expires_at, now, now
        ) > 0;
    if (!saved)  // it may be under way
        db.run(
            "UPDATE messages SET cause = '' WHERE key = ? AND state = 1 AND cause = 'overtaken'", draft.key
        );
    return saved;
}

void add_tallies(Connection& db, const std::vector<notify::Count>& counts) {
    add_counts(db.pending().tallies, counts);
}

void add_tally(Connection& db, const TallyKey& tally, Counts counts) {
    const auto& [dimension, month, key] = tally;
    if (auto rows = db.query(
            "SELECT counts FROM tallies WHERE dimension = ? AND month = ? AND key = ?", dimension, month, key
        );
        rows.next())
        add_counts(counts, rows.view(0));
    db.run(
        "INSERT INTO tallies VALUES (?1, ?2, ?3, ?4) ON CONFLICT (dimension, month, key) DO UPDATE SET "
        "counts = ?4",
        dimension, month, key, text_of(counts)
    );
}

void write_pending(Connection& db) {
    for (auto& [tally, counts] : db.pending().tallies)
        add_tally(db, tally, std::move(counts));
    for (const auto& [code, name] : db.pending().procedures)
        db.run(
            "INSERT INTO procedures VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET name = ?2 WHERE name <> "
            "?2",
            code, name
        );
    db.pending() = {};
}

void set_timer(Connection& db, TimerKind kind, std::int64_t subject, Time due) {
    db.run(
        "INSERT INTO timers (due_at, kind, subject) VALUES (?1, ?2, ?3) "
        "ON CONFLICT (kind, subject) DO UPDATE SET due_at = ?1",
        due, kind, subject
    );
}

void clear_timer(Connection& db, TimerKind kind, std::int64_t subject) {
    db.run("DELETE FROM timers WHERE kind = ? AND subject = ?", kind, subject);
}

int sources_of(notify::MessageState next) {
    int sources = 0;
    for (const auto from : notify::may_become(next))
        sources |= 1 << static_cast<int>(from);
    return sources;
}

std::optional<Time> earliest(std::optional<Time> a, std::optional<Time> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

}  // namespace gateway::storage
