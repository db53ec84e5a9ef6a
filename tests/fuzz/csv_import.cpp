// Dossiers from CSV: rows, columns, cells; and that what spreadsheets quote comes back as it was.
#include "gateway/import/csv.hpp"
#include "gateway/import/dossier_rows.hpp"
#include "tests/fuzz/event_checks.hpp"

namespace {

using fuzz::check;
using namespace gateway::importing;

std::vector<CsvRow> rows_of(std::string_view content) {
    CsvReader reader(content);
    std::vector<CsvRow> rows;
    const auto lines = std::ranges::count(content, '\n') + 1;
    while (auto row = reader.next()) {
        check(row->line >= 1 && row->line <= lines, "a row knows its line");
        check(rows.empty() || rows.back().line < row->line, "rows come in their order");
        check(reader.progress() >= 0, "progress goes from 0");
        check(!row->fields.empty(), "a row has fields");
        rows.push_back(*std::move(row));
    }
    if (const auto line = reader.unclosed_quote())
        check(*line >= 1 && *line <= lines, "a quote has its line");
    return rows;
}

std::string written(const std::vector<CsvRow>& rows) {
    std::string content;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.fields.size(); ++i) {
            content += i == 0 ? "\"" : ",\"";
            for (const char c : row.fields[i])
                content += c == '"' ? std::string("\"\"") : std::string(1, c);
            content += '"';
        }
        content += '\n';
    }
    return content;
}

// The header decides the separator, so a first row full of semicolons could not be told from one.
void check_round_trip(const std::vector<CsvRow>& rows) {
    for (const auto& row : rows)
        for (const auto& field : row.fields)
            if (field.find(';') != std::string::npos) return;
    const auto content = written(rows);
    if (content.starts_with("\xEF\xBB\xBF")) return;
    const auto again = rows_of(content);
    check(again.size() == rows.size(), "what was written has as many rows");
    for (std::size_t i = 0; i < rows.size(); ++i)
        check(again[i].fields == rows[i].fields, "a row written and read again is equal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto rows = rows_of(fuzz::text_of(data, size));
    check_round_trip(rows);
    if (rows.empty()) return 0;
    const auto columns = Columns::find(rows.front().fields);
    if (!columns) {
        check(!columns.error().empty() && !columns.error().front().empty(), "a bad header is told why");
        return 0;
    }
    for (const auto& row : rows) {
        const auto event = event_from_row(row.fields, *columns);
        if (event) {
            check(event_from_row(row.fields, *columns)->event_id == event->event_id, "a row is one event");
            fuzz::check_decision(*event);
            continue;
        }
        check(!event.error().empty(), "a bad row has an error");
        for (const auto& error : event.error())
            check(error.column != "?" && !error.message.empty(), "an error names its column");
    }
    return 0;
}
