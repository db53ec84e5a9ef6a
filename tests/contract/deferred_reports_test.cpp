// Reports that come together for messages far apart wait in a table and are applied later; they must lead to
// what they would have led to one by one, whatever comes in between. (What the disk may do meanwhile is in
// the play of tests/support/outside.hpp, what kill -9 may do in tests/e2e/report_flood_test.py.)
#include "tests/support/far_apart.hpp"

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

TEST(DeferredReports, are_none_of_a_message_that_may_be_sent_again) {
    FarApart world;
    world.report_together({{0, ReportState::delivered}, {1, ReportState::delivered}});
    ASSERT_EQ(world.deferred_rows(), 1);
    world.sql("UPDATE messages SET state = 3 WHERE provider_message_id = 'p3'");
    world.sql("UPDATE messages SET state = 8 WHERE provider_message_id = 'p4'");
    EXPECT_EQ(world.report_alone({2, ReportState::delivered}), ReportResult::deferred);
    EXPECT_EQ(world.report_alone({3, ReportState::delivered}), ReportResult::recorded);
    EXPECT_EQ(world.report_alone({4, ReportState::delivered}), ReportResult::recorded);
}

TEST(DeferredReports, that_name_our_request_count_for_its_provider_alone) {
    FarApart world;
    world.report_together({{0, ReportState::delivered}, {1, ReportState::delivered}});
    const auto report = [&world](const std::string& provider, int message, ReportState state) {
        for (const auto& view : world.messages())
            if (view.provider_message_id == FarApart::provider_id(message))
                return world.run(world.store().record_report(
                    {.provider = provider,
                     .request_id = world.run(world.store().message(view.id))->request_id,
                     .code = "5",
                     .state = state},
                    world.now
                ));
        throw std::logic_error("no such message");
    };
    EXPECT_EQ(report("stranger", 2, ReportState::rejected), ReportResult::deferred);
    EXPECT_EQ(report("esms", 2, ReportState::delivered), ReportResult::deferred);
    EXPECT_EQ(report("stranger", 3, ReportState::delivered), ReportResult::deferred);
    world.apply();
    EXPECT_EQ(world.states()[2], "delivered");
    EXPECT_EQ(world.states()[3], "accepted");
}

TEST(DeferredReports, are_counted_also_while_they_are_read) {
    FarApart world;
    world.report_together(everyone(ReportState::delivered));
    const auto waiting = world.deferred_rows();
    const auto least = world.run([](FarApart& in) -> boost::asio::awaitable<std::int64_t> {
        const auto executor = co_await boost::asio::this_coro::executor;
        std::int64_t seen = in.store().deferred_reports();
        bool done = false;
        boost::asio::co_spawn(executor, in.store().deferred_run(), [&done](auto&&...) { done = true; });
        while (!done) {
            co_await boost::asio::post(executor, boost::asio::use_awaitable);
            seen = std::min(seen, in.store().deferred_reports());
        }
        co_return seen;
    }(world));
    EXPECT_EQ(least, waiting);
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

TEST(DeferredReports, that_were_read_before_a_message_was_sent_anew_say_nothing_of_it_either) {
    FarApart world;
    world.report_together(everyone(ReportState::rejected));
    world.report_together(everyone(ReportState::delivered));
    const auto run = world.run(world.store().deferred_run());
    const auto apply = [&] {
        world.run(world.store().apply_deferred(run, {.from = 0, .count = run->reports.size()}));
    };
    apply();
    ASSERT_EQ(world.states(), all("rejected"));
    for (const auto& message : world.messages())
        world.run(world.store().replay(message.id, world.now));
    apply();
    EXPECT_EQ(world.states(), all("queued"));
    for (const auto& message : world.claim())
        world.answer(message, OutcomeClass::accepted, "again-" + message.request_id);
    apply();
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

}  // namespace
