// The embedded store: implements the ports of notify, survey and the API keys on one SQLite file. Every step
// runs on the writer's thread inside a transaction shared with its neighbours; queries run on a reader's.
// Made and used on the I/O thread. A second daemon on the same file is refused by lock_for_daemon().
#pragma once

#include "gateway/api/access.hpp"
#include "gateway/storage/sqlite/deferred_reports.hpp"
#include "gateway/storage/sqlite/reader.hpp"
#include "gateway/storage/sqlite/retention.hpp"
#include "gateway/storage/sqlite/steps.hpp"
#include "gateway/storage/sqlite/writer.hpp"

#include <filesystem>
#include <optional>

namespace gateway::storage {

class SqliteStore final : public notify::Store, public survey::Store, public api::KeyStore {
public:
    SqliteStore(const std::filesystem::path& file, Rulebook rules)
        : rules_(rules), writer_(file), reader_(file), run_reader_(file) {}

    boost::asio::awaitable<notify::EventResults> accept_events(
        std::vector<notify::DossierEvent> events, config::Time now
    ) override;
    boost::asio::awaitable<notify::Claimed> claim(notify::Claim claim) override;
    boost::asio::awaitable<notify::OutcomeDecision> record_attempt(notify::Attempt attempt) override;
    boost::asio::awaitable<notify::ReportResult> record_report(
        notify::DeliveryReport report, config::Time now
    ) override;
    boost::asio::awaitable<int> recover(
        std::map<std::string, notify::ResendPolicy> policies, config::Time now
    ) override;
    boost::asio::awaitable<bool> replay(notify::MessageId id, config::Time now) override;
    boost::asio::awaitable<std::optional<notify::Dossier>> dossier(notify::DossierCode code) override;
    boost::asio::awaitable<std::vector<notify::MessageView>> messages(notify::MessageFilter filter) override;
    boost::asio::awaitable<std::optional<notify::MessageView>> message(notify::MessageId id) override;

    boost::asio::awaitable<survey::InboundResult> take_inbound(
        notify::provider::InboundSms sms, config::Time now, std::optional<notify::Claim> room
    ) override;
    boost::asio::awaitable<survey::TimersRun> run_timers(config::Time now, int limit) override;
    boost::asio::awaitable<bool> put_off_timer(config::Time now, config::Time until) override;
    boost::asio::awaitable<std::vector<survey::TallyRow>> tallies(survey::Period period, survey::By by)
        override;

    boost::asio::awaitable<std::optional<api::Role>> role_of(std::string hash) override;
    boost::asio::awaitable<bool> add_key(std::string name, api::Role role, std::string hash, config::Time now)
        override;

    /// Depth of the outbox by state, for the metrics.
    boost::asio::awaitable<std::map<std::string, std::int64_t>> message_states();

    /// The next small step of a round of retention.
    boost::asio::awaitable<RetentionPlace> forget_some(Retained retained, RetentionPlace place);

    /// How many reports wait to be applied, at most; those of a process before this one once they are read.
    std::int64_t deferred_reports() const { return deferred_ + in_table_; }
    enum class Applied { all, some, busy };  // busy: nothing, because the writer has much else to do
    /// Applies and forgets all deferred reports, or, where they are many, none ("some").
    boost::asio::awaitable<Applied> drain_deferred();
    /// Never null. What a process before this one left is in it, too.
    boost::asio::awaitable<std::shared_ptr<const DeferredRun>> deferred_run();
    struct Part {
        std::size_t from, count;
        bool even_if_busy = false;
    };
    boost::asio::awaitable<Applied> apply_deferred(std::shared_ptr<const DeferredRun> run, Part part);
    boost::asio::awaitable<void> forget_deferred(std::int64_t last_id, std::vector<std::int64_t> again);

private:
    static constexpr std::size_t much_to_do = 8;  // steps at once
    bool has_much_to_do() const { return writer_.steps_at_once() >= much_to_do; }

    Rulebook rules_;
    ReportMemory reports_;  // on the writer's thread
    Writer writer_;
    Reader reader_;
    Reader run_reader_;                         // long reads, so that pages need not wait for them
    std::int64_t in_table_ = 0, deferred_ = 0;  // when the last run was read, and since
};

/// Held while a daemon runs on the file.
class DaemonLock {
public:
    explicit DaemonLock(int descriptor) : descriptor_(descriptor) {}
    DaemonLock(DaemonLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    DaemonLock(const DaemonLock&) = delete;
    DaemonLock& operator=(const DaemonLock&) = delete;
    ~DaemonLock();

private:
    int descriptor_;
};

/// For a program that is not the daemon: one of an older version that still runs could not go on with a newer
/// schema. Throws notify::StoreUnavailable then, having changed nothing.
void migrate_unless_served(Connection& connection, const std::filesystem::path& file);

/// The error says which process holds the database.
std::expected<DaemonLock, std::string> lock_for_daemon(const std::filesystem::path& file);

}  // namespace gateway::storage
