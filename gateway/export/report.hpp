// A period's figures as people and spreadsheets want them: an aligned Vietnamese text, CSV, or JSON. The same
// figures as the HTTP interface shows. Pure; `hoiam report` prints what comes back.
#pragma once

#include "config/settings.hpp"
#include "survey/store.hpp"

#include <string>
#include <vector>

namespace gateway::exporting {

struct ReportData {
    survey::Period period;
    survey::By by;
    std::vector<survey::TallyRow> rows;
};

std::string report_text(const ReportData& data, const config::Settings& settings);
std::string report_csv(const ReportData& data, const config::Settings& settings);
std::string report_json(const ReportData& data, const config::Settings& settings);

}  // namespace gateway::exporting
