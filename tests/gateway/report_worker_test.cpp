#include "gateway/report_worker.hpp"

#include "tests/support/far_apart.hpp"
#include "tests/support/worker_loop.hpp"

namespace {

namespace asio = boost::asio;
using config::ReportState;
using testing_support::all;
using testing_support::everyone;
using testing_support::FarApart;

/// A flood of reports has come; the worker has not begun.
class Flooded : public FarApart {
public:
    Flooded() : loop_(now) { report_together(everyone(ReportState::delivered)); }

    void start() {
        worker_ = std::make_unique<gateway::ReportWorker>(
            loop_.context.get_executor(),
            gateway::ReportWorker::Ports{&store(), &loop_.clock, &loop_.failures},
            gateway::ReportWorker::Pauses{.busy = {}, .failed = {}, .kept = {}}
        );
        asio::co_spawn(loop_.context, worker_->run(), asio::detached);
    }
    void wake() { worker_->wake(); }
    void stop() {
        worker_->stop();
        loop_.context.run();
    }
    template <typename Condition>
    void until(Condition condition) {
        loop_.until(condition);
    }
    void settle() { loop_.settle(now); }
    void turn() { loop_.context.run_one(); }
    int failures() const { return loop_.failures.count; }

private:
    testing_support::WorkerLoop loop_;
    std::unique_ptr<gateway::ReportWorker> worker_;
};

TEST(ReportWorker, applies_what_an_earlier_process_left) {
    Flooded world;
    world.reopen();
    world.start();
    world.settle();
    EXPECT_EQ(world.states(), all("delivered"));
    EXPECT_EQ(world.deferred_rows(), 0);
    world.stop();
}

TEST(ReportWorker, is_woken_for_what_comes_while_it_sleeps) {
    Flooded world;
    world.start();
    world.settle();
    world.sql("UPDATE messages SET state = 4");
    world.report_together(everyone(ReportState::undelivered));
    ASSERT_GT(world.deferred_rows(), 0);
    world.wake();
    world.settle();
    EXPECT_EQ(world.states(), all("undelivered"));
    EXPECT_EQ(world.failures(), 0);
    world.stop();
}

TEST(ReportWorker, applies_none_while_many_come) {
    Flooded world;
    std::vector<testing_support::Told> many;
    while (many.size() < 300)
        many.push_back({static_cast<int>(many.size()) % FarApart::count, ReportState::delivered});
    world.report_together(many);
    auto waiting = world.deferred_rows();
    ASSERT_GT(waiting, 300);
    world.start();
    for (int i = 0; i < 8; ++i) {
        world.turn();
        world.report_together(many);
        EXPECT_EQ(world.deferred_rows(), waiting += 300);
    }
    world.settle();
    EXPECT_EQ(world.states(), all("delivered"));
    EXPECT_EQ(world.deferred_rows(), 0);
    world.stop();
}

TEST(ReportWorker, misses_none_that_comes_while_it_empties_the_table) {
    Flooded world;
    world.start();
    world.turn();
    while (world.deferred_rows() > 0) {  // it is emptied, of which the worker has not heard yet
    }
    world.sql("UPDATE messages SET state = 4");
    world.report_together(everyone(ReportState::undelivered));
    ASSERT_GT(world.deferred_rows(), 0);
    world.wake();
    world.settle();
    EXPECT_EQ(world.states(), all("undelivered"));
    world.stop();
}

TEST(ReportWorker, applies_all_but_the_one_that_cannot_be_and_keeps_that_until_it_can) {
    Flooded world;
    world.sql(
        "CREATE TRIGGER broken BEFORE UPDATE ON messages WHEN OLD.provider_message_id = 'p7' BEGIN "
        "SELECT RAISE(ABORT, 'broken'); END"
    );
    world.start();
    auto expected = all("delivered");
    expected[7] = "accepted";
    world.until([&] { return world.states() == expected && world.deferred_rows() == 1; });
    EXPECT_GT(world.failures(), 0);
    world.sql("DROP TRIGGER broken");
    world.settle();
    EXPECT_EQ(world.states(), all("delivered"));
    EXPECT_EQ(world.deferred_rows(), 0);
    world.stop();
}

TEST(ReportWorker, keeps_the_order_of_a_messages_reports_when_one_cannot_be_applied) {
    Flooded world;
    world.report_together(
        {{7, ReportState::undelivered}, {8, ReportState::delivered}, {7, ReportState::rejected}}
    );
    world.sql("UPDATE messages SET state = 4 WHERE provider_message_id IN ('p7', 'p8')");
    world.sql("DELETE FROM deferred_reports WHERE state = 5");
    world.sql(
        "CREATE TRIGGER broken BEFORE UPDATE ON messages WHEN NEW.state = 6 BEGIN "
        "SELECT RAISE(ABORT, 'broken'); END"
    );
    world.start();
    world.until([&] { return world.deferred_rows() == 2 && world.failures() > 20; });
    world.sql("DROP TRIGGER broken");
    world.settle();
    EXPECT_EQ(world.states()[7], "undelivered");
    world.stop();
}

TEST(ReportWorker, that_is_stopped_midway_leaves_the_rest_to_the_next_process) {
    Flooded world;
    world.start();
    world.stop();
    world.reopen();
    world.start();
    world.settle();
    EXPECT_EQ(world.states(), all("delivered"));
    world.stop();
}

}  // namespace
