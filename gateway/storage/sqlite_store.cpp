#include "gateway/storage/sqlite_store.hpp"

#include "gateway/storage/sqlite/rows.hpp"
#include "gateway/storage/sqlite/schema.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace gateway::storage {

namespace asio = boost::asio;
using config::Time;
using notify::MessageState;

namespace {

// Which gauge counts a message: one that waits, is with a provider, or needs a report or a person.
const char* depth_of(MessageState state) {
    if (state == MessageState::queued || state == MessageState::retry) return "waiting";
    return state == MessageState::sending ? "sending" : "dead";
}

}  // namespace

asio::awaitable<notify::EventResults> SqliteStore::accept_events(
    std::vector<notify::DossierEvent> events, Time now
) {
    return writer_.run([this, events = std::move(events), now](Connection& db) {
        return storage::accept_events(db, rules_, events, now);
    });
}

asio::awaitable<notify::Claimed> SqliteStore::claim(notify::Claim claim) {
    return writer_.run([this, claim = std::move(claim)](Connection& db) {
        return storage::claim(db, rules_, claim);
    });
}

asio::awaitable<notify::OutcomeDecision> SqliteStore::record_attempt(notify::Attempt attempt) {
    return writer_.run([this, attempt = std::move(attempt)](Connection& db) {
        return storage::record_attempt(db, rules_, attempt);
    });
}

asio::awaitable<notify::ReportResult> SqliteStore::record_report(notify::DeliveryReport report, Time now) {
    const auto result = co_await writer_.run([this, report = std::move(report), now](Connection& db) {
        return storage::record_report(db, rules_, {report, now, has_much_to_do(), &reports_});
    });
    if (result == notify::ReportResult::deferred) ++deferred_;
    co_return result;
}

asio::awaitable<int> SqliteStore::recover(std::map<std::string, notify::ResendPolicy> policies, Time now) {
    return writer_.run([this, policies = std::move(policies), now](Connection& db) {
        return storage::recover(db, rules_, policies, now);
    });
}

asio::awaitable<bool> SqliteStore::replay(notify::MessageId id, Time now) {
    return writer_.run([id, now](Connection& db) { return storage::replay(db, id, now); });
}

asio::awaitable<std::optional<notify::Dossier>> SqliteStore::dossier(notify::DossierCode code) {
    return reader_.run([code = std::move(code)](Connection& db) { return find_dossier(db, code); });
}

asio::awaitable<std::vector<notify::MessageView>> SqliteStore::messages(notify::MessageFilter filter) {
    return reader_.run([filter = std::move(filter)](Connection& db) { return message_views(db, filter); });
}

asio::awaitable<std::optional<notify::MessageView>> SqliteStore::message(notify::MessageId id) {
    return reader_.run([id](Connection& db) { return message_view(db, id); });
}

asio::awaitable<survey::InboundResult> SqliteStore::take_inbound(
    notify::provider::InboundSms sms, Time now, std::optional<notify::Claim> room
) {
    auto reply = reply_from(sms, rules_);
    return writer_.run([this, sms = std::move(sms), reply = std::move(reply), now,
                        room = std::move(room)](Connection& db) {
        return storage::take_inbound(db, rules_, {sms, reply, now, room});
    });
}

asio::awaitable<survey::TimersRun> SqliteStore::run_timers(Time now, int limit) {
    return writer_.run([this, now, limit](Connection& db) {
        return storage::run_timers(db, rules_, now, limit);
    });
}

asio::awaitable<bool> SqliteStore::put_off_timer(Time now, Time until) {
    return writer_.run([now, until](Connection& db) { return storage::put_off_timer(db, now, until); });
}

asio::awaitable<std::vector<survey::TallyRow>> SqliteStore::tallies(survey::Period period, survey::By by) {
    return reader_.run([this, period, by](Connection& db) {
        return storage::tallies(db, rules_.survey.organisation->units, period, by);
    });
}

asio::awaitable<std::optional<api::Role>> SqliteStore::role_of(std::string hash) {
    return reader_.run([hash = std::move(hash)](Connection& db) -> std::optional<api::Role> {
        auto rows = db.query("SELECT role FROM api_keys WHERE hash = ?", hash);
        if (!rows.next()) return std::nullopt;
        return api::role_from(rows.text(0));
    });
}

asio::awaitable<bool> SqliteStore::add_key(std::string name, api::Role role, std::string hash, Time now) {
    return writer_.run([name = std::move(name), role, hash = std::move(hash), now](Connection& db) {
        db.run(
            "INSERT INTO api_keys (hash, name, role, created_at) VALUES (?, ?, ?, ?)", hash, name,
            api::to_string(role), now
        );
        return true;
    });
}

asio::awaitable<std::map<std::string, std::int64_t>> SqliteStore::message_states() {
    const auto deferred = deferred_reports();
    return reader_.run([deferred](Connection& db) {
        std::map<std::string, std::int64_t> states{
            {"waiting", 0}, {"sending", 0}, {"dead", 0}, {"reports", deferred}
        };
        {
            // Never the delivered millions.
            auto rows = db.query("SELECT state, count(*) FROM messages WHERE " OPEN " GROUP BY state");
            while (rows.next())
                states[depth_of(static_cast<notify::MessageState>(rows.integer(0)))] += rows.integer(1);
        }
        auto rows = db.query("SELECT count(*) FROM inbound WHERE for_person = 1");
        if (rows.next()) states["inbound_for_person"] = rows.integer(0);
        return states;
    });
}

asio::awaitable<RetentionPlace> SqliteStore::forget_some(Retained retained, RetentionPlace place) {
    return writer_.run([retained, place = std::move(place)](Connection& db) {
        return storage::forget_some(db, retained, place);
    });
}

asio::awaitable<SqliteStore::Applied> SqliteStore::drain_deferred() {
    const auto drained = co_await writer_.run([this](Connection& db) {
        if (has_much_to_do()) return Applied::busy;
        return storage::drain_deferred(db, rules_) ? Applied::all : Applied::some;
    });
    if (drained == Applied::all) in_table_ = deferred_ = 0;
    co_return drained;
}

asio::awaitable<std::shared_ptr<const DeferredRun>> SqliteStore::deferred_run() {
    in_table_ += std::exchange(deferred_, 0);  // until they are counted
    auto run = co_await run_reader_.run([](Connection& db) { return storage::deferred_run(db); });
    in_table_ = run->in_table;
    co_return run;
}

asio::awaitable<SqliteStore::Applied> SqliteStore::apply_deferred(
    std::shared_ptr<const DeferredRun> run, Part part
) {
    return writer_.run([this, run = std::move(run), part](Connection& db) {
        if (has_much_to_do() && !part.even_if_busy) return Applied::busy;
        const auto rest = std::span(run->reports).subspan(part.from);
        storage::apply_deferred(db, rules_, *run, rest.first(std::min(part.count, rest.size())));
        return part.count < rest.size() ? Applied::some : Applied::all;
    });
}

asio::awaitable<void> SqliteStore::forget_deferred(std::int64_t last_id, std::vector<std::int64_t> again) {
    const auto fewer = co_await writer_.run([last_id, again = std::move(again)](Connection& db) {
        return storage::forget_deferred(db, last_id, again);
    });
    in_table_ -= fewer;
}

DaemonLock::~DaemonLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::expected<DaemonLock, std::string> lock_for_daemon(const std::filesystem::path& file) {
    const auto path = file.string() + ".lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return std::unexpected(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> holder{};
        const auto length = ::read(descriptor, holder.data(), holder.size() - 1);
        ::close(descriptor);
        return std::unexpected(fmt::format(
            "{}: another hoiam serve (process {}) uses this database; stop it first", file.string(),
            length > 0 ? std::string_view(holder.data(), static_cast<std::size_t>(length)) : "unknown"
        ));
    }
    const auto self = std::to_string(::getpid());
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, self.data(), self.size(), 0) < 0) {
        // The number is only for the other's message; the lock itself holds.
    }
    return DaemonLock(descriptor);
}

void migrate_unless_served(Connection& connection, const std::filesystem::path& file) {
    const int present = schema_of(connection);
    std::optional<DaemonLock> alone;
    if (present > 0 && present < newest_schema()) {
        auto lock = lock_for_daemon(file);
        if (!lock)
            throw notify::StoreUnavailable(fmt::format(
                "{} (its schema is number {}, this hoiam's is {})", lock.error(), present, newest_schema()
            ));
        alone.emplace(*std::move(lock));
    }
    migrate(connection);
}

}  // namespace gateway::storage
