// What every store must do when what waits to be told changes: an overtaken fact, another number, a merged
// commune; runs on SQLite.
#include "tests/support/ready.hpp"

namespace {

using config::OutcomeClass;
using namespace std::chrono_literals;
using testing_support::at;
using testing_support::Ready;
using testing_support::World;

notify::DossierEvent with_phone(World& world, int status, const std::string& phone) {
    auto event = world.event(status);
    event.phone = phone;
    return event;
}

TEST(Changes, a_fact_that_was_overtaken_and_holds_again_is_told) {
    World world;
    const auto when = world.now;
    for (const int status : {9, 4, 9}) {
        auto event = world.event(status);
        event.at = when;
        world.accept(event);
    }
    world.now += 10min;
    const auto told = world.claim();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().situation, "result_ready");
}

TEST(Changes, what_a_provider_has_not_taken_is_overtaken_too) {
    World world;
    world.accept(world.event(5));
    world.now += 10min;
    world.answer(world.claim().front(), OutcomeClass::throttle);
    world.accept(world.event(9));
    world.now += 10min;
    const auto told = world.claim();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().situation, "result_ready");
}

TEST(Changes, a_corrected_number_holds_for_what_waits) {
    World world;
    world.accept(world.event(9));
    auto corrected = world.event(9);
    corrected.phone = "0987654321";
    world.accept(corrected);
    world.now += 10min;
    const auto told = world.claim();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().phone.national(), "0987654321");
}

TEST(Changes, what_waits_for_a_number_that_was_withdrawn_is_not_sent) {
    World world;
    world.accept(world.event(9));
    auto corrected = world.event(9);
    corrected.phone = "02743822825";
    world.accept(corrected);
    world.now += 10min;
    EXPECT_TRUE(world.claim().empty());
    EXPECT_EQ(world.messages().back().cause, "number_changed");
}

TEST(Changes, a_mistyped_number_that_is_put_right_loses_nothing) {
    World world;
    world.accept(world.event(9));
    world.accept(with_phone(world, 9, "098765432"));
    EXPECT_EQ(world.state_of_last(), "cancelled");
    world.accept(with_phone(world, 9, "0987654321"));
    world.now += 10min;
    const auto told = world.claim();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().phone.national(), "0987654321");
}

TEST(Changes, what_waits_for_a_better_number_is_overtaken_as_well) {
    World world;
    world.accept(world.event(5));
    world.accept(with_phone(world, 5, "098765432"));
    world.accept(with_phone(world, 9, "0987654321"));
    world.now += 10min;
    const auto told = world.claim();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().situation, "result_ready");
}

TEST(Changes, a_refused_number_that_is_corrected_gets_the_replay) {
    Ready world;
    const auto message = world.claim().front();
    world.answer(message, OutcomeClass::recipient);
    world.accept(with_phone(world, 9, "0987654321"));
    EXPECT_TRUE(world.run(world.store().replay(message.id, world.now)));
    EXPECT_EQ(world.claim().front().phone.national(), "0987654321");
}

TEST(Changes, a_number_corrected_while_an_attempt_is_under_way_gets_the_next_one) {
    Ready world;
    const auto message = world.claim().front();
    world.accept(with_phone(world, 9, "0987654321"));
    world.answer(message, OutcomeClass::throttle);
    world.now += 1min;
    EXPECT_EQ(world.claim().front().phone.national(), "0987654321");
}

TEST(Changes, a_number_withdrawn_while_an_attempt_is_under_way_gets_no_other) {
    Ready world;
    const auto message = world.claim().front();
    world.accept(with_phone(world, 9, "098765432"));
    world.answer(message, OutcomeClass::throttle);
    EXPECT_EQ(world.messages().back().cause, "number_changed");
    EXPECT_EQ(world.state_of_last(), "cancelled");
    world.accept(with_phone(world, 9, "0987654321"));
    world.now += 1min;
    EXPECT_EQ(world.claim().front().phone.national(), "0987654321");
}

TEST(Changes, what_is_overtaken_while_under_way_is_not_tried_again_unless_it_holds_again) {
    for (const bool again : {false, true}) {
        World world;
        world.accept(world.event(9));
        world.now += 10min;
        const auto message = world.claim().front();
        auto supplement = world.event(5), finished = world.event(9);
        supplement.at = finished.at = world.now - 10min;
        world.accept(supplement);
        if (again) world.accept(finished);
        world.answer(message, OutcomeClass::throttle);
        EXPECT_EQ(world.run(world.store().message(message.id))->state, again ? "retry" : "cancelled");
    }
}

TEST(Changes, a_dossier_under_way_when_communes_are_merged_stays_where_it_was_received) {
    for (const auto* const code : {"25939", "25945"}) {
        World world;
        world.now = at("2025-06-20T09:00:00+07:00");
        auto received = world.event(2);
        received.commune = "25939";
        world.accept(received);
        const auto unit = world.run(world.store().dossier(received.dossier))->unit;
        world.now = at("2025-07-03T09:00:00+07:00");
        auto finished = world.event(9);
        finished.commune = code;
        EXPECT_EQ(world.accept(finished).each.front().kind, notify::EventResult::Kind::accepted) << code;
        EXPECT_EQ(world.run(world.store().dossier(received.dossier))->unit, unit) << code;
        EXPECT_TRUE(world.recount_agrees());
    }
}

}  // namespace
