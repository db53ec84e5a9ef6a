// What every store must do with the kept figures, readable or not; runs on SQLite.
#include "tests/support/asked.hpp"

namespace {

using testing_support::Asked;
using testing_support::World;

TEST(Tallies, that_cannot_be_read_say_what_helps_and_it_does) {
    for (const auto* const counts :
         {"score_5", "=1", "score_5=", "score_5=x", "score_5=1 answered", " score_5=1"}) {
        Asked world;
        gateway::storage::Connection db(world.file(), gateway::storage::Connection::Mode::read_write);
        db.run("UPDATE tallies SET counts = ?", counts);
        try {
            world.tally("score_5");
            ADD_FAILURE() << counts;
        } catch (const notify::StoreUnavailable& error) {
            EXPECT_STREQ(
                error.what(),
                "database: a tally's counts cannot be read; hoiam recount --repair counts them again"
            );
        }
        EXPECT_THROW(world.reply("5"), notify::StoreUnavailable) << "counted upon what cannot be read";
        gateway::storage::repair(db, world.settings.survey.questionnaire);
        EXPECT_TRUE(world.recount_agrees());
        world.reply("5");
        EXPECT_EQ(world.tally("score_5"), 1) << counts;
    }
}

TEST(Tallies, that_cannot_be_read_refuse_their_own_step_and_no_neighbour) {
    Asked world;
    gateway::storage::Connection db(world.file(), gateway::storage::Connection::Mode::read_write);
    db.run("UPDATE tallies SET counts = 'x'");
    const auto kept = [&world](std::string key, std::string from) -> boost::asio::awaitable<bool> {
        try {
            co_await world.store().take_inbound(
                {.provider = "esms", .key = std::move(key), .from = std::move(from), .text = "5"}, world.now,
                {}
            );
            co_return true;
        } catch (const notify::StoreUnavailable&) {
            co_return false;
        }
    };
    std::vector<boost::asio::awaitable<bool>> steps;
    steps.push_back(kept("a", "84900000001"));
    steps.push_back(kept("b", "84912345678"));  // who was asked, and is counted
    steps.push_back(kept("c", "84900000002"));
    EXPECT_EQ(world.run_together(std::move(steps)), (std::vector<bool>{true, false, true}));
}

TEST(Tallies, of_many_months_add_up_though_keys_and_measures_come_and_go) {
    World world;
    gateway::storage::Connection db(world.file(), gateway::storage::Connection::Mode::read_write);
    const auto put = [&](const char* month, const char* key, const char* counts) {
        const int number = config::Month::parse(month)->number();
        db.run("INSERT INTO tallies VALUES (1, ?, ?, ?)", number, key, counts);
        db.run("INSERT INTO tallies VALUES (0, ?, ?, ?)", number, std::string("x") + key, counts);
    };
    put("2026-01", "b", "invited=1");
    put("2026-01", "d", "answered=2");
    put("2026-02", "a", "invited=4");
    put("2026-02", "b", "answered=8");
    put("2026-02", "c", "invited=16");
    put("2026-03", "b", "answered=32 invited=64");
    put("2026-03", "d", "answered=128");
    put("2026-04", "b", "invited=256");  // after the period
    const survey::Period period{*config::Month::parse("2026-01"), *config::Month::parse("2026-03")};
    const auto told = [&](survey::By by) {
        std::string all;
        for (const auto& row : world.run(world.store().tallies(period, by)))
            for (const auto& [measure, n] : row.counts)
                all += row.key + " " + measure + " " + std::to_string(n) + "; ";
        return all;
    };
    EXPECT_EQ(
        told(survey::By::procedure),
        "a invited 4; b answered 40; b invited 65; c invited 16; d answered 130; "
    );
    EXPECT_EQ(
        told(survey::By::commune),
        "xa invited 4; xb answered 40; xb invited 65; xc invited 16; xd answered 130; "
    );
    EXPECT_EQ(
        told(survey::By::month),
        "2026-01 answered 2; 2026-01 invited 1; 2026-02 answered 8; 2026-02 invited 20; 2026-03 answered "
        "160; "
        "2026-03 invited 64; "
    );
}

}  // namespace
