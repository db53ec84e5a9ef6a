#include "gateway/export/report.hpp"
#include "gateway/cli/commands.hpp"
#include "gateway/cli/open_store.hpp"

#include <fmt/format.h>

namespace gateway::cli {

int report(const config::Settings& settings, const ReportRequest& request) {
    auto rows = with_store(settings, [&](storage::SqliteStore& store) {
        return store.tallies(request.period, request.by);
    });
    const exporting::ReportData data{request.period, request.by, std::move(rows)};
    std::string text;
    if (request.format == "csv")
        text = exporting::report_csv(data, settings);
    else if (request.format == "json")
        text = exporting::report_json(data, settings);
    else
        text = exporting::report_text(data, settings);
    fmt::print("{}", text);
    return 0;
}

}  // namespace gateway::cli
