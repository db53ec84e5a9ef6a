// The composition root of `hoiam serve`: builds every part with exactly what it uses, starts them in order
// and stops them in reverse on SIGTERM or SIGINT: no new connections, requests answered, messages in flight
// finished and recorded, then the store closed. A watchdog ends a stop that hangs. Runs until stopped.
#pragma once

#include "config/settings.hpp"

#include <optional>

namespace gateway {

struct ServeOptions {
    std::optional<config::Time> virtual_clock;  // stand still at this time until moved over HTTP
};

/// The process's exit code.
int serve(const config::Settings& settings, const ServeOptions& options);

}  // namespace gateway
