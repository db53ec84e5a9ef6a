#include "survey/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace survey {
namespace {

using text::Disposition;

bool dissatisfied(Rating score, const Rules& rules) {
    const auto& low = rules.survey->questionnaire.dissatisfied;
    return std::ranges::find(low, score.value()) != low.end();
}

char folded(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// A shared short code wants our keyword first ("TANUYEN 5"), a per-service opt-out has it last ("TC
// TANUYEN").
std::string without_keyword(const std::string& text, const std::string& keyword) {
    const auto same = [](char a, char b) { return folded(a) == folded(b); };
    const auto word_end = [&](std::size_t at) {
        return at >= text.size() || !std::isalnum(static_cast<unsigned char>(text[at]));
    };
    std::string_view rest = text;
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())))
        rest.remove_prefix(1);
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.back())))
        rest.remove_suffix(1);
    if (keyword.empty() || rest.size() <= keyword.size()) return std::string(rest);
    const auto start = static_cast<std::size_t>(rest.data() - text.data());
    if (std::ranges::equal(rest.substr(0, keyword.size()), keyword, same) && word_end(start + keyword.size()))
        return std::string(rest.substr(keyword.size()));
    const auto tail = rest.size() - keyword.size();
    if (std::ranges::equal(rest.substr(tail), keyword, same) && rest[tail - 1] == ' ')
        return std::string(rest.substr(0, tail));
    return std::string(rest);
}

/// A conversation in progress: the decision so far and what it stands on.
struct Turn {
    const Reply& reply;
    const Session& session;
    const Rules& rules;
    Time now;
    ReplyDecision decision;

    const config::QuestionnaireTexts& texts() const { return rules.survey->questionnaire.texts; }

    void say(std::string_view text, std::string_view situation) {
        if (text.empty()) return;
        auto key = fmt::format("{}/survey/{}/{}", session.dossier_code, situation, reply.key);
        decision.drafts.push_back(
            draft({text, situation, std::move(key)}, session.phone, session.dossier_code, rules, now)
        );
    }
    Session& next() {
        if (!decision.next) decision.next = session;
        return *decision.next;
    }
};

void close_with_thanks(Turn& turn) {
    auto& next = turn.next();
    next.state = SessionState::answered;
    const bool low = dissatisfied(next.answer->score, turn.rules);
    turn.say(low ? turn.texts().thanks_dissatisfied : turn.texts().thanks, "survey_thanks");
}

void take_score(Turn& turn, const text::Reading& reading) {
    auto& next = turn.next();
    turn.decision.taken = Taken::score;
    next.unreadable = 0;
    next.answer = Answer{
        .score = *reading.score,
        .reasons = reading.reasons,
        .rule = reading.rule,
        .lexicon_version = std::string(turn.rules.reader->version()),
        .at = turn.now,
    };
    if (!dissatisfied(*reading.score, turn.rules) || !reading.reasons.empty()) return close_with_thanks(turn);
    next.state = SessionState::reason;
    turn.say(turn.texts().reason, "survey_reason");
}

// Once: asked again. Twice: a person reads it, and nobody is counted as satisfied for it.
void take_unreadable(Turn& turn, std::string_view again, std::string_view situation) {
    auto& next = turn.next();
    turn.decision.taken = Taken::unclear;
    if (++next.unreadable == 1) return turn.say(again, situation);
    turn.decision.for_person = true;
    next.state = next.answer ? SessionState::answered : SessionState::person;
    turn.say(turn.texts().to_person, "survey_to_person");
}

void take_for_person(Turn& turn, Taken taken) {
    turn.decision.taken = taken;
    turn.decision.for_person = true;
}

void answer_to_score(Turn& turn) {
    const auto& reading = turn.reply.as_score;
    turn.decision.rule = reading.rule;
    switch (reading.disposition) {
        case Disposition::score:
            return take_score(turn, reading);
        case Disposition::lookup:
            return take_for_person(turn, Taken::lookup);
        case Disposition::other:
            return take_for_person(turn, Taken::other);
        case Disposition::unclear:
        case Disposition::reasons:
        case Disposition::optout:
        case Disposition::optin:
            return take_unreadable(turn, turn.texts().score_again, "survey_again");
    }
}

void answer_to_reason(Turn& turn) {
    const auto reading = turn.rules.reader->read_reason(turn.reply.words);
    turn.decision.rule = reading.rule;
    if (!reading.reasons.empty()) {
        turn.decision.taken = Taken::reasons;
        auto& next = turn.next();
        next.answer->reasons = reading.reasons;
        next.answer->rule += "; " + reading.rule;
        return close_with_thanks(turn);
    }
    // "I pressed the wrong key, 5": the score itself is put right.
    const auto& again = turn.reply.as_score;
    if (again.disposition == Disposition::score && *again.score != turn.session.answer->score) {
        turn.decision.rule = again.rule;
        if (!dissatisfied(*again.score, turn.rules)) return take_score(turn, again);
        turn.next().answer->score = *again.score;
    }
    if (reading.disposition == Disposition::lookup) return take_for_person(turn, Taken::lookup);
    take_unreadable(turn, turn.texts().reason_again, "survey_reason_again");
}

// Confirmed when it changes something: a machine that answers our confirmation is not answered in turn.
ReplyDecision on_opting(
    const Reply& reply, const Correspondent& from, bool out, const Rules& rules, Time now
) {
    const auto& session = from.session;
    ReplyDecision decision{.taken = out ? Taken::optout : Taken::optin, .opted_out = out};
    const auto& texts = rules.survey->questionnaire.texts;
    const Wording confirmation{
        out ? texts.opted_out : texts.opted_in, out ? opt_out_confirmation : "opted_in", "opting/" + reply.key
    };
    if (out != from.opted_out) decision.drafts.push_back(draft(confirmation, reply.from, "", rules, now));
    if (out && session && open(session->state)) {
        decision.next = session;
        decision.next->state = session->answer ? SessionState::answered : SessionState::refused;
    }
    return decision;
}

}  // namespace

Reply read_reply(std::string key, notify::PhoneNumber from, const std::string& typed, const Rules& rules) {
    auto words = without_keyword(typed, rules.inbound->keyword);
    auto reading = rules.reader->read_score(words);
    return {std::move(key), from, std::move(reading), std::move(words)};
}

ReplyDecision on_reply(const Reply& reply, const Correspondent& from, const Rules& rules, Time now) {
    const auto& first = reply.as_score;
    const auto& session = from.session;
    if (first.disposition == Disposition::optout || first.disposition == Disposition::optin) {
        auto decision = on_opting(reply, from, first.disposition == Disposition::optout, rules, now);
        decision.rule = first.rule;
        return decision;
    }
    if (!session || !open(session->state)) {
        ReplyDecision decision{
            .taken = session ? Taken::late : Taken::no_session, .for_person = true, .rule = first.rule
        };
        return decision;
    }
    Turn turn{reply, *session, rules, now, {}};
    if (session->state == SessionState::asked)
        answer_to_score(turn);
    else
        answer_to_reason(turn);
    if (turn.decision.next)
        turn.decision.tally = notify::difference(
            counts(*session, rules.survey->questionnaire),
            counts(*turn.decision.next, rules.survey->questionnaire)
        );
    return std::move(turn.decision);
}

}  // namespace survey
