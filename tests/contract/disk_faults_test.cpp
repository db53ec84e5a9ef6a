// A disk that answers with errors, fills up, or stands still: a step is refused as a whole or kept as a
// whole, and the store goes on once the fault is over. HOIAM_SEED repeats a run; HOIAM_ROUNDS tries every
// instant.
#include "tests/sim/faulty_vfs.hpp"
#include "tests/support/outside.hpp"

#include <cstdlib>
#include <iostream>

namespace {

using namespace std::chrono_literals;
using sim::DiskStep;
using sim::FaultyVfs;
using testing_support::Outside;
using testing_support::TemporaryFolder;
using testing_support::World;

class DiskFaults : public testing::Test {
protected:
    DiskFaults() {
        Outside undisturbed(folder_.path() / "undisturbed.db");
        undisturbed.play([] { ADD_FAILURE() << "refused without a fault"; });
        expected_ = undisturbed.record();
        undisturbed.close();
        for (int step = 0; step < sim::disk_steps; ++step)
            counts_[static_cast<std::size_t>(step)] = disk_.count(static_cast<DiskStep>(step));
    }

    // Every so many instants, so that all faults fit into the time of a test run.
    void fail_at_many(DiskStep step, int times, int code, int instants) {
        const int steps = steps_of(step);
        const char* const seed_text = std::getenv("HOIAM_SEED");
        const auto seed = seed_text ? std::strtoull(seed_text, nullptr, 10) : std::random_device{}();
        const int stride = std::getenv("HOIAM_ROUNDS") ? 1 : std::max(1, steps / instants);
        const int first = static_cast<int>(seed % static_cast<std::uint64_t>(stride));
        std::cout << "HOIAM_SEED=" << seed << ", " << steps << " steps" << std::endl;
        int refused = 0, failed = 0;
        for (int nth = first; nth < steps && !HasFailure(); nth += stride)
            refused += play_with_a_failure(step, nth, times, code, failed);
        EXPECT_GT(failed, 0) << "no fault was hit";
        std::cout << failed << " errors, " << refused << " refusals" << std::endl;
    }

    int steps_of(DiskStep step) const { return counts_[static_cast<std::size_t>(step)]; }

    int play_with_a_failure(DiskStep step, int nth, int times, int code, int& failed) {
        SCOPED_TRACE(testing::Message() << "instant " << nth << ", code " << code);
        const TemporaryFolder folder;
        Outside outside(folder.path() / "hoiam.db");
        int refusals = 0;
        disk_.fail(step, nth, times, code);
        outside.play([&] { ++refusals; });
        failed += disk_.failures();
        outside.close();
        disk_.reset();
        EXPECT_EQ(outside.record(), expected_);
        EXPECT_EQ(outside.broken_promises, std::vector<std::string>{});
        outside.expect_kept();
        outside.close();
        outside.expect_sound();
        return refusals;
    }

    FaultyVfs disk_;
    TemporaryFolder folder_;
    std::vector<std::string> expected_;
    std::array<int, sim::disk_steps> counts_{};
};

TEST_F(DiskFaults, an_error_while_writing_refuses_a_step_whole_and_the_store_goes_on) {
    fail_at_many(DiskStep::write, 1, SQLITE_IOERR_WRITE, 60);
}

TEST_F(DiskFaults, a_disk_full_for_a_while_refuses_steps_whole_and_the_store_goes_on) {
    fail_at_many(DiskStep::write, 5, SQLITE_FULL, 60);
}

TEST_F(DiskFaults, an_error_while_reading_refuses_a_step_whole_and_the_store_goes_on) {
    fail_at_many(DiskStep::read, 1, SQLITE_IOERR_READ, 60);
}

TEST_F(DiskFaults, a_sync_that_fails_is_no_sync) {
    fail_at_many(DiskStep::sync, 1, SQLITE_IOERR_FSYNC, 64);
}

TEST_F(DiskFaults, a_file_that_cannot_be_cut_or_locked_or_mapped_refuses_a_step_whole) {
    fail_at_many(DiskStep::truncate, 1, SQLITE_IOERR_TRUNCATE, 20);
    fail_at_many(DiskStep::lock, 1, SQLITE_IOERR_LOCK, 20);
    fail_at_many(DiskStep::shared_memory, 1, SQLITE_IOERR_SHMMAP, 20);
    fail_at_many(DiskStep::open, 1, SQLITE_CANTOPEN, 20);
}

TEST_F(DiskFaults, a_disk_that_turns_read_only_refuses_steps_whole_and_the_store_goes_on) {
    fail_at_many(DiskStep::write, 8, SQLITE_READONLY, 30);
}

// What a failed sync should have saved may be lost for good: the answer must not have been given.
TEST_F(DiskFaults, what_was_answered_after_a_failed_sync_survives_a_power_loss) {
    const int syncs = steps_of(DiskStep::sync);
    for (int nth = 0; nth < syncs && !HasFailure(); ++nth) {
        SCOPED_TRACE(nth);
        const TemporaryFolder folder;
        Outside outside(folder.path() / "hoiam.db");
        disk_.reset();
        disk_.fail(DiskStep::sync, nth, 1, SQLITE_IOERR_FSYNC);
        disk_.cut_power(DiskStep::sync, nth + 4, FaultyVfs::Moment::before);
        const auto come_back = [&] {
            if (!disk_.dark()) return;
            outside.close();
            disk_.restore_power(static_cast<std::uint64_t>(nth));
            outside.expect_kept();
        };
        outside.play(come_back);
        outside.close();
        come_back();
        EXPECT_EQ(outside.record(), expected_);
        outside.close();
        outside.expect_sound();
    }
}

class SlowDisk : public testing::Test {
protected:
    FaultyVfs disk_;
};

TEST_F(SlowDisk, that_stands_still_keeps_readers_served_and_refuses_what_exceeds_the_queue) {
    boost::asio::io_context context(1);  // outlives the writer that answers on it
    World world;
    world.accept(world.event(2));
    disk_.hold_syncs();
    constexpr int steps = 12'000;
    int done = 0, refused = 0;
    for (int number = 0; number < steps; ++number) {
        std::vector<notify::DossierEvent> events{world.event(9)};
        boost::asio::co_spawn(
            context, world.store().accept_events(std::move(events), world.now),
            [&](const std::exception_ptr& error, const notify::EventResults&) { ++(error ? refused : done); }
        );
    }
    bool read = false;
    boost::asio::co_spawn(
        context, world.store().messages({}),
        [&](const std::exception_ptr& error, const auto&) { read = !error; }
    );
    while (!read)
        context.run_one();
    disk_.wait_for_a_held_sync();
    while (refused == 0)
        context.run_one();
    EXPECT_EQ(done, 0) << "answered before it was on disk";
    disk_.let_syncs_go();
    context.run();
    EXPECT_EQ(done + refused, steps);
    EXPECT_GE(done, 10'000);
    EXPECT_TRUE(world.recount_agrees());
}

}  // namespace
