// What every store must do for who wants no more SMS; runs on SQLite.
#include "tests/support/world.hpp"

namespace {

using namespace std::chrono_literals;
using testing_support::World;

TEST(OptOut, after_an_opt_out_nothing_is_sent_again_but_its_confirmation) {
    for (const auto kind : {config::OutcomeClass::throttle, config::OutcomeClass::ambiguous}) {
        World world;
        world.accept(world.event(9));
        world.now += 10min;
        const auto before = world.claim().front();
        if (kind == config::OutcomeClass::ambiguous) world.answer(before, kind);  // due again
        world.reply("TC");
        if (kind == config::OutcomeClass::throttle) world.answer(before, kind);  // was on its way
        const auto confirmation = world.claim();
        ASSERT_EQ(confirmation.size(), 1U);
        EXPECT_EQ(confirmation.front().situation, "opted_out");
        world.answer(confirmation.front(), config::OutcomeClass::throttle);
        world.now += 40min;
        const auto again = world.claim();
        ASSERT_EQ(again.size(), 1U);
        EXPECT_EQ(again.front().situation, "opted_out");
        const auto view = world.run(world.store().message(before.id));
        EXPECT_EQ(view->cause, "opted_out");
        EXPECT_EQ(view->state, kind == config::OutcomeClass::throttle ? "cancelled" : "unknown");
        EXPECT_FALSE(world.run(world.store().replay(before.id, world.now)));
        world.now += 24h;
        EXPECT_TRUE(world.claim().empty());
    }
}

TEST(OptOut, said_twice_leaves_the_confirmation_that_waits) {
    World world;
    world.reply("TC");
    world.answer(world.claim().front(), config::OutcomeClass::throttle);
    world.reply("TC");
    world.now += 1min;
    const auto again = world.claim();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front().situation, "opted_out");
}

TEST(OptOut, is_confirmed_once_and_so_is_its_end) {
    World world;
    const auto sent = [&](const std::string& text) {
        world.reply(text);
        return world.claim().size();
    };
    EXPECT_EQ(sent("TC"), 1U);
    EXPECT_EQ(sent("TC"), 0U);
    EXPECT_EQ(sent("TC TANUYEN"), 0U);
    EXPECT_EQ(sent("DK"), 1U);
    EXPECT_EQ(sent("DK"), 0U);
    EXPECT_EQ(sent("TC"), 1U);
}

TEST(OptOut, an_opt_out_is_heard_without_any_survey) {
    World world;
    EXPECT_EQ(world.reply("TC TANUYEN").taken, survey::Taken::optout);
}

}  // namespace
