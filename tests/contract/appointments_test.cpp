// What every store must do when an appointment is moved or passes; runs on SQLite.
#include "tests/support/world.hpp"

namespace {

using namespace std::chrono_literals;
using testing_support::World;

TEST(Appointments, a_passed_appointment_brings_one_apology) {
    World world;
    auto event = world.event(2);
    event.due_at = world.now + 4h;
    world.accept(event);
    EXPECT_EQ(world.timers().ran, 0);
    world.now += 5h;
    EXPECT_EQ(world.timers().ran, 1);
    EXPECT_EQ(world.messages().back().situation, "late");
    EXPECT_EQ(world.timers().ran, 0);
    EXPECT_EQ(world.messages().size(), 1U);
}

TEST(Appointments, an_event_that_comes_late_keeps_the_appointment_or_brings_it) {
    for (const bool told_late : {false, true}) {
        World world;
        auto received = world.event(2);
        if (!told_late) received.due_at = world.now + 4h;
        world.accept(received);
        auto processing = world.event(4);
        processing.at = world.now + 1h;
        auto again = world.event(2);
        again.due_at = world.now + 4h;
        world.now += 2h;
        world.accept(processing);
        EXPECT_EQ(world.accept(again).each.front().silent_cause, "overtaken");
        world.now += 5h;
        EXPECT_EQ(world.timers().ran, 1);
        EXPECT_EQ(world.messages().back().situation, "late");
    }
}

TEST(Appointments, a_new_appointment_is_told_and_the_dossier_stays_late_by_the_first_one) {
    World world;
    auto event = world.event(2);
    event.due_at = world.now + 4h;
    world.accept(event);
    auto moved = world.event(4);
    moved.at = world.now + 1h;
    moved.new_due_at = world.now + 48h;
    moved.reason = "máy in hỏng";
    world.now += 1h;
    world.accept(moved);
    EXPECT_NE(world.messages().back().text.find("may in hong"), std::string::npos);
    EXPECT_NE(world.messages().back().text.find("05/01/2018"), std::string::npos);
    world.now += 24h;
    EXPECT_EQ(world.timers().ran, 0);  // the promise is not broken yet
    world.accept(world.event(9));
    EXPECT_EQ(world.tally("late"), 1);
}

TEST(Appointments, after_a_supplement_the_new_appointment_is_the_one_that_counts) {
    World world;
    auto event = world.event(2);
    event.due_at = world.now + 4h;
    world.accept(event);
    world.now += 1h;
    world.accept(world.event(5));
    world.now += 24h;
    auto resumed = world.event(4);
    resumed.new_due_at = world.now + 48h;
    world.accept(resumed);
    world.now += 24h;
    world.accept(world.event(9));
    EXPECT_EQ(world.tally("late"), 0);
    EXPECT_EQ(world.tally("early"), 1);
}

TEST(Appointments, a_result_in_time_brings_no_apology) {
    World world;
    auto event = world.event(2);
    event.due_at = world.now + 4h;
    world.accept(event);
    world.now += 1h;
    world.accept(world.event(9));
    world.now += 5h;
    world.timers();
    ASSERT_EQ(world.messages().size(), 1U);
    EXPECT_EQ(world.messages().front().situation, "result_ready");
}

}  // namespace
