// Properties of a message's life: the table of allowed moves, delivery reports in any order, and what any
// answer of a provider may lead to.
#include "notify/outcome.hpp"
#include "tests/support/property.hpp"

#include <algorithm>

namespace {

using config::OutcomeClass;
using notify::MessageState;
using enum MessageState;
using namespace std::chrono_literals;

const auto now = *config::parse_time("2018-01-03T09:00:00+07:00");

rc::Gen<MessageState> any_state() {
    return rc::gen::map(rc::gen::inRange(0, 10), [](int i) { return static_cast<MessageState>(i); });
}

bool final(MessageState state) {
    return state == delivered || state == undelivered || state == rejected || state == expired ||
           state == cancelled;
}

// As the store does: what the table does not allow changes nothing.
MessageState moved(MessageState from, MessageState next) {
    return notify::allowed(from, next) ? next : from;
}

MessageState after(MessageState state, const std::vector<MessageState>& moves) {
    for (const auto next : moves)
        state = moved(state, next);
    return state;
}

RC_GTEST_PROP(MessageProperty, nothing_but_a_replay_moves_a_final_state_back, ()) {
    auto state = *any_state();
    const auto moves = *rc::gen::container<std::vector<MessageState>>(any_state());
    for (const auto next : moves) {
        if (next == queued) continue;  // a replay, which a person asks for
        const auto before = state;
        state = moved(state, next);
        RC_ASSERT(!final(before) || final(state));
        RC_ASSERT(before != delivered || state == delivered);
        RC_ASSERT(before != cancelled || state == cancelled);
    }
}

RC_GTEST_PROP(MessageProperty, a_replay_takes_only_what_was_never_delivered, ()) {
    const auto state = *any_state();
    if (notify::allowed(state, queued)) RC_ASSERT(state == rejected || state == expired || state == unknown);
}

RC_GTEST_PROP(MessageProperty, delivered_wins_over_undelivered_in_any_order_and_repetition, ()) {
    const auto reports = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<MessageState>>(rc::gen::element(delivered, undelivered))
    );
    const auto start = *rc::gen::element(sending, retry, unknown, accepted);
    const bool any = std::ranges::find(reports, delivered) != reports.end();
    RC_ASSERT(after(start, reports) == (any ? delivered : undelivered));
}

RC_GTEST_PROP(MessageProperty, a_report_heard_twice_is_a_report_heard_once, ()) {
    const auto reports =
        *rc::gen::container<std::vector<MessageState>>(rc::gen::element(delivered, undelivered, rejected));
    std::vector<MessageState> twice;
    for (const auto report : reports)
        twice.insert(twice.end(), {report, report});
    const auto start = *any_state();
    RC_ASSERT(after(start, twice) == after(start, reports));
    RC_ASSERT(after(after(start, reports), reports) == after(start, reports));
}

RC_GTEST_PROP(MessageProperty, the_answer_and_the_report_may_come_in_either_order, ()) {
    const auto report = *rc::gen::element(delivered, undelivered, rejected);
    RC_ASSERT(after(sending, {accepted, report}) == after(sending, {report, accepted}));
}

struct Case {
    notify::Outbound message{.phone = notify::PhoneNumber::from_subscriber(912345678)};
    notify::Outcome outcome;
    notify::ResendPolicy policy;
    double jitter = 0;
};

Case any_case() {
    Case c;
    c.message.attempt = *rc::gen::inRange(1, 60);
    c.message.repeatable = *rc::gen::arbitrary<bool>();
    c.message.may_have_arrived = *rc::gen::arbitrary<bool>();
    c.message.first_sent_at = now - std::chrono::minutes(*rc::gen::inRange(0, 5000));
    c.message.expires_at = now + std::chrono::minutes(*rc::gen::inRange(-10, 5000));
    c.outcome.kind = static_cast<OutcomeClass>(*rc::gen::inRange(0, 11));
    c.outcome.code = *rc::gen::element<std::string>("x", std::string(notify::not_reached));
    c.policy.idempotency = std::chrono::hours(*rc::gen::element(0, 1, 24));
    c.jitter = *rc::gen::inRange(0, 1000) / 1000.0;
    return c;
}

RC_GTEST_PROP(OutcomeProperty, every_decision_is_an_allowed_move_with_a_time_that_lies_ahead, ()) {
    const auto c = any_case();
    const auto decision = notify::on_outcome(c.message, c.outcome, c.policy, now, c.jitter);
    RC_ASSERT(notify::allowed(sending, decision.next));
    RC_ASSERT(decision.next != retry || decision.due_at.has_value());
    RC_ASSERT(!final(decision.next) || !decision.due_at);
    if (decision.due_at) RC_ASSERT(*decision.due_at > now && *decision.due_at < c.message.expires_at);
}

RC_GTEST_PROP(OutcomeProperty, what_may_have_arrived_is_sent_again_only_where_that_is_safe, ()) {
    auto c = any_case();
    c.outcome.kind = OutcomeClass::ambiguous;
    const auto decision = notify::on_outcome(c.message, c.outcome, c.policy, now, c.jitter);
    RC_ASSERT(decision.next == unknown);
    if (!decision.due_at) return;
    if (c.policy.idempotency > 0h)
        RC_ASSERT(*decision.due_at < c.message.first_sent_at + c.policy.idempotency);
    else
        RC_ASSERT(c.message.repeatable && c.message.attempt == 1);
}

RC_GTEST_PROP(OutcomeProperty, what_may_have_arrived_is_never_free_for_another_provider, ()) {
    auto c = any_case();
    c.message.may_have_arrived = true;
    const auto decision = notify::on_outcome(c.message, c.outcome, c.policy, now, c.jitter);
    RC_ASSERT(decision.next != retry && decision.next != expired);
    if (decision.due_at) RC_ASSERT(notify::recognised(c.message, c.policy, *decision.due_at));
}

RC_GTEST_PROP(OutcomeProperty, back_off_grows_and_stays_within_its_bounds, ()) {
    const auto attempt = *rc::gen::inRange(1, 1000);
    const auto jitter = *rc::gen::inRange(0, 1000) / 1000.0;
    const auto wait = notify::backoff(attempt, jitter);
    RC_ASSERT(wait >= 2500ms && wait < 45min);
    RC_ASSERT(wait <= notify::backoff(attempt + 1, jitter));
}

}  // namespace
