// What the operator should see of the messages: counted in metrics and written to the log by
// gateway/telemetry. Calls never carry a phone number or a text. On the I/O thread.
#pragma once

#include "config/profile.hpp"
#include "notify/message.hpp"

#include <string_view>

namespace notify {

class Monitor {
public:
    virtual ~Monitor() = default;
    virtual void attempted(
        std::string_view provider, config::OutcomeClass outcome, config::Duration took
    ) = 0;
    virtual void lane_stopped(
        std::string_view provider, std::string_view code, config::Duration stopped_for
    ) = 0;
    virtual void unreachable(std::string_view provider, config::Duration paused_for) = 0;
    virtual void unknown_code(std::string_view provider, std::string_view code) = 0;
    virtual void worker_failed(std::string_view worker, std::string_view error) = 0;
};

}  // namespace notify
