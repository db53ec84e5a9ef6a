// The power fails at every sync and at every write of a play through the whole store; the disk keeps what was
// synced and any part of what was not. HOIAM_SEED repeats a run, HOIAM_ROUNDS draws several losses per
// instant.
#include "tests/sim/faulty_vfs.hpp"
#include "tests/support/outside.hpp"

#include <cstdlib>
#include <iostream>

namespace {

using sim::DiskStep;
using sim::FaultyVfs;
using testing_support::Outside;
using testing_support::TemporaryFolder;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

class PowerLoss : public testing::Test {
protected:
    PowerLoss() {
        Outside undisturbed(folder_.path() / "undisturbed.db");
        undisturbed.play([] { ADD_FAILURE() << "refused without a fault"; });
        expected_ = undisturbed.record();
        undisturbed.close();
        std::cout << "HOIAM_SEED=" << seed_ << ", " << disk_.count(DiskStep::sync) << " syncs, "
                  << disk_.count(DiskStep::write) << " writes, " << undisturbed.sent() << " SMS" << std::endl;
    }

    void play_with_a_cut(DiskStep step, int nth, FaultyVfs::Moment moment, std::uint64_t seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << ", instant " << nth);
        const TemporaryFolder folder;
        Outside outside(folder.path() / "hoiam.db");
        disk_.reset();
        disk_.cut_power(step, nth, moment);
        const auto come_back = [&] {
            ASSERT_TRUE(disk_.dark()) << outside.last_refusal;
            outside.close();
            disk_.restore_power(seed);
            ++losses_;
            outside.expect_kept();
        };
        outside.play(come_back);
        outside.close();
        if (disk_.dark()) come_back();  // it went dark while closing
        EXPECT_EQ(outside.record(), expected_);
        EXPECT_EQ(outside.broken_promises, std::vector<std::string>{});
        outside.close();
        outside.expect_sound();
    }

    std::uint64_t seed_ = number_from("HOIAM_SEED", std::random_device{}());
    std::uint64_t rounds_ = number_from("HOIAM_ROUNDS", 1);
    int losses_ = 0;
    FaultyVfs disk_;
    TemporaryFolder folder_;
    std::vector<std::string> expected_;
};

TEST_F(PowerLoss, before_or_after_any_sync_loses_nothing_that_was_answered) {
    const int syncs = disk_.count(DiskStep::sync);
    ASSERT_GT(syncs, 20);
    ASSERT_GT(expected_.size(), 10U);
    for (std::uint64_t round = 0; round < rounds_; ++round)
        for (int nth = 0; nth < syncs && !HasFailure(); ++nth)
            for (const auto moment : {FaultyVfs::Moment::before, FaultyVfs::Moment::after})
                play_with_a_cut(DiskStep::sync, nth, moment, seed_ + round);
    // How many steps share a commit differs from play to play.
    EXPECT_GE(losses_, static_cast<int>(rounds_) * syncs) << "the power did not fail often enough";
    std::cout << losses_ << " power losses" << std::endl;
}

TEST_F(PowerLoss, in_the_middle_of_any_write_loses_nothing_that_was_answered) {
    const int writes = disk_.count(DiskStep::write);
    const int stride = rounds_ > 1 ? 1 : 3;
    const int first = stride == 1 ? 0 : static_cast<int>(seed_ % 3);
    for (std::uint64_t round = 0; round < rounds_; ++round)
        for (int nth = first; nth < writes && !HasFailure(); nth += stride)
            play_with_a_cut(DiskStep::write, nth, FaultyVfs::Moment::after, seed_ + round);
    EXPECT_GE(losses_, writes / stride / 2);
    std::cout << losses_ << " power losses" << std::endl;
}

}  // namespace
