#include "gateway/cli/commands.hpp"

#include "gateway/cli/open_store.hpp"
#include "gateway/import/csv.hpp"
#include "gateway/import/dossier_rows.hpp"
#include "notify/clock.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>

namespace gateway::cli {

namespace asio = boost::asio;

namespace {

constexpr std::size_t step_size = 500;  // rows in one transaction
constexpr int most_errors_shown = 50;   // of one file; the rest is counted

/// What an import has done so far, for one file.
struct Tally {
    int rows = 0, accepted = 0, duplicate = 0, rejected = 0;
    std::map<std::string, int> phone_problems;
};

/// One file on its way into the store.
class FileImport {
public:
    FileImport(std::string name, std::string content, storage::SqliteStore& store)
        : name_(std::move(name)), content_(std::move(content)), csv_(content_), store_(store) {}

    asio::awaitable<bool> run() {
        const auto header = csv_.next();
        if (!header) {
            fmt::print(stderr, "{}:1: the file is empty; its first line must name the columns\n", name_);
            co_return false;
        }
        auto columns = importing::Columns::find(header->fields);
        if (!columns) {
            for (const auto& error : columns.error())
                fmt::print(stderr, "{}:1: {}\n", name_, error);
            co_return false;
        }
        columns_ = *std::move(columns);
        for (const auto& title : columns_.ignored())
            fmt::print(stderr, "{}:1: note: column {} is not used\n", name_, title);
        while (auto row = csv_.next()) {
            read(*row);
            if (events_.size() >= step_size) co_await keep();
        }
        co_await keep();
        finish();
        co_return tally_.rejected == 0;
    }

private:
    void read(const importing::CsvRow& row) {
        ++tally_.rows;
        auto event = importing::event_from_row(row.fields, columns_);
        if (event) {
            events_.push_back(*std::move(event));
            lines_.push_back(row.line);
            return;
        }
        ++tally_.rejected;
        for (const auto& error : event.error())
            complain(row.line, error.column, error.message);
    }

    asio::awaitable<void> keep() {
        if (events_.empty()) co_return;
        auto events = std::move(events_);
        events_.clear();
        const auto results = co_await store_.accept_events(std::move(events), clock_.now());
        for (std::size_t i = 0; i < results.each.size(); ++i)
            count(results.each[i], lines_[i]);
        lines_.clear();
        show_progress();
    }

    void count(const notify::EventResult& result, int line) {
        using Kind = notify::EventResult::Kind;
        if (result.kind == Kind::accepted) ++tally_.accepted;
        if (result.kind == Kind::duplicate) ++tally_.duplicate;
        for (const auto& warning : result.warnings)
            ++tally_.phone_problems[warning.code];
        if (result.kind != Kind::rejected) return;
        ++tally_.rejected;
        complain(
            line, columns_.title(importing::field_of_pointer(result.refusal->pointer)),
            result.refusal->message
        );
    }

    void complain(int line, std::string_view column, std::string_view message) {
        if (++shown_ > most_errors_shown) return;
        clear_progress();
        fmt::print(stderr, "{}:{}: column {}: {}\n", name_, line, column, message);
    }

    void show_progress() const {
        if (!::isatty(STDERR_FILENO)) return;
        constexpr int width = 30;
        const int done = static_cast<int>(csv_.progress() * width);
        fmt::print(stderr, "\r{} [{:=<{}}{: <{}}] {} rows", name_, "", done, "", width - done, tally_.rows);
    }
    void clear_progress() const {
        if (::isatty(STDERR_FILENO)) fmt::print(stderr, "\r\x1b[K");
    }

    void finish() {
        clear_progress();
        if (const auto line = csv_.unclosed_quote()) {
            ++tally_.rejected;
            fmt::print(
                stderr, "{}:{}: a quoted field begins here and never ends; close it with \"\n", name_, *line
            );
        }
        if (shown_ > most_errors_shown)
            fmt::print(stderr, "{}: … and {} more errors\n", name_, shown_ - most_errors_shown);
        fmt::print(
            "{}: {} rows, {} accepted, {} already known, {} rejected\n", name_, tally_.rows, tally_.accepted,
            tally_.duplicate, tally_.rejected
        );
        for (const auto& [problem, n] : tally_.phone_problems)
            fmt::print("  without a mobile number ({}): {}\n", problem, n);
    }

    std::string name_, content_;
    importing::CsvReader csv_;
    storage::SqliteStore& store_;
    notify::SystemClock clock_;
    importing::Columns columns_;
    std::vector<notify::DossierEvent> events_;
    std::vector<int> lines_;
    Tally tally_;
    int shown_ = 0;
};

asio::awaitable<bool> import_all(const std::vector<std::string>& files, storage::SqliteStore& store) {
    bool good = true;
    for (const auto& name : files) {
        std::ifstream in(name, std::ios::binary);
        if (!in) {
            fmt::print(stderr, "{}: cannot be read\n", name);
            good = false;
            continue;
        }
        FileImport import(name, std::string(std::istreambuf_iterator<char>(in), {}), store);
        const bool complete = co_await import.run();
        good = good && complete;
    }
    co_return good;
}

}  // namespace

int import_files(const config::Settings& settings, const std::vector<std::string>& files) {
    return with_store(settings, [&](storage::SqliteStore& store) { return import_all(files, store); }) ? 0
                                                                                                       : 1;
}

}  // namespace gateway::cli
