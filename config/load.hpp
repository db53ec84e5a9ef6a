// Reads a configuration file and every file it names into Settings. A named file is looked for beside the
// configuration, then among the shipped ones. All mistakes come back at once, each as
// "file:line: key: what is wrong; what would be right". Called once at start by each command that needs it.
#pragma once

#include "config/settings.hpp"

namespace config {

std::expected<Settings, std::vector<std::string>> load(const std::filesystem::path& file);

/// The configuration to use when the operator names none: ./hoiam.toml, else the shipped one.
std::filesystem::path default_file();

}  // namespace config
