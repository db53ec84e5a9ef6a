// A small world for tests of whole steps: a configuration with one eSMS provider, an empty store in a
// temporary folder, and a time that the test sets. Steps run to their end when called.
#pragma once

#include "config/load.hpp"
#include "gateway/rulebook.hpp"
#include "gateway/storage/sqlite/recount.hpp"
#include "gateway/storage/sqlite_store.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>

namespace testing_support {

/// A folder of its own, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "hoiam-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& content) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }

private:
    std::filesystem::path path_;
};

inline const std::string esms_configuration = R"(
[organisation]
name = "UBND thị xã Tân Uyên"
sms_name = "UBND TX Tân Uyên"
units = "units/tan-uyen.csv"
[[provider]]
profile = "esms"
base_url = "http://127.0.0.1:1"
settings = { api_key = "k", secret_key = "s", brandname = "TAN UYEN", cpid = "c", private_key = "p" }
[inbound]
number = "8079"
keyword = "TANUYEN"
)";

inline config::Settings settings_of(const TemporaryFolder& folder, const std::string& content) {
    auto settings = config::load(folder.write("hoiam.toml", content));
    if (!settings)
        for (const auto& problem : settings.error())
            ADD_FAILURE() << problem;
    return settings.value_or(config::Settings{});
}

inline config::Time at(const char* text) {
    return *config::parse_time(text);
}

class World {
public:
    explicit World(const std::string& configuration = esms_configuration)
        : settings(settings_of(folder, configuration)), reader_(settings.lexicon) {
        reopen();
    }

    template <typename T>
    T run(boost::asio::awaitable<T> work) {
        context_.restart();
        auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
        context_.run();
        return result.get();
    }

    /// Each step shares its commit with enough others that the writer has much to do: it takes any number of
    /// them first and then all the rest, and before and behind `works` wait as many as make a crowd alone.
    template <typename T>
    std::vector<T> run_together(std::vector<boost::asio::awaitable<T>> works) {
        context_.restart();
        gateway::storage::Connection blocker(file(), gateway::storage::Connection::Mode::read_write);
        blocker.run("BEGIN IMMEDIATE");
        add_crowd();
        std::vector<std::future<T>> results;
        for (auto& work : works)
            results.push_back(boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future));
        add_crowd();
        boost::asio::post(context_, [&blocker] { blocker.run("COMMIT"); });
        context_.run();
        std::vector<T> all;
        for (auto& result : results)
            all.push_back(result.get());
        return all;
    }

    /// As after a crash or restart.
    void reopen() {
        store_.reset();
        store_ =
            std::make_unique<gateway::storage::SqliteStore>(file(), gateway::rulebook(settings, reader_));
    }
    gateway::storage::SqliteStore& store() { return *store_; }
    std::filesystem::path file() const { return folder.path() / "hoiam.db"; }

    /// A counter dossier of Hội Nghĩa with a mobile number, as of its `status`.
    notify::DossierEvent event(int status, const std::string& code = "000.25.15.H09-180103-0001") {
        notify::DossierEvent event{
            .event_id = "e" + std::to_string(++events_),
            .dossier = *notify::DossierCode::parse(code),
            .status = *notify::status_from(status),
            .at = now,
        };
        event.commune = "25915";
        event.procedure = notify::Procedure{"1.001193", "Đăng ký khai sinh", "Hộ tịch"};
        event.applicant_name = "Nguyễn Văn A";
        event.phone = "0912345678";
        return event;
    }
    notify::EventResults accept(notify::DossierEvent event) {
        std::vector<notify::DossierEvent> events;
        events.push_back(std::move(event));
        return run(store_->accept_events(std::move(events), now));
    }
    std::vector<notify::Outbound> claim(int limit = 100) {
        return run(store_->claim({.provider = "esms", .limit = limit, .now = now})).messages;
    }
    notify::OutcomeDecision answer(
        const notify::Outbound& message, config::OutcomeClass kind, const std::string& provider_id = "",
        std::chrono::hours idempotency = std::chrono::hours(24)
    ) {
        notify::Attempt attempt{
            .message = message,
            .outcome = {kind, "code", provider_id},
            .provider = "esms",
            .policy = {.idempotency = idempotency},
            .now = now,
            .jitter = 0.5
        };
        return run(store_->record_attempt(std::move(attempt)));
    }
    notify::ReportResult report(const std::string& provider_id, config::ReportState state) {
        return run(store_->record_report(
            {.provider = "esms", .provider_message_id = provider_id, .code = "5", .state = state}, now
        ));
    }
    survey::InboundResult reply(
        const std::string& text, const std::string& from = "84912345678",
        std::optional<notify::Claim> room = std::nullopt
    ) {
        return run(store_->take_inbound(
            {.provider = "esms", .key = "mo" + std::to_string(++replies_), .from = from, .text = text}, now,
            std::move(room)
        ));
    }
    survey::TimersRun timers() { return run(store_->run_timers(now, 1000)); }
    std::vector<notify::MessageView> messages() { return run(store_->messages({})); }
    std::string state_of_last() { return messages().back().state; }

    std::int64_t tally(const std::string& measure, const std::string& month = "2018-01") {
        const auto period = *config::Month::parse(month);
        const auto rows = run(store_->tallies({period, period}, survey::By::month));
        return rows.empty() ? 0 : rows.front().count(measure);
    }
    /// The kept figures agree with the records.
    bool recount_agrees() {
        gateway::storage::Connection connection(file(), gateway::storage::Connection::Mode::read_write);
        return gateway::storage::recount(connection, settings.survey.questionnaire).agrees();
    }

    TemporaryFolder folder;
    config::Settings settings;
    config::Time now = at("2018-01-03T09:00:00+07:00");

private:
    /// As many steps that change nothing as make the writer busy.
    void add_crowd() {
        for (int i = 0; i < 8; ++i)
            boost::asio::co_spawn(context_, store_->replay(notify::MessageId{}, now), boost::asio::detached);
    }

    boost::asio::io_context context_{1};
    survey::text::Reader reader_;
    std::unique_ptr<gateway::storage::SqliteStore> store_;
    int events_ = 0, replies_ = 0;
};

}  // namespace testing_support
