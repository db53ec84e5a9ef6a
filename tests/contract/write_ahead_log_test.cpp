// What every SQLite store must do with its write-ahead log, which grows while somebody reads in it.
#include "tests/support/world.hpp"

namespace {

using gateway::storage::Connection;

TEST(WriteAheadLog, that_grew_while_somebody_read_is_short_again_afterwards) {
    const testing_support::World world;
    Connection writer(world.file(), Connection::Mode::read_write);
    const auto write = [&writer](int megabytes) {
        for (int i = 0; i < megabytes; ++i)
            writer.run(
                "INSERT INTO meta VALUES ('filler', hex(randomblob(524288))) ON CONFLICT DO UPDATE SET value "
                "= "
                "excluded.value"
            );
    };
    const auto megabytes = [&world] {
        return std::filesystem::file_size(world.file().string() + "-wal") >> 20;
    };
    {
        Connection reader(world.file(), Connection::Mode::read_only);
        auto open = reader.query("SELECT key FROM meta");
        ASSERT_TRUE(open.next());
        write(40);
        EXPECT_GE(megabytes(), 40U);
    }
    write(20);
    EXPECT_LE(megabytes(), 20U);
}

}  // namespace
