#include "notify/outcome.hpp"

#include <gtest/gtest.h>

namespace {

using config::OutcomeClass;
using notify::MessageState;
using namespace std::chrono_literals;

const auto now = *config::parse_time("2018-01-03T09:00:00+07:00");

notify::Outbound message(int attempt = 1) {
    return {
        .phone = notify::PhoneNumber::from_subscriber(912345678),
        .attempt = attempt,
        .first_sent_at = now,
        .expires_at = now + 72h
    };
}

notify::OutcomeDecision decide(
    OutcomeClass kind, notify::Outbound m = message(), notify::ResendPolicy policy = {.idempotency = 24h}
) {
    return notify::on_outcome(m, {.kind = kind}, policy, now, 0.5);
}

TEST(Outcome, a_repeat_that_the_provider_recognises_counts_as_accepted) {
    EXPECT_EQ(decide(OutcomeClass::duplicate).next, MessageState::accepted);
}

TEST(Outcome, back_off_doubles_with_jitter_up_to_half_an_hour) {
    EXPECT_EQ(notify::backoff(1, 0.5), 5s);
    EXPECT_EQ(notify::backoff(3, 0.5), 20s);
    EXPECT_EQ(notify::backoff(50, 0.5), 30min);
    EXPECT_EQ(notify::backoff(1, 0.0), 2500ms);
    EXPECT_LT(notify::backoff(1, 0.999), 7500ms);
}

TEST(Outcome, credit_and_configuration_stop_the_lane_and_keep_the_message) {
    for (const auto kind : {OutcomeClass::credit, OutcomeClass::config}) {
        const auto decision = decide(kind);
        EXPECT_EQ(decision.next, MessageState::retry);
        EXPECT_TRUE(decision.stop_lane.has_value());
    }
}

TEST(Outcome, content_and_recipient_are_dead_letters) {
    EXPECT_EQ(decide(OutcomeClass::content).next, MessageState::rejected);
    EXPECT_EQ(decide(OutcomeClass::recipient).next, MessageState::rejected);
    EXPECT_TRUE(decide(OutcomeClass::optout).suppress);
}

TEST(Outcome, a_lost_answer_is_asked_again_only_within_the_providers_window) {
    EXPECT_TRUE(decide(OutcomeClass::ambiguous).due_at.has_value());
    auto old = message(9);
    old.first_sent_at = now - 22h;
    EXPECT_FALSE(decide(OutcomeClass::ambiguous, old).due_at.has_value());
}

TEST(Outcome, without_a_window_a_status_is_repeated_once_and_a_question_never) {
    EXPECT_TRUE(decide(OutcomeClass::ambiguous, message(), {}).due_at.has_value());
    EXPECT_FALSE(decide(OutcomeClass::ambiguous, message(2), {}).due_at.has_value());
    auto question = message();
    question.repeatable = false;
    EXPECT_FALSE(decide(OutcomeClass::ambiguous, question, {}).due_at.has_value());
}

TEST(Outcome, what_could_not_be_handed_over_is_free_before_its_lane_tries_again) {
    const auto decision = notify::on_outcome(
        message(9), {.kind = OutcomeClass::transient, .code = std::string(notify::not_reached)}, {}, now, 0.0
    );
    EXPECT_LT(*decision.due_at - now, notify::backoff(1, 0.0));
}

TEST(Outcome, what_may_have_arrived_stays_with_its_provider_also_when_a_repeat_is_not_taken) {
    for (const auto kind : {OutcomeClass::throttle, OutcomeClass::transient, OutcomeClass::credit}) {
        auto repeat = message(2);
        repeat.may_have_arrived = true;
        EXPECT_EQ(decide(kind, repeat).next, MessageState::unknown);
        EXPECT_TRUE(decide(kind, repeat).due_at.has_value());
        EXPECT_TRUE(decide(kind, repeat, {}).due_at.has_value());  // the one repeat is still owed
        repeat.first_sent_at = now - 22h;
        EXPECT_FALSE(decide(kind, repeat).due_at.has_value());
        EXPECT_EQ(decide(kind, repeat).stop_lane.has_value(), kind == OutcomeClass::credit);
    }
}

TEST(Outcome, a_retry_never_outlives_the_message) {
    auto old = message();
    old.expires_at = now + 1s;
    EXPECT_EQ(decide(OutcomeClass::transient, old).next, MessageState::expired);
}

TEST(MessageStates, final_states_only_leave_by_replay_or_a_truer_report) {
    EXPECT_FALSE(notify::allowed(MessageState::delivered, MessageState::undelivered));
    EXPECT_FALSE(notify::allowed(MessageState::delivered, MessageState::queued));
    EXPECT_FALSE(notify::allowed(MessageState::cancelled, MessageState::sending));
    EXPECT_FALSE(notify::allowed(MessageState::accepted, MessageState::retry));
    EXPECT_TRUE(notify::allowed(MessageState::rejected, MessageState::queued));
    EXPECT_TRUE(notify::allowed(MessageState::undelivered, MessageState::delivered));
}

}  // namespace
