// The HTTP interface with nothing behind it: stores that remember nothing and answer what a well-meant store
// may answer, so that a fuzzer reaches every endpoint thousands of times a second. The key "k" is an admin's.
#pragma once

#include "gateway/api/api.hpp"
#include "tests/fuzz/settings.hpp"

#include <boost/asio/io_context.hpp>

namespace fuzz {

template <typename T>
using Later = boost::asio::awaitable<T>;

class FakeMessages final : public notify::Store {
public:
    Later<notify::EventResults> accept_events(std::vector<notify::DossierEvent> events, notify::Time)
        override {
        notify::EventResults results;
        results.each.resize(events.size());
        for (std::size_t i = 0; i < events.size(); ++i)
            if (i % 3 == 2)
                results.each[i] = {
                    .kind = notify::EventResult::Kind::rejected,
                    .refusal = notify::Remark{"/commune", "unknown_unit", "is no unit"}
                };
        co_return results;
    }
    Later<notify::Claimed> claim(notify::Claim) override { co_return notify::Claimed{}; }
    Later<notify::OutcomeDecision> record_attempt(notify::Attempt) override {
        co_return notify::OutcomeDecision{};
    }
    Later<notify::ReportResult> record_report(notify::DeliveryReport report, notify::Time) override {
        co_return report.provider_message_id.size() % 2 == 0 ? notify::ReportResult::recorded
                                                             : notify::ReportResult::kept_unmatched;
    }
    Later<int> recover(std::map<std::string, notify::ResendPolicy>, notify::Time) override { co_return 0; }
    Later<bool> replay(notify::MessageId id, notify::Time) override {
        co_return static_cast<std::int64_t>(id) % 2 == 0;
    }
    Later<std::optional<notify::Dossier>> dossier(notify::DossierCode code) override {
        co_return notify::Dossier{.code = std::move(code), .status = notify::Status::received};
    }
    Later<std::vector<notify::MessageView>> messages(notify::MessageFilter) override {
        co_return std::vector<notify::MessageView>(2);
    }
    Later<std::optional<notify::MessageView>> message(notify::MessageId id) override {
        co_return notify::MessageView{.id = id, .attempts = {{}}};
    }
};

class FakeSurvey final : public survey::Store {
public:
    Later<survey::InboundResult>
    take_inbound(notify::provider::InboundSms, notify::Time, std::optional<notify::Claim>) override {
        co_return survey::InboundResult{};
    }
    Later<survey::TimersRun> run_timers(notify::Time, int) override { co_return survey::TimersRun{}; }
    Later<bool> put_off_timer(notify::Time, notify::Time) override { co_return false; }
    Later<std::vector<survey::TallyRow>> tallies(survey::Period, survey::By) override {
        co_return std::vector<survey::TallyRow>{
            {.key = "25888@2013-12-29", .name = "P", .counts = {{"answered", 12}, {"score_5", 12}}}
        };
    }
};

class FakeKeys final : public gateway::api::KeyStore {
public:
    Later<std::optional<gateway::api::Role>> role_of(std::string hash) override {
        co_return hash == gateway::api::hash_of("k") ? std::optional(gateway::api::Role::admin)
                                                     : std::nullopt;
    }
    Later<bool> add_key(std::string, gateway::api::Role, std::string, config::Time) override {
        co_return true;
    }
};

struct FakeWorld {
    boost::asio::io_context context{1};
    FakeMessages messages;
    FakeSurvey survey;
    FakeKeys keys;
    gateway::api::Access access{keys};
    notify::SystemClock clock;
    gateway::telemetry::Metrics metrics;

    gateway::http::Handler handler() {
        return gateway::api::make_handler({
            .settings = &settings(),
            .messages = &messages,
            .survey = &survey,
            .access = &access,
            .clock = &clock,
            .metrics = &metrics,
            .outbox_due = [](config::Time) {},
            .reserve = [] { return std::optional<notify::Claim>{}; },
            .use_reserved = [](std::optional<notify::Outbound>) {},
            .report_deferred = [] {},
            .timer_due = [](config::Time) {},
            .ready = [] { return true; },
            .measure = []() -> Later<void> { co_return; },
        });
    }
};

}  // namespace fuzz
