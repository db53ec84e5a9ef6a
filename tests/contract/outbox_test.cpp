// What every store must do with events, messages and reports; runs on SQLite.
#include "tests/support/ready.hpp"

namespace {

using config::OutcomeClass;
using config::ReportState;
using namespace std::chrono_literals;
using testing_support::at;
using testing_support::Ready;
using testing_support::World;

TEST(Outbox, a_finished_dossier_tells_the_citizen_once_however_often_the_event_comes) {
    World world;
    world.accept(world.event(2));
    world.now += 1h;
    world.accept(world.event(9));
    const auto again = world.event(9);
    EXPECT_EQ(world.accept(again).each.front().kind, notify::EventResult::Kind::accepted);
    EXPECT_EQ(world.accept(again).each.front().kind, notify::EventResult::Kind::duplicate);
    ASSERT_EQ(world.messages().size(), 1U);
    EXPECT_EQ(world.messages().front().situation, "result_ready");
}

TEST(Outbox, only_the_newest_of_several_facts_within_minutes_is_sent) {
    World world;
    auto online = world.event(1);
    online.submitted_by = notify::Channel::online;
    world.accept(online);
    world.now += 30s;
    world.accept(world.event(2));
    const auto messages = world.messages();
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].state, "cancelled");
    EXPECT_EQ(messages[1].state, "queued");
    world.now += 10min;
    ASSERT_EQ(world.claim().size(), 1U);
}

TEST(Outbox, a_result_handed_over_at_once_is_not_announced_any_more) {
    World world;
    world.accept(world.event(9));
    world.now += 1min;
    world.accept(world.event(10));
    EXPECT_EQ(world.state_of_last(), "cancelled");
}

TEST(Outbox, history_is_kept_without_a_sound) {
    World world;
    auto old = world.event(9);
    old.at = world.now - std::chrono::days(4);
    old.received_at = old.at;
    const auto result = world.accept(old);
    EXPECT_EQ(result.each.front().silent_cause, "stale");
    EXPECT_TRUE(world.messages().empty());
    EXPECT_EQ(world.tally("resolved", "2017-12"), 1);
}

TEST(Outbox, a_bad_phone_number_is_a_warning_and_the_dossier_is_kept) {
    World world;
    auto event = world.event(9);
    event.phone = "0274 3822 825";
    const auto result = world.accept(event).each.front();
    EXPECT_EQ(result.kind, notify::EventResult::Kind::accepted);
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_EQ(result.warnings.front().pointer, "/applicant/phone");
    EXPECT_EQ(result.warnings.front().code, "landline");
    EXPECT_EQ(result.silent_cause, "no_phone");
    EXPECT_TRUE(world.run(world.store().dossier(event.dossier)).has_value());
}

TEST(Outbox, an_event_of_an_unknown_commune_is_refused_and_nothing_is_kept) {
    World world;
    auto event = world.event(2);
    event.commune = "99999";
    const auto result = world.accept(event).each.front();
    EXPECT_EQ(result.kind, notify::EventResult::Kind::rejected);
    EXPECT_EQ(result.refusal->code, "unknown_commune");
    EXPECT_FALSE(world.run(world.store().dossier(event.dossier)).has_value());
}

TEST(Outbox, a_unit_code_is_looked_up_with_the_date_of_the_event) {
    World world;
    world.now = at("2025-08-01T09:00:00+07:00");
    auto event = world.event(2);
    event.commune = "25888";
    event.received_at = world.now;
    world.accept(event);
    EXPECT_EQ(world.run(world.store().dossier(event.dossier))->unit, "25888@2025-07-01");
}

TEST(Outbox, nothing_is_sent_at_night) {
    World world;
    world.now = at("2018-01-03T21:30:00+07:00");
    world.accept(world.event(9));
    world.now = at("2018-01-04T06:59:00+07:00");
    EXPECT_TRUE(world.claim().empty());
    world.now = at("2018-01-04T07:00:00+07:00");
    EXPECT_EQ(world.claim().size(), 1U);
}

TEST(Outbox, what_waited_through_an_outage_is_not_sent_at_night_either) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::transient);
    world.now = at("2018-01-03T22:00:00+07:00");
    const auto claimed = world.run(world.store().claim({.provider = "esms", .limit = 10, .now = world.now}));
    EXPECT_TRUE(claimed.messages.empty());
    EXPECT_EQ(claimed.next_due, at("2018-01-04T07:00:00+07:00"));
}

TEST(Outbox, a_claimed_message_is_claimed_by_nobody_else) {
    Ready world;
    EXPECT_EQ(world.claim().size(), 1U);
    EXPECT_TRUE(world.claim().empty());
}

TEST(Outbox, an_accepted_message_becomes_delivered_by_its_report) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::accepted, "sms-1");
    EXPECT_EQ(world.state_of_last(), "accepted");
    EXPECT_EQ(world.report("sms-1", ReportState::delivered), notify::ReportResult::recorded);
    EXPECT_EQ(world.state_of_last(), "delivered");
}

TEST(Outbox, late_repeated_and_reordered_reports_never_move_a_message_backwards) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::accepted, "sms-1");
    world.report("sms-1", ReportState::delivered);
    EXPECT_EQ(world.report("sms-1", ReportState::delivered), notify::ReportResult::repeated);
    EXPECT_EQ(world.report("sms-1", ReportState::undelivered), notify::ReportResult::repeated);
    EXPECT_EQ(world.report("sms-1", ReportState::pending), notify::ReportResult::pending);
    EXPECT_EQ(world.state_of_last(), "delivered");
}

TEST(Outbox, a_report_that_overtakes_the_answer_is_kept_and_matched_later) {
    Ready world;
    const auto message = world.claim().front();
    EXPECT_EQ(world.report("sms-1", ReportState::delivered), notify::ReportResult::kept_unmatched);
    world.answer(message, OutcomeClass::accepted, "sms-1");
    EXPECT_EQ(world.state_of_last(), "delivered");
}

TEST(Outbox, a_transient_failure_is_tried_again_later_with_the_same_request_id) {
    Ready world;
    const auto first = world.claim().front();
    world.answer(first, OutcomeClass::transient);
    EXPECT_EQ(world.state_of_last(), "retry");
    EXPECT_TRUE(world.claim().empty());
    world.now += 1min;
    const auto second = world.claim();
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second.front().request_id, first.request_id);
    EXPECT_EQ(second.front().attempt, 2);
}

TEST(Outbox, an_answer_that_got_lost_is_asked_for_again_where_the_provider_knows_the_request_id) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::ambiguous, "", 24h);
    EXPECT_EQ(world.state_of_last(), "unknown");
    world.now += 1min;
    EXPECT_EQ(world.claim().size(), 1U);
}

TEST(Outbox, a_survey_question_whose_fate_is_unknown_is_never_repeated_blindly) {
    Ready world;
    auto message = world.claim().front();
    message.repeatable = false;
    world.answer(message, OutcomeClass::ambiguous, "", 0h);
    world.now += std::chrono::days(2);
    EXPECT_TRUE(world.claim().empty());
    EXPECT_EQ(world.state_of_last(), "unknown");
}

TEST(Outbox, a_code_that_no_profile_knows_is_held_and_not_repeated) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::unknown);
    world.now += std::chrono::days(1);
    EXPECT_TRUE(world.claim().empty());
    EXPECT_EQ(world.state_of_last(), "unknown");
}

TEST(Outbox, a_dead_letter_can_be_replayed) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::content);
    EXPECT_EQ(world.state_of_last(), "rejected");
    EXPECT_TRUE(world.run(world.store().replay(message.id, world.now)));
    EXPECT_EQ(world.claim().size(), 1U);
    EXPECT_FALSE(world.run(world.store().replay(message.id, world.now)));
}

TEST(Outbox, what_is_held_as_unknown_goes_out_again_when_a_person_decides_so) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::unknown);
    EXPECT_TRUE(world.run(world.store().replay(message.id, world.now)));
    EXPECT_EQ(world.claim().size(), 1U);
}

TEST(Outbox, without_credit_at_one_provider_a_message_is_soon_free_for_another) {
    Ready world;
    EXPECT_TRUE(world.answer(world.claim().front(), OutcomeClass::credit).stop_lane.has_value());
    world.now += 1min;
    const auto claimed =
        world.run(world.store().claim({.provider = "another", .limit = 10, .now = world.now}));
    EXPECT_EQ(claimed.messages.size(), 1U);
}

TEST(Outbox, what_only_a_provider_that_is_gone_could_repeat_is_left_to_a_person_at_the_start) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::ambiguous);
    world.reopen();
    world.run(world.store().recover({{"esms", {}}}, world.now));
    EXPECT_TRUE(world.run(world.store().message(message.id))->due_at.has_value());
    world.reopen();
    world.run(world.store().recover({{"another", {}}}, world.now));
    const auto left = world.run(world.store().message(message.id));
    EXPECT_EQ(left->state, "unknown");
    EXPECT_FALSE(left->due_at.has_value());
    EXPECT_TRUE(world.run(world.store().replay(message.id, world.now)));
}

std::vector<notify::Outbound> claim_by(World& world, const std::string& provider) {
    const notify::ResendPolicy day{.idempotency = 24h};
    return world
        .run(world.store().claim({.provider = provider, .limit = 10, .now = world.now, .policy = day}))
        .messages;
}

TEST(Outbox, what_may_have_arrived_at_one_provider_never_goes_to_another) {
    for (const auto then : {OutcomeClass::throttle, OutcomeClass::transient, OutcomeClass::credit}) {
        Ready world;
        world.answer(claim_by(world, "esms").front(), OutcomeClass::ambiguous);
        world.now += 1min;
        world.answer(claim_by(world, "esms").front(), then);
        EXPECT_EQ(world.state_of_last(), "unknown");
        world.now += 10min;
        EXPECT_TRUE(claim_by(world, "another").empty());
        EXPECT_EQ(claim_by(world, "esms").size(), 1U);
    }
}

TEST(Outbox, a_repeat_that_waited_too_long_for_its_request_id_is_not_sent) {
    Ready world;
    world.answer(claim_by(world, "esms").front(), OutcomeClass::ambiguous);
    world.now += 23h;
    EXPECT_TRUE(claim_by(world, "esms").empty());
    EXPECT_EQ(world.state_of_last(), "unknown");
    EXPECT_FALSE(world.messages().back().due_at.has_value());
}

TEST(Outbox, an_event_id_of_another_dossier_is_refused) {
    World world;
    auto first = world.event(2), second = world.event(2, "000.25.15.H09-180103-0002");
    second.event_id = first.event_id;
    world.accept(first);
    const auto result = world.accept(second).each.front();
    EXPECT_EQ(result.kind, notify::EventResult::Kind::rejected);
    EXPECT_EQ(result.refusal->pointer, "/event_id");
    EXPECT_EQ(world.accept(first).each.front().kind, notify::EventResult::Kind::duplicate);
}

TEST(Outbox, of_reports_that_match_nothing_the_newest_are_kept) {
    Ready world;
    const auto message = world.claim().front();
    gateway::storage::Connection db(world.file(), gateway::storage::Connection::Mode::read_write);
    db.run(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100500) "
        "INSERT INTO unmatched_reports SELECT 'esms', 'strange-' || i, 5, '5', ? + i FROM n",
        world.now - 1h
    );
    std::vector<boost::asio::awaitable<notify::ReportResult>> strangers;
    for (int i = 0; i < 1000; ++i)
        strangers.push_back(world.store().record_report(
            {.provider = "esms",
             .provider_message_id = "stranger-" + std::to_string(i),
             .state = ReportState::delivered},
            world.now
        ));
    world.run_together(std::move(strangers));
    world.report("mine", config::ReportState::delivered);
    auto rows = db.query("SELECT count(*), sum(provider_message_id = 'strange-1') FROM unmatched_reports");
    ASSERT_TRUE(rows.next());
    EXPECT_NEAR(static_cast<double>(rows.integer(0)), 100'000, 2);
    EXPECT_EQ(rows.integer(1), 0);
    world.answer(message, OutcomeClass::accepted, "mine");
    EXPECT_EQ(world.state_of_last(), "delivered");
}

TEST(Outbox, a_message_whose_time_has_passed_becomes_a_dead_letter_and_is_not_sent) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::transient);
    world.now += std::chrono::days(10);
    EXPECT_TRUE(world.claim().empty());
    EXPECT_EQ(world.state_of_last(), "expired");
}

TEST(Outbox, what_was_with_the_provider_when_the_process_died_counts_as_unanswered) {
    Ready world;
    const auto before = world.claim().front();
    world.reopen();
    EXPECT_EQ(world.run(world.store().recover({{"esms", {.idempotency = 24h}}}, world.now)), 1);
    EXPECT_EQ(world.state_of_last(), "unknown");
    world.now += 1min;
    const auto after = world.claim();
    ASSERT_EQ(after.size(), 1U);
    EXPECT_EQ(after.front().request_id, before.request_id);
}

TEST(Outbox, a_recipient_who_refused_at_the_provider_is_not_written_to_again) {
    Ready world;
    world.answer(world.claim().front(), OutcomeClass::optout);
    EXPECT_EQ(world.accept(world.event(5)).each.front().silent_cause, "opted_out");
}

TEST(Outbox, every_attempt_is_kept_with_its_outcome) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::throttle);
    world.now += 1min;
    world.answer(world.claim().front(), OutcomeClass::accepted, "sms-1");
    const auto life = world.run(world.store().message(message.id));
    ASSERT_EQ(life->attempts.size(), 2U);
    EXPECT_EQ(life->attempts[0].outcome, "throttle");
    EXPECT_EQ(life->attempts[1].outcome, "accepted");
}

TEST(Outbox, an_attempt_is_seen_while_it_is_under_way_and_when_a_report_settles_it_first) {
    Ready world;
    const auto message = world.claim().front();
    const auto attempts = [&] { return world.run(world.store().message(message.id))->attempts; };
    ASSERT_EQ(attempts().size(), 1U);
    EXPECT_EQ(attempts().front().started_at, world.now);
    world.run(world.store().record_report(
        {.provider = "esms", .request_id = message.request_id, .state = ReportState::delivered}, world.now
    ));
    ASSERT_EQ(attempts().size(), 1U);  // also if the answer never comes
    EXPECT_EQ(attempts().front().outcome, "");
    world.answer(message, OutcomeClass::accepted, "sms-1");
    ASSERT_EQ(attempts().size(), 1U);
    EXPECT_EQ(attempts().front().outcome, "accepted");
    EXPECT_EQ(world.state_of_last(), "delivered");
    EXPECT_EQ(world.messages().back().provider_message_id, "sms-1");
}

TEST(Outbox, messages_are_found_by_each_state) {
    Ready world;
    const auto found = [&](notify::MessageState state) {
        return world.run(world.store().messages({.state = state})).size();
    };
    using enum notify::MessageState;
    EXPECT_EQ(found(queued), 1U);
    const auto message = world.claim().front();
    EXPECT_EQ(found(queued), 0U);
    EXPECT_EQ(found(sending), 1U);
    world.answer(message, OutcomeClass::throttle);
    EXPECT_EQ(found(retry), 1U);
    world.now += 1min;
    world.answer(world.claim().front(), OutcomeClass::accepted, "sms-1");
    EXPECT_EQ(found(accepted), 1U);
    world.report("sms-1", ReportState::undelivered);
    EXPECT_EQ(found(accepted), 0U);
    EXPECT_EQ(found(undelivered), 1U);
}

TEST(Outbox, a_second_daemon_on_the_same_database_is_refused) {
    World world;
    const auto first = gateway::storage::lock_for_daemon(world.file());
    ASSERT_TRUE(first.has_value());
    const auto second = gateway::storage::lock_for_daemon(world.file());
    ASSERT_FALSE(second.has_value());
    EXPECT_NE(second.error().find("another hoiam serve"), std::string::npos);
}

TEST(Outbox, one_failing_step_hurts_none_of_its_neighbours) {
    World world;
    boost::asio::io_context context;
    gateway::storage::Writer writer(world.folder.path() / "other.db");
    const auto failing = [](gateway::storage::Connection& db) {
        db.run("INSERT INTO meta VALUES ('half', 'done')");
        throw std::runtime_error("a bad step");
        return true;
    };
    const auto good = [](gateway::storage::Connection& db) {
        return db.run("INSERT INTO meta VALUES ('good', 'yes')");
    };
    auto first = boost::asio::co_spawn(context, writer.run(failing), boost::asio::use_future);
    auto second = boost::asio::co_spawn(context, writer.run(good), boost::asio::use_future);
    context.run();
    EXPECT_THROW(first.get(), std::runtime_error);
    EXPECT_EQ(second.get(), 1);
    const auto count = [](gateway::storage::Connection& db) {
        auto rows = db.query("SELECT count(*) FROM meta WHERE key IN ('half', 'good')");
        rows.next();
        return rows.integer(0);
    };
    context.restart();
    auto third = boost::asio::co_spawn(context, writer.run(count), boost::asio::use_future);
    context.run();
    EXPECT_EQ(third.get(), 1);
}

}  // namespace
