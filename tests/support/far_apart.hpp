// A store with a dozen messages that the provider has accepted, each on pages of the database of its own: the
// place for tests of delivery reports in random order.
#pragma once

#include "tests/support/world.hpp"

#include <string>
#include <vector>

namespace testing_support {

struct Told {
    int message;
    config::ReportState state;
};

/// Messages that the provider has accepted as p0, p1, …, each on pages of its own.
class FarApart : public World {
public:
    static constexpr int count = 12;

    explicit FarApart(int ids_apart = 5000) : apart_(ids_apart) {
        for (int i = 0; i < count; ++i) {
            auto of = event(9, code(i));
            of.phone = "09123456" + std::to_string(10 + i);
            accept(std::move(of));
        }
        now += std::chrono::minutes(10);
        sql("UPDATE messages SET id = id * ? + ?", apart_, first_id);
        for (const auto& message : claim())
            answer(message, config::OutcomeClass::accepted, provider_id(number_of(message)));
    }

    /// All at once, so that the writer has much to do.
    std::vector<notify::ReportResult> report_together(const std::vector<Told>& reports) {
        std::vector<boost::asio::awaitable<notify::ReportResult>> steps;
        for (const auto& [message, state] : reports)
            steps.push_back(store().record_report(
                {.provider = "esms", .provider_message_id = provider_id(message), .code = "5", .state = state
                },
                now
            ));
        return run_together(std::move(steps));
    }
    notify::ReportResult report_alone(const Told& report) {
        return World::report(provider_id(report.message), report.state);
    }

    /// As the worker does with many; the number of reports.
    std::size_t apply(bool forgotten = true) {
        const auto run = this->run(store().deferred_run());
        this->run(store().apply_deferred(run, {.from = 0, .count = run->reports.size()}));
        if (forgotten) this->run(store().forget_deferred(run->last_id, {}));
        return run->reports.size();
    }

    std::vector<std::string> states() {
        std::vector<std::string> result(count);
        for (const auto& message : messages())
            if (message.situation == "result_ready")
                result[static_cast<std::size_t>(
                    (static_cast<std::int64_t>(message.id) - first_id) / apart_ - 1
                )] = message.state;
        return result;
    }
    /// State and cause of each.
    std::vector<std::string> outcomes() {
        std::vector<std::string> result;
        for (const auto& message : messages())
            result.push_back(message.state + " " + message.cause);
        return result;
    }
    std::int64_t deferred_rows() {
        gateway::storage::Connection db(file(), gateway::storage::Connection::Mode::read_only);
        auto rows = db.query("SELECT count(*) FROM deferred_reports");
        rows.next();
        return rows.integer(0);
    }
    template <typename... Values>
    void sql(const char* statement, Values... values) {
        gateway::storage::Connection db(file(), gateway::storage::Connection::Mode::read_write);
        db.run(statement, values...);
    }
    static std::string provider_id(int number) { return "p" + std::to_string(number); }

private:
    static std::string code(int number) { return "000.25.15.H09-180103-00" + std::to_string(10 + number); }
    int number_of(const notify::Outbound& message) const {
        return static_cast<int>((static_cast<std::int64_t>(message.id) - first_id) / apart_) - 1;
    }

    static constexpr std::int64_t first_id = 1'000'000;
    int apart_;
};

inline std::vector<Told> everyone(config::ReportState state) {
    std::vector<Told> reports;
    for (const int message : {5, 0, 9, 3, 11, 7, 1, 10, 2, 8, 4, 6})
        reports.push_back({message, state});
    return reports;
}

inline std::vector<std::string> all(const std::string& state) {
    return std::vector<std::string>(FarApart::count, state);
}

}  // namespace testing_support
