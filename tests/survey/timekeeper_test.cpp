#include "survey/timekeeper.hpp"

#include "tests/support/worker_loop.hpp"
#include "tests/support/world.hpp"

#include <gmock/gmock.h>

namespace {

using namespace std::chrono_literals;
using gateway::storage::Connection;

constexpr const char* first = "000.25.15.H09-180103-0001";
constexpr const char* second = "000.25.15.H09-180103-0002";
constexpr const char* third = "000.25.15.H09-180103-0003";

/// Three closed dossiers: the first in a commune of its own.
class Closed : public testing_support::World {
public:
    Closed() : loop_(now) {
        close("25888", first, "0912345671");
        close("25915", second, "0912345672");
        close("25915", third, "0912345673");
        timekeeper_ = std::make_unique<survey::Timekeeper>(
            loop_.context.get_executor(),
            survey::Timekeeper::Ports{&store(), &loop_.clock, &loop_.failures, [](config::Time) {}}
        );
        boost::asio::co_spawn(loop_.context, timekeeper_->run(), boost::asio::detached);
    }
    void pass(config::Duration time) { loop_.settle(now += time); }
    void stop() {
        timekeeper_->stop();
        loop_.context.run();
    }
    void damage_tallies_of(const std::string& commune) {
        Connection db(file(), Connection::Mode::read_write);
        db.run("UPDATE tallies SET counts = 'x' WHERE key LIKE ? || '%'", commune);
    }
    void repair() {
        Connection db(file(), Connection::Mode::read_write);
        gateway::storage::repair(db, settings.survey.questionnaire);
    }
    std::vector<std::string> asked() {
        std::vector<std::string> dossiers;
        for (const auto& message : messages())
            if (message.situation == "survey_score") dossiers.push_back(message.dossier);
        return dossiers;
    }
    int failures() const { return loop_.failures.count; }

private:
    void close(const std::string& commune, const std::string& code, const std::string& phone) {
        auto of = event(10, code);
        of.commune = commune;
        of.phone = phone;
        accept(std::move(of));
    }

    testing_support::WorkerLoop loop_;
    std::unique_ptr<survey::Timekeeper> timekeeper_;
};

TEST(Timekeeper, asks_when_it_is_time) {
    Closed world;
    world.pass(1h);
    EXPECT_TRUE(world.asked().empty());
    world.pass(24h);
    EXPECT_EQ(world.asked().size(), 3U);
    EXPECT_EQ(world.failures(), 0);
    world.stop();
}

TEST(Timekeeper, one_that_cannot_be_run_holds_no_other_up_and_is_run_when_it_can) {
    Closed world;
    world.damage_tallies_of("25888");
    world.pass(25h);
    EXPECT_THAT(world.asked(), testing::UnorderedElementsAre(second, third));
    EXPECT_EQ(world.failures(), 1);
    world.repair();
    world.pass(4min);
    EXPECT_EQ(world.asked().size(), 2U);
    world.pass(2min);
    EXPECT_THAT(world.asked(), testing::UnorderedElementsAre(second, third, first));
    EXPECT_EQ(world.failures(), 1);
    EXPECT_TRUE(world.recount_agrees());
    world.stop();
}

TEST(Timekeeper, some_that_cannot_be_run_hold_no_other_up) {
    Closed world;
    world.damage_tallies_of("25915");
    world.pass(25h);
    EXPECT_THAT(world.asked(), testing::ElementsAre(first));
    EXPECT_EQ(world.failures(), 2);
    world.stop();
}

}  // namespace
