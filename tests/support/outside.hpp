// The world outside of one store, as a fixed little play: an office that sends the events of four dossiers, a
// telecom that deduplicates, loses answers and reports, citizens who reply. Every step is repeated until the
// store has answered it, as real ones repeat what was not answered; so whatever the disk does on the way, the
// play must end in the same state. Used by the tests of power cuts and of a failing disk.
#pragma once

#include "tests/support/world.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace testing_support {

inline const config::Settings& always_open_settings() {
    static const TemporaryFolder folder;
    static const auto settings = settings_of(
        folder, esms_configuration +
                    "[survey]\ndelay = \"0s\"\nhours = \"00:00-24:00\"\nleast_answers = 1\n"
                    "[notify]\ncoalesce = \"0s\"\nhours = \"00:00-24:00\"\n"
    );
    return settings;
}

class Outside {
public:
    explicit Outside(std::filesystem::path file) : file_(std::move(file)) {
        for (const int status : {2, 9, 10})
            steps_.push_back([this, status] { post(1, 3, status); });
        steps_.insert(
            steps_.begin() + 1, {[this] { send_all(); }, [this] { let_reports_wait(); },
                                 [this] { report_all(); }, [this] { apply_waiting_reports(); }}
        );
        steps_.insert(steps_.begin() + 6, {[this] { send_all(); }});
        steps_.push_back([this] { run_timers(); });
        steps_.push_back([this] { send_all(); });
        steps_.push_back([this] { report_all(); });
        steps_.push_back([this] { reply({{1, "TANUYEN 2"}, {2, "TANUYEN 5"}, {3, "TC TANUYEN"}}); });
        steps_.push_back([this] { send_all(); });
        steps_.push_back([this] { reply({{1, "cho doi lau qua"}}); });
        steps_.push_back([this] { checkpoint(); });
        steps_.push_back([this] { reopen(); });
        steps_.push_back([this] { post(4, 4, 2); });
        steps_.push_back([this] { send_all(); });
        steps_.push_back([this] { report_all(); });
        steps_.push_back([this] { reopen(); });
    }

    /// Plays to the end. `mend` is called whenever something was refused, and may close and restart the
    /// store.
    void play(const std::function<void()>& mend) {
        std::size_t refusals = 0;
        for (std::size_t at = 0; at < steps_.size();) {
            try {
                if (!store_) open();
                steps_[at]();
                ++at;
                now_ = std::max(now_, start() + std::chrono::minutes(10 * at));
            } catch (const notify::StoreUnavailable& error) {
                last_refusal = error.what();
                ASSERT_LT(++refusals, 50U) << "the store does not go on: " << last_refusal;
                mend();
            }
        }
    }
    void close() {
        store_.reset();
        in_flight_.clear();
    }

    /// What the store answered is there: after a loss, before anything is repeated.
    void expect_kept() {
        if (!store_) open();
        apply_waiting_reports();
        for (const auto& [id, event] : kept_events_)
            EXPECT_EQ(
                run(store_->accept_events({event}, now_)).each.front().kind,
                notify::EventResult::Kind::duplicate
            ) << "lost: event "
              << id;
        std::map<std::string, std::string> states;
        for (const auto& message : messages())
            states[run(store_->message(message.id))->request_id] = message.state;
        for (const auto& id : kept_answers_)
            EXPECT_TRUE(states[id] == "accepted" || states[id] == "delivered") << "lost: an answer to " << id;
        for (const auto& id : kept_reports_)
            EXPECT_EQ(states[id], "delivered") << "lost: a report";
        for (const auto& sms : kept_replies_)
            EXPECT_TRUE(run(store_->take_inbound(sms, now_, {})).repeated) << "lost: a reply";
    }

    /// Every message with its end, and every figure; the same for every way the play went.
    std::vector<std::string> record() {
        if (!store_) open();
        std::vector<std::string> lines;
        for (const auto& each : messages())
            lines.push_back(each.dossier + " " + each.situation + " " + each.state + " " + each.text);
        std::ranges::sort(lines);
        const auto month = *config::Month::parse("2018-01");
        for (const auto& row : run(store_->tallies({month, month}, survey::By::commune)))
            for (const auto& [measure, n] : row.counts)
                lines.push_back(row.key + " " + measure + " " + std::to_string(n));
        return lines;
    }
    /// The file is whole and the kept figures agree with the records.
    void expect_sound() {
        gateway::storage::Connection db(file_, gateway::storage::Connection::Mode::read_write);
        auto rows = db.query("PRAGMA integrity_check");
        ASSERT_TRUE(rows.next());
        EXPECT_EQ(rows.text(0), "ok");
        EXPECT_FALSE(db.query("PRAGMA foreign_key_check").next());
        EXPECT_TRUE(gateway::storage::recount(db, always_open_settings().survey.questionnaire).agrees());
    }
    std::size_t sent() const { return taken_.size(); }

    std::string last_refusal;
    std::vector<std::string> broken_promises;  // what a telecom must never see

private:
    struct Sms {
        std::string phone, text, id;
    };

    static config::Time start() { return at("2018-01-03T09:00:00+07:00"); }

    template <typename T>
    T run(boost::asio::awaitable<T> work) {
        context_.restart();
        auto result = boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future);
        context_.run();
        return result.get();
    }

    /// Steps that share commits, in whatever groups the writer takes them; `answered` hears of each that was
    /// not refused.
    template <typename T, typename Answered>
    void run_together(std::vector<boost::asio::awaitable<T>> works, Answered answered) {
        context_.restart();
        std::vector<std::future<T>> results;
        for (auto& work : works)
            results.push_back(boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future));
        context_.run();
        std::exception_ptr refused;
        for (std::size_t i = 0; i < results.size(); ++i) {
            try {
                answered(i, results[i].get());
            } catch (const notify::StoreUnavailable&) {
                refused = std::current_exception();
            }
        }
        if (refused) std::rethrow_exception(refused);
    }

    void open() {
        store_ = std::make_unique<gateway::storage::SqliteStore>(
            file_, gateway::rulebook(always_open_settings(), reader())
        );
        try {
            run(store_->recover({{"esms", {.idempotency = std::chrono::hours(24)}}}, now_));
        } catch (...) {
            store_.reset();  // as the daemon, which ends when it cannot start
            throw;
        }
    }
    void reopen() {
        close();
        open();
    }
    static const survey::text::Reader& reader() {
        static const survey::text::Reader reader(always_open_settings().lexicon);
        return reader;
    }

    static notify::DossierEvent event(int dossier, int status) {
        const auto number = std::to_string(dossier);
        notify::DossierEvent event{
            .event_id = number + "/" + std::to_string(status),
            .dossier = *notify::DossierCode::parse("000.25.15.H09-180103-000" + number),
            .status = *notify::status_from(status),
            .at = start() - std::chrono::minutes(60 - status),
        };
        event.commune = "25915";
        event.procedure = notify::Procedure{"1.001193", "Đăng ký khai sinh", "Hộ tịch"};
        event.applicant_name = "Nguyễn Văn A";
        event.phone = "091234567" + number;
        event.submitted_by = notify::Channel::online;
        return event;
    }
    void post(int first, int last, int status) {
        std::vector<notify::DossierEvent> events;
        std::vector<boost::asio::awaitable<notify::EventResults>> steps;
        for (int dossier = first; dossier <= last; ++dossier) {
            events.push_back(event(dossier, status));
            steps.push_back(store_->accept_events({events.back()}, now_));
        }
        run_together(std::move(steps), [&](std::size_t i, const notify::EventResults& results) {
            EXPECT_NE(results.each.front().kind, notify::EventResult::Kind::rejected);
            kept_events_.emplace(events[i].event_id, events[i]);
        });
    }

    // Until nothing waits, minutes passing. The telecom takes everything; every third answer gets lost.
    void send_all() {
        for (int round = 0; round < 60; ++round) {
            for (; !in_flight_.empty(); in_flight_.pop_front())
                hand_over(in_flight_.front());
            const auto claimed = run(store_->claim({.provider = "esms", .limit = 2, .now = now_}));
            in_flight_.assign(claimed.messages.begin(), claimed.messages.end());
            if (claimed.messages.empty() && !claimed.next_due) return;
            if (claimed.messages.empty()) now_ = *claimed.next_due;
        }
        ADD_FAILURE() << "the outbox does not become empty";
    }
    void hand_over(const notify::Outbound& message) {
        const auto phone = message.phone.e164();
        const auto [found, fresh] =
            taken_.emplace(message.request_id, Sms{phone, message.text, "sms-" + message.request_id});
        if (!fresh && (found->second.phone != phone || found->second.text != message.text))
            broken_promises.push_back(message.request_id + " came again with another text");
        if (fresh && !facts_.insert(phone + message.text).second)
            broken_promises.push_back(message.request_id + " is the second SMS about one fact");
        const bool lost = fresh && taken_.size() % 3 == 0;
        notify::Attempt attempt{
            .message = message,
            .outcome =
                {.kind = lost    ? config::OutcomeClass::ambiguous
                         : fresh ? config::OutcomeClass::accepted
                                 : config::OutcomeClass::duplicate,
                 .code = lost ? "no_answer" : "100",
                 .provider_message_id = lost ? "" : found->second.id},
            .provider = "esms",
            .policy = {.idempotency = std::chrono::hours(24)},
            .now = now_,
            .jitter = 0.5,
        };
        run(store_->record_attempt(std::move(attempt)));
        if (!lost) kept_answers_.insert(message.request_id);
    }
    void report_all() {
        std::vector<std::string> requests;
        std::vector<boost::asio::awaitable<notify::ReportResult>> steps;
        for (const auto& [request, sms] : taken_) {
            if (kept_reports_.contains(request)) continue;
            notify::DeliveryReport report{
                .provider = "esms",
                .provider_message_id = sms.id,
                .request_id = request,
                .code = "5",
                .state = config::ReportState::delivered
            };
            requests.push_back(request);
            steps.push_back(store_->record_report(std::move(report), now_));
        }
        run_together(std::move(steps), [&](std::size_t i, notify::ReportResult) {
            kept_reports_.insert(requests[i]);
        });
    }
    // Behind one that waits (here for nobody) all others do, as in a flood.
    void let_reports_wait() {
        gateway::storage::Connection db(file_, gateway::storage::Connection::Mode::read_write);
        db.run(
            "INSERT INTO deferred_reports (message_id, provider, state, code, received_at) "
            "SELECT 0, '', 5, '', 0 WHERE NOT EXISTS (SELECT 1 FROM deferred_reports)"
        );
    }
    void apply_waiting_reports() {
        const auto waiting = run(store_->deferred_run());
        run(store_->apply_deferred(waiting, {.from = 0, .count = waiting->reports.size()}));
        run(store_->forget_deferred(waiting->last_id, {}));
    }
    void run_timers() { run(store_->run_timers(now_, 1000)); }
    struct Typed {
        int dossier;
        std::string text;
    };
    void reply(const std::vector<Typed>& replies) {
        std::vector<notify::provider::InboundSms> all;
        std::vector<boost::asio::awaitable<survey::InboundResult>> steps;
        for (const auto& [dossier, text] : replies) {
            all.push_back(
                {.provider = "esms", .key = text, .from = "8491234567" + std::to_string(dossier), .text = text
                }
            );
            steps.push_back(store_->take_inbound(all.back(), now_, {}));
        }
        run_together(std::move(steps), [&](std::size_t i, const survey::InboundResult&) {
            kept_replies_.push_back(all[i]);
        });
    }
    void checkpoint() {
        gateway::storage::Connection db(file_, gateway::storage::Connection::Mode::read_write);
        auto rows = db.query("PRAGMA wal_checkpoint(TRUNCATE)");
        while (rows.next()) {
        }
    }
    std::vector<notify::MessageView> messages() { return run(store_->messages({})); }

    std::filesystem::path file_;
    boost::asio::io_context context_{1};
    std::unique_ptr<gateway::storage::SqliteStore> store_;
    config::Time now_ = start();
    std::vector<std::function<void()>> steps_;
    std::map<std::string, Sms> taken_;  // by request id: what the telecom has
    std::set<std::string> facts_;
    std::deque<notify::Outbound> in_flight_;                   // claimed, their outcome not yet kept
    std::map<std::string, notify::DossierEvent> kept_events_;  // what the store has answered
    std::set<std::string> kept_answers_, kept_reports_;
    std::vector<notify::provider::InboundSms> kept_replies_;
};

}  // namespace testing_support
