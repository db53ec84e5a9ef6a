// Opens the database for one command and runs a coroutine on it to its end, as the daemon would.
#pragma once

#include "gateway/rulebook.hpp"
#include "gateway/storage/sqlite_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace gateway::cli {

/// `work` is given the store and returns an awaitable; its result comes back, its exception too.
template <typename Work>
auto with_store(const config::Settings& settings, Work work) {
    const survey::text::Reader reader(settings.lexicon);
    boost::asio::io_context context(1);
    {
        storage::Connection connection(settings.storage.sqlite_file, storage::Connection::Mode::read_write);
        storage::migrate_unless_served(connection, settings.storage.sqlite_file);
    }
    storage::SqliteStore store(settings.storage.sqlite_file, rulebook(settings, reader));
    auto result = boost::asio::co_spawn(context, work(store), boost::asio::use_future);
    context.run();
    return result.get();
}

}  // namespace gateway::cli
