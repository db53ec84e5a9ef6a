// What every store must do with surveys and replies; runs on SQLite.
#include "tests/support/asked.hpp"

#include <algorithm>

namespace {

using namespace std::chrono_literals;
using testing_support::Asked;
using testing_support::at;
using testing_support::World;

TEST(Survey, a_returned_result_is_asked_about_after_the_delay) {
    World world;
    world.accept(world.event(10));
    EXPECT_EQ(world.timers().ran, 0);
    world.now += 25h;
    EXPECT_EQ(world.timers().ran, 1);
    const auto question = world.messages().back();
    EXPECT_EQ(question.situation, "survey_score");
    EXPECT_NE(question.text.find("8079"), std::string::npos);
    EXPECT_NE(question.text.find("TANUYEN"), std::string::npos);
    EXPECT_NE(question.text.find("mien phi"), std::string::npos);
    EXPECT_NE(question.text.find("1=Rat khong hai long"), std::string::npos);
    EXPECT_EQ(world.tally("invited"), 1);
}

TEST(Survey, a_delay_that_was_shortened_since_leaves_what_is_due_later) {
    World world;
    world.accept(world.event(10));
    world.now += std::chrono::days(20);
    {
        gateway::storage::Connection db(world.file(), gateway::storage::Connection::Mode::read_write);
        db.run("UPDATE timers SET due_at = ?", world.now);
    }
    world.timers();
    EXPECT_EQ(world.messages().back().situation, "survey_score");
}

TEST(Survey, its_messages_can_be_left_out_of_a_list) {
    Asked world;
    world.reply("1");
    EXPECT_EQ(world.last_situation(), "survey_reason");
    world.accept(world.event(9, "000.25.15.H09-180103-0002"));
    EXPECT_EQ(world.run(world.store().messages({})).size(), 3U);
    const auto others = world.run(world.store().messages({.surveys = false}));
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(others.front().situation, "result_ready");
}

TEST(Survey, nobody_is_asked_or_reminded_long_after_the_time) {
    World world(testing_support::esms_configuration + "[survey]\nremind_after = \"1d\"\n");
    world.accept(world.event(10));
    auto other = world.event(10, "000.25.15.H09-180103-0002");
    other.phone = "0912345679";
    other.at = world.now + 60h;  // within the ten minutes that clocks may differ, once the time has come
    world.now += 60h;
    world.accept(other);
    world.timers();
    EXPECT_EQ(world.messages().size(), 1U) << "the first is asked a day and a half late";
    world.now += std::chrono::days(120);
    world.timers();
    EXPECT_EQ(world.messages().size(), 1U) << "the second is asked, or the first reminded, after four months";
    EXPECT_EQ(world.tally("invited"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, a_reminder_that_still_waits_goes_with_the_answer) {
    for (const auto* const answer : {"5", "1", "alo"}) {
        Asked world(testing_support::esms_configuration + "[survey]\nremind_after = \"1d\"\n");
        world.now += 25h;
        world.timers();
        ASSERT_EQ(world.last_situation(), "survey_remind");
        const auto reminder = world.messages().back().id;
        world.reply(answer);
        EXPECT_EQ(world.run(world.store().message(reminder))->state, *answer == 'a' ? "queued" : "cancelled");
    }
}

TEST(Survey, a_refused_dossier_is_asked_about_too) {
    World world;
    world.accept(world.event(8));
    world.now += 25h;
    world.timers();
    EXPECT_EQ(world.messages().back().situation, "survey_score");
}

TEST(Survey, a_dossier_that_is_taken_up_again_is_asked_about_when_it_is_closed_again) {
    World world;
    world.accept(world.event(8));
    world.now += 1h;
    world.accept(world.event(4));
    world.now += 25h;
    world.timers();
    EXPECT_EQ(world.tally("invited"), 0);
    world.accept(world.event(10));
    world.now += 25h;
    world.timers();
    EXPECT_EQ(world.messages().back().situation, "survey_score");
    EXPECT_EQ(world.tally("invited"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, a_good_score_is_thanked_for_and_counted) {
    Asked world;
    EXPECT_EQ(world.reply("5").taken, survey::Taken::score);
    EXPECT_EQ(world.last_situation(), "survey_thanks");
    EXPECT_EQ(world.tally("answered"), 1);
    EXPECT_EQ(world.tally("score_5"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, who_answers_at_night_is_answered_at_once) {
    Asked world;
    world.now = at("2018-01-04T22:00:00+07:00");
    world.claim();
    world.reply("2");
    ASSERT_EQ(world.claim().size(), 1U);
    EXPECT_EQ(world.last_situation(), "survey_reason");
}

TEST(Survey, an_answer_for_which_a_provider_has_room_is_claimed_with_the_reply) {
    Asked world;
    for (const auto& question : world.claim())
        world.answer(question, config::OutcomeClass::accepted, "sms-1");
    const auto result = world.reply("2", "84912345678", notify::Claim{.provider = "esms", .now = world.now});
    ASSERT_TRUE(result.claimed.has_value());
    EXPECT_FALSE(result.outbox_due.has_value());
    EXPECT_TRUE(world.claim().empty()) << "it would go out twice";
    const auto kept = world.messages().back();
    EXPECT_EQ(kept.state, "sending");
    EXPECT_EQ(kept.situation, "survey_reason");
    EXPECT_EQ(result.claimed->id, kept.id);
    EXPECT_EQ(result.claimed->text, kept.text);
    EXPECT_EQ(result.claimed->request_id, world.run(world.store().message(kept.id))->request_id);
    EXPECT_EQ(result.claimed->phone.e164(), "+84912345678");
    EXPECT_EQ(result.claimed->attempt, 1);
    world.answer(*result.claimed, config::OutcomeClass::accepted, "sms-2");
    EXPECT_EQ(world.messages().back().state, "accepted");
    EXPECT_EQ(world.report("sms-2", config::ReportState::delivered), notify::ReportResult::recorded);
}

TEST(Survey, an_answer_claimed_with_the_reply_and_never_sent_counts_as_unanswered_after_a_crash) {
    Asked world;
    for (const auto& question : world.claim())
        world.answer(question, config::OutcomeClass::accepted, "sms-1");
    const auto claimed =
        world.reply("5", "84912345678", notify::Claim{.provider = "esms", .now = world.now}).claimed;
    world.reopen();
    EXPECT_EQ(
        world.run(world.store().recover({{"esms", {.idempotency = std::chrono::hours(24)}}}, world.now)), 1
    );
    world.now += std::chrono::minutes(30);
    const auto again = world.claim();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front().request_id, claimed->request_id);
    EXPECT_EQ(again.front().attempt, 2);
}

TEST(Survey, a_reply_that_came_before_claims_nothing_again) {
    Asked world;
    const notify::provider::InboundSms sms{
        .provider = "esms", .key = "once", .from = "84912345678", .text = "5"
    };
    const notify::Claim room{.provider = "esms", .now = world.now};
    EXPECT_TRUE(world.run(world.store().take_inbound(sms, world.now, room)).claimed.has_value());
    EXPECT_FALSE(world.run(world.store().take_inbound(sms, world.now, room)).claimed.has_value());
}

TEST(Survey, the_keyword_before_the_answer_is_not_part_of_it) {
    Asked world;
    world.reply("tanuyen 4");
    EXPECT_EQ(world.tally("score_4"), 1);
}

TEST(Survey, a_low_score_brings_the_question_for_the_reason) {
    Asked world;
    world.reply("2");
    EXPECT_EQ(world.last_situation(), "survey_reason");
    EXPECT_EQ(world.reply("tre hen ca tuan").taken, survey::Taken::reasons);
    EXPECT_EQ(world.last_situation(), "survey_thanks");
    EXPECT_EQ(world.tally("dissatisfied"), 1);
    EXPECT_EQ(world.tally("reason_late"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, score_and_reason_in_one_reply_skip_the_second_question) {
    Asked world;
    world.reply("1. tre hen");
    EXPECT_EQ(world.last_situation(), "survey_thanks");
    EXPECT_EQ(world.tally("reason_late"), 1);
}

TEST(Survey, what_cannot_be_read_is_asked_again_once_and_then_kept_for_a_person) {
    Asked world;
    EXPECT_EQ(world.reply("hhjkk").taken, survey::Taken::unclear);
    EXPECT_EQ(world.last_situation(), "survey_again");
    EXPECT_EQ(world.reply("xyzzy").taken, survey::Taken::unclear);
    EXPECT_EQ(world.last_situation(), "survey_to_person");
    EXPECT_EQ(world.tally("answered"), 0);
    EXPECT_EQ(world.run(world.store().message_states())["inbound_for_person"], 1);
}

TEST(Survey, a_readable_reply_after_an_unreadable_one_counts) {
    Asked world;
    world.reply("hhjkk");
    world.reply("4");
    EXPECT_EQ(world.tally("score_4"), 1);
}

TEST(Survey, a_dossier_has_one_answer) {
    Asked world;
    world.reply("5");
    EXPECT_EQ(world.reply("1").taken, survey::Taken::late);
    EXPECT_EQ(world.tally("answered"), 1);
    EXPECT_EQ(world.tally("score_1"), 0);
}

TEST(Survey, a_repeated_inbound_sms_changes_nothing) {
    Asked world;
    const notify::provider::InboundSms sms{
        .provider = "esms", .key = "same", .from = "84912345678", .to = "8079", .text = "hhjkk"
    };
    EXPECT_FALSE(world.run(world.store().take_inbound(sms, world.now, {})).repeated);
    EXPECT_TRUE(world.run(world.store().take_inbound(sms, world.now, {})).repeated);
    EXPECT_EQ(world.last_situation(), "survey_again");
}

TEST(Survey, an_opt_out_is_confirmed_and_ends_all_messages_until_the_opt_in) {
    Asked world;
    EXPECT_EQ(world.reply("TC").taken, survey::Taken::optout);
    EXPECT_EQ(world.last_situation(), "opted_out");
    auto next = world.event(9, "000.25.15.H09-180103-0002");
    EXPECT_EQ(world.accept(next).each.front().silent_cause, "opted_out");
    EXPECT_EQ(world.reply("DK").taken, survey::Taken::optin);
    auto later = world.event(9, "000.25.15.H09-180103-0003");
    EXPECT_EQ(world.accept(later).each.front().silent_cause, "");
}

TEST(Survey, a_question_about_the_dossier_goes_to_a_person_and_the_survey_waits_on) {
    Asked world;
    EXPECT_EQ(world.reply("ho so cua toi toi dau roi").taken, survey::Taken::lookup);
    world.reply("5");
    EXPECT_EQ(world.tally("score_5"), 1);
}

TEST(Survey, silence_is_no_answer) {
    Asked world;
    world.now += std::chrono::days(4);
    world.timers();
    EXPECT_EQ(world.tally("answered"), 0);
    EXPECT_EQ(world.reply("5").taken, survey::Taken::late);
    EXPECT_EQ(world.tally("answered"), 0);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, a_low_score_without_its_reason_is_an_answer_all_the_same) {
    Asked world;
    world.reply("1");
    world.now += std::chrono::days(4);
    world.timers();
    EXPECT_EQ(world.tally("answered"), 1);
    EXPECT_EQ(world.tally("dissatisfied"), 1);
}

TEST(Survey, who_pressed_the_wrong_key_can_put_the_score_right_when_asked_for_the_reason) {
    Asked world;
    world.reply("1");
    world.reply("5 nhe toi bam nham");
    EXPECT_EQ(world.tally("score_1"), 0);
    EXPECT_EQ(world.tally("score_5"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, a_phone_is_not_asked_again_within_the_pause) {
    Asked world;
    world.reply("5");
    world.accept(world.event(10, "000.25.15.H09-180103-0002"));
    world.now += 25h;
    world.timers();
    EXPECT_EQ(world.tally("invited"), 1);
}

TEST(Survey, an_answer_counts_in_the_month_and_under_the_unit_of_the_returned_result) {
    World world;
    world.now = at("2018-01-31T10:00:00+07:00");
    world.accept(world.event(2));
    world.accept(world.event(10));
    world.now += 25h;
    world.timers();
    world.reply("4");
    const auto january = *config::Month::parse("2018-01");
    const auto rows = world.run(world.store().tallies({january, january}, survey::By::commune));
    const auto unit = std::ranges::find(rows, std::string("25915@2013-12-29"), &survey::TallyRow::key);
    ASSERT_NE(unit, rows.end());
    EXPECT_EQ(unit->name, "Xã Hội Nghĩa");
    EXPECT_EQ(unit->count("score_4"), 1);
}

TEST(Survey, the_delivery_of_the_question_is_counted) {
    Asked world;
    for (const auto& message : world.claim())
        world.answer(message, config::OutcomeClass::accepted, "sms-" + message.situation);
    world.report("sms-survey_score", config::ReportState::delivered);
    EXPECT_EQ(world.tally("delivered"), 1);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Survey, an_sms_from_something_that_is_no_mobile_is_kept_for_a_person) {
    World world;
    EXPECT_EQ(world.reply("quang cao", "VIETTEL").taken, survey::Taken::not_mobile);
    EXPECT_EQ(world.run(world.store().message_states())["inbound_for_person"], 1);
}

TEST(Survey, a_wrong_tally_is_found_and_mended_by_the_recount) {
    Asked world;
    world.reply("5");
    gateway::storage::Connection connection(world.file(), gateway::storage::Connection::Mode::read_write);
    connection.run("UPDATE tallies SET counts = replace(counts, 'score_5=1', 'score_5=2')");
    EXPECT_FALSE(world.recount_agrees());
    gateway::storage::repair(connection, world.settings.survey.questionnaire);
    EXPECT_TRUE(world.recount_agrees());
}

}  // namespace
