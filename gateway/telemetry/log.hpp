// The structured log: one JSON object a line on stderr (systemd's journal keeps it). Callers give an event
// name and plain fields; never a phone number, a name or a citizen's words. spdlog stays in the .cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gateway::telemetry {

enum class Level { info, warning, error };

using Field = std::pair<std::string_view, std::string>;

void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

/// Nothing below this level is written.
void set_level(Level level);

}  // namespace gateway::telemetry
