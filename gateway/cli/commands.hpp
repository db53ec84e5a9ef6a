// The commands of the one binary, each returning its exit code (0 done, 1 failed). The command line itself is
// read in command_line.cpp. A command that touches the database opens the store as the daemon does.
#pragma once

#include "config/settings.hpp"
#include "gateway/api/access.hpp"
#include "survey/store.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gateway::cli {

int import_files(const config::Settings& settings, const std::vector<std::string>& files);

struct ReportRequest {
    survey::Period period;
    survey::By by;
    std::string format;  // text, csv, json
};
int report(const config::Settings& settings, const ReportRequest& request);

int recount(const config::Settings& settings, bool repair);
int add_key(const config::Settings& settings, const std::string& name, api::Role role);
int check(const config::Settings& settings);
int back_up(const config::Settings& settings, const std::string& file);
int restore(const config::Settings& settings, const std::string& file);

// Filters: standard input to standard output, one line each.
int measure_texts();
int parse_phones();
int read_replies(bool score);

}  // namespace gateway::cli
