// A database of every earlier schema is brought up to the newest, agrees with its figures and goes on
// working.
#include "gateway/storage/sqlite/schema.hpp"
#include "gateway/storage/sqlite_store.hpp"
#include "tests/support/world.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace {

using gateway::storage::Connection;
using testing_support::World;

// As schema 1 could hold it: one dossier with everything, its SMS in several states.
constexpr const char* records = R"sql(
INSERT INTO dossiers VALUES (1, '000.25.15.H09-180103-0001', 10, 1514944800000, '25915@2013-12-29', '1.001193',
    'Đăng ký khai sinh', 'Hộ tịch', 'Nguyễn Văn A', 912345678, '', 1, 0, 1514944800000, NULL, NULL, 1514948400000,
    1514948400000, '', 1514948400000);
INSERT INTO events VALUES ('old/1', 1, 2, 1514944800000, 1514944800000, '');
INSERT INTO sessions VALUES (1, 1, 912345678, 24216, '25915@2013-12-29', '1.001193', 2, 1514948400000, 1515207600000, 0, 1);
INSERT INTO answers VALUES (1, 1, 5, '', 'key', '1', 1514950000000);
INSERT INTO messages (id, key, dossier_id, situation, lane, phone, text, ucs2, parts, repeatable, state, due_at, expires_at,
    provider, provider_message_id, attempts, first_sent_at, created_at, updated_at) VALUES
    (1, 'a', 1, 'received', 1, 912345678, 'text', 0, 1, 1, 5, NULL, 1515207600000, 'esms', 'sms-1', 1, 1514944800000, 1514944800000, 1514944800000),
    (2, 'b', 1, 'result_ready', 1, 912345678, 'text', 0, 1, 1, 1, NULL, 1515207600000, 'esms', NULL, 1, 1514948400000, 1514948400000, 1514948400000),
    (3, 'c', 1, 'late', 1, 912345678, 'text', 0, 1, 1, 0, 1514948400000, 1515207600000, NULL, NULL, 0, NULL, 1514948400000, 1514948400000);
INSERT INTO attempts VALUES (1, 1, 'esms', 1514944800000, 1514944800000, 'accepted', '100');
INSERT INTO inbound VALUES (1, 'esms', 'mo-1', 912345678, '', 'TANUYEN 5', 1514950000000, 1, 'score', 'key', 0);
INSERT INTO procedures VALUES ('1.001193', 'Đăng ký khai sinh');
)sql";

// Its tallies: until schema 2 a row for each measure.
constexpr const char* rows_of_measures = R"sql(
INSERT INTO tallies SELECT tally.key, 24216, tally.value, measure.value, 1
    FROM json_each('["25915@2013-12-29", "1.001193"]') AS tally,
         json_each('["received", "resolved", "no_due_date", "invited", "delivered", "answered", "score_5"]') AS measure;
INSERT INTO tallies VALUES (0, 24216, '25915@2013-12-29', 'late', 0);
)sql";

TEST(Migration, a_database_of_every_earlier_schema_goes_on_with_its_figures_and_messages) {
    for (int schema = 1; schema < gateway::storage::newest_schema(); ++schema) {
        SCOPED_TRACE(schema);
        World world;
        const auto file = world.folder.path() / "old.db";
        {
            Connection old(file, Connection::Mode::read_write);
            gateway::storage::migrate(old, schema);
            ASSERT_EQ(gateway::storage::schema_of(old), schema);
            old.script(records);
            if (schema <= 2)
                old.script(rows_of_measures);
            else
                gateway::storage::repair(old, world.settings.survey.questionnaire);
        }
        std::filesystem::remove(world.file());
        std::filesystem::remove(world.file().string() + "-wal");
        std::filesystem::remove(world.file().string() + "-shm");
        std::filesystem::copy_file(file, world.file(), std::filesystem::copy_options::overwrite_existing);
        world.reopen();
        world.now = testing_support::at("2018-01-03T11:00:00+07:00");
        {
            Connection db(world.file(), Connection::Mode::read_write);
            EXPECT_EQ(gateway::storage::schema_of(db), gateway::storage::newest_schema());
            auto verdict = db.query("PRAGMA integrity_check");
            ASSERT_TRUE(verdict.next());
            EXPECT_EQ(verdict.text(0), "ok");
        }
        EXPECT_EQ(world.tally("answered"), 1);
        EXPECT_TRUE(world.recount_agrees());
        EXPECT_EQ(
            world.run(world.store().recover({{"esms", {.idempotency = std::chrono::hours(24)}}}, world.now)),
            1
        );
        EXPECT_EQ(world.claim().size(), 1U) << "what waited is not found";
        EXPECT_EQ(world.report("sms-1", config::ReportState::delivered), notify::ReportResult::repeated);
        auto repeated = world.event(2);
        repeated.event_id = "old/1";
        EXPECT_EQ(world.accept(repeated).each.front().kind, notify::EventResult::Kind::duplicate);
    }
}

// Neither one that is half made nor "database is locked" (SQLite does not wait when two want the write-ahead
// log at once).
TEST(Migration, programs_that_start_at_once_make_the_database_together) {
    const testing_support::TemporaryFolder folder;
    constexpr int programs = 4;
    for (int round = 0; round < 25; ++round) {
        const auto file = folder.path() / fmt::format("{}.db", round);
        std::array<std::string, programs> failures;
        {
            std::latch together(programs);
            std::vector<std::jthread> threads;
            for (auto& failure : failures)
                threads.emplace_back([&] {
                    together.arrive_and_wait();
                    try {
                        Connection db(file, Connection::Mode::read_write);
                        gateway::storage::migrate_unless_served(db, file);
                        if (gateway::storage::schema_of(db) != gateway::storage::newest_schema())
                            failure = "an older schema";
                    } catch (const std::exception& error) {
                        failure = error.what();
                    }
                });
        }
        for (const auto& failure : failures)
            ASSERT_EQ(failure, "") << "round " << round;
    }
}

}  // namespace
