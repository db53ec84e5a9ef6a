// Reports that come together for messages far apart wait in a table and are applied later; they must lead to
// what they would have led to one by one, whatever comes in between. (What the disk may do meanwhile is in
// the play of tests/support/outside.hpp, what kill -9 may do in tests/e2e/report_flood_test.py.)
#include "tests/support/far_apart.hpp"
#include "tests/support/property.hpp"

#include <algorithm>

namespace {

using config::OutcomeClass;
using config::ReportState;
using notify::ReportResult;
using testing_support::all;
using testing_support::everyone;
using testing_support::FarApart;
using testing_support::Told;
using namespace std::chrono_literals;

TEST(DeferredReports, of_messages_far_apart_wait_while_there_is_much_to_do_and_are_applied_later) {
    FarApart world;
    const auto results = world.report_together(everyone(ReportState::delivered));
    const auto deferred = std::ranges::count(results, ReportResult::deferred);
    EXPECT_EQ(deferred, FarApart::count - 1);  // all but the first, which is far from nothing
    EXPECT_EQ(results[0], ReportResult::recorded);
    EXPECT_EQ(world.deferred_rows(), deferred);
    EXPECT_EQ(world.store().deferred_reports(), deferred);
    EXPECT_EQ(world.run(world.store().message_states())["reports"], deferred);
    EXPECT_EQ(std::ranges::count(world.states(), "accepted"), deferred);
    EXPECT_EQ(world.apply(), static_cast<std::size_t>(deferred));
    EXPECT_EQ(world.states(), all("delivered"));
    EXPECT_EQ(world.deferred_rows(), 0);
    EXPECT_EQ(world.apply(), 0U);
    EXPECT_EQ(world.run(world.store().message_states())["reports"], 0);
}

TEST(DeferredReports, are_none_where_a_report_comes_alone_or_for_a_neighbour) {
    FarApart world;
    for (const auto& report : everyone(ReportState::delivered))
        EXPECT_EQ(world.report_alone(report), ReportResult::recorded);
    EXPECT_EQ(world.deferred_rows(), 0);
    FarApart neighbours(1);
    neighbours.report_together(everyone(ReportState::delivered));
    EXPECT_EQ(neighbours.states(), all("delivered"));
    EXPECT_EQ(neighbours.deferred_rows(), 0);
}

TEST(DeferredReports, that_are_few_are_applied_in_one_step_and_the_next_one_waits_no_more) {
    FarApart world;
    world.report_together(everyone(ReportState::undelivered));
    ASSERT_GT(world.deferred_rows(), 0);
    EXPECT_EQ(world.report_alone({0, ReportState::delivered}), ReportResult::deferred);
    EXPECT_EQ(world.run(world.store().drain_deferred()), gateway::storage::SqliteStore::Applied::all);
    EXPECT_EQ(world.deferred_rows(), 0);
    EXPECT_EQ(world.states()[0], "delivered");
    EXPECT_EQ(world.report_alone({1, ReportState::delivered}), ReportResult::recorded);
}

TEST(DeferredReports, are_found_after_a_restart) {
    FarApart world;
    world.report_together(everyone(ReportState::delivered));
    const auto left = world.deferred_rows();
    ASSERT_GT(left, 0);
    world.reopen();
    EXPECT_EQ(world.apply(), static_cast<std::size_t>(left));
    EXPECT_EQ(world.states(), all("delivered"));
}

TEST(DeferredReports, are_not_overtaken_by_one_that_must_not_come_before_them) {
    FarApart world;
    const auto results = world.report_together(everyone(ReportState::delivered));
    const auto first = std::ranges::find(results, ReportResult::deferred) - results.begin();
    const int message = everyone(ReportState::delivered)[static_cast<std::size_t>(first)].message;
    EXPECT_EQ(world.report_alone({message, ReportState::rejected}), ReportResult::deferred);
    world.apply();
    EXPECT_EQ(world.states(), all("delivered"));
}

TEST(DeferredReports, keep_the_cause_of_what_was_not_delivered) {
    FarApart world;
    world.report_together(everyone(ReportState::undelivered));
    world.apply();
    EXPECT_EQ(world.states(), all("undelivered"));
    for (const auto& message : world.messages())
        EXPECT_EQ(message.cause, "report_5");
}

TEST(DeferredReports, that_are_applied_again_say_nothing_of_a_message_that_was_sent_anew) {
    FarApart world;
    world.report_together(everyone(ReportState::rejected));
    world.apply(false);  // and then the power fails
    ASSERT_EQ(world.states(), all("rejected"));
    for (const auto& message : world.messages())
        world.run(world.store().replay(message.id, world.now));
    for (const auto& message : world.claim())
        world.answer(message, OutcomeClass::accepted, "again-" + message.request_id);
    ASSERT_EQ(world.states(), all("accepted"));
    world.reopen();
    EXPECT_GT(world.apply(), 0U);
    EXPECT_EQ(world.states(), all("accepted"));
}

TEST(DeferredReports, of_a_question_count_it_as_delivered) {
    FarApart world;
    world.now += 1h;
    for (int i = 0; i < FarApart::count; ++i) {
        auto handed_over = world.event(10, "000.25.15.H09-180103-00" + std::to_string(10 + i));
        handed_over.phone = "09123456" + std::to_string(10 + i);
        world.accept(std::move(handed_over));
    }
    world.now += 25h;
    world.timers();
    world.sql("UPDATE messages SET id = id * 1000 WHERE situation = 'survey_score'");
    int asked = 0;
    for (const auto& message : world.claim())
        world.answer(message, OutcomeClass::accepted, FarApart::provider_id(100 + asked++));
    ASSERT_EQ(asked, FarApart::count);
    std::vector<Told> reports;
    for (int i = 0; i < asked; ++i)
        reports.push_back({100 + i * 5 % asked, ReportState::delivered});
    world.report_together(reports);
    EXPECT_GT(world.deferred_rows(), 0);
    EXPECT_TRUE(world.recount_agrees());
    world.apply();
    EXPECT_EQ(world.tally("delivered"), FarApart::count);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(DeferredReportsProperty, lead_to_the_states_that_the_same_reports_lead_to_one_by_one) {
    property::check_few("reports together and one by one", [] {
        FarApart one_by_one, together;
        std::vector<Told> crowd;
        const auto steps = *rc::gen::inRange(12, 60);
        for (int i = 0; i < steps; ++i) {
            const Told report{*rc::gen::inRange(0, 6), static_cast<ReportState>(*rc::gen::inRange(0, 4))};
            one_by_one.report_alone(report);
            crowd.push_back(report);
            if (*rc::gen::inRange(0, 20) > 0) continue;
            together.report_together(std::exchange(crowd, {}));
            if (*rc::gen::arbitrary<bool>()) together.apply(*rc::gen::arbitrary<bool>());
        }
        together.report_together(crowd);
        together.apply();
        RC_ASSERT(one_by_one.outcomes() == together.outcomes());
        RC_ASSERT(together.recount_agrees());
    });
}

}  // namespace
