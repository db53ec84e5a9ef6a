#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/steps.hpp"

namespace gateway::storage {
namespace {

// After an opt-out nothing that still waits for this phone is sent; only the confirmation itself will be.
void cancel_waiting(Connection& db, notify::PhoneNumber phone, Time now) {
    db.run(
        "UPDATE messages SET state = 9, due_at = NULL, cause = 'opted_out', updated_at = ? WHERE phone = ? "
        "AND state IN (0, 2) AND situation <> ?",
        now, phone.subscriber(), survey::opt_out_confirmation
    );
}

// A reminder that waits for the morning, or a repeat of the question.
void cancel_what_asks(Connection& db, const survey::Session& session, Time now) {
    db.run(
        "UPDATE messages SET state = 9, due_at = NULL, cause = 'answered', updated_at = ? WHERE phone = ? "
        "AND state IN (0, 2) AND session_id = ? AND situation IN ('survey_score', 'survey_remind')",
        now, session.phone.subscriber(), session.id
    );
}

// False when the provider has brought it before.
bool keep_inbound(
    Connection& db, const notify::provider::InboundSms& sms, const survey::ReplyDecision& decision,
    const std::optional<notify::PhoneNumber>& phone, const std::optional<survey::Session>& session, Time now
) {
    std::optional<std::int64_t> number;
    if (phone) number = phone->subscriber();
    std::optional<survey::SessionId> session_id;
    if (session) session_id = session->id;
    return db.run(
               "INSERT INTO inbound (provider, key, phone, sender, text, received_at, session_id, taken, "
               "rule, for_person) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, key) DO "
               "NOTHING",
               sms.provider, sms.key, number, phone ? std::string() : sms.from, sms.text, now, session_id,
               survey::to_string(decision.taken), decision.rule, decision.for_person
           ) > 0;
}

}  // namespace

void set_opted_out(Connection& db, notify::PhoneNumber phone, bool out, std::string_view source, Time now) {
    const auto number = phone.subscriber();
    if (!out) {
        db.run("DELETE FROM suppressions WHERE phone = ?", number);
        return;
    }
    db.run(
        "INSERT INTO suppressions (phone, since, source) VALUES (?, ?, ?) ON CONFLICT (phone) DO NOTHING",
        number, now, source
    );
    cancel_waiting(db, phone, now);
}

std::optional<survey::Reply> reply_from(const notify::provider::InboundSms& sms, const Rulebook& rules) {
    const auto phone = notify::PhoneNumber::parse(sms.from, *rules.numbering);
    if (!phone) return std::nullopt;
    return survey::read_reply(sms.provider + "/" + sms.key, *phone, sms.text, rules.survey);
}

survey::InboundResult take_inbound(Connection& db, const Rulebook& rules, const InboundStep& step) {
    const auto& [sms, reply, now, room] = step;
    if (!reply) {
        survey::ReplyDecision decision{.taken = survey::Taken::not_mobile, .for_person = true};
        if (!keep_inbound(db, sms, decision, std::nullopt, std::nullopt, now)) return {.repeated = true};
        return {.taken = decision.taken};
    }
    const survey::Correspondent from{session_of_phone(db, reply->from), opted_out(db, reply->from)};
    const auto& session = from.session;
    auto decision = survey::on_reply(*reply, from, rules.survey, now);
    if (!keep_inbound(db, sms, decision, reply->from, session, now)) return {.repeated = true};
    if (decision.opted_out) set_opted_out(db, reply->from, *decision.opted_out, "reply", now);
    if (decision.next) {
        save_session(db, *decision.next);
        if (decision.next->answer) cancel_what_asks(db, *decision.next, now);
        if (!survey::open(decision.next->state))
            clear_timer(db, TimerKind::expire, static_cast<std::int64_t>(decision.next->id));
    }
    survey::InboundResult result{.taken = decision.taken};
    for (const auto& draft : decision.drafts) {
        DraftOwner owner;
        if (session) owner = {session->dossier, session->id};
        if (room && !result.claimed && draft.due_at <= now)
            result.claimed = queue_claimed(db, draft, owner, *room);
        else if (save_draft(db, draft, owner, now))
            result.outbox_due = earliest(result.outbox_due, draft.due_at);
    }
    add_tallies(db, decision.tally);
    return result;
}

}  // namespace gateway::storage
