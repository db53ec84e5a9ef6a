#include "gateway/telemetry/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include <chrono>

namespace gateway::telemetry {
namespace {

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made =
            std::make_shared<spdlog::logger>("hoiam", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum level_of(Level level) {
    switch (level) {
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (!logger().should_log(level_of(level))) return;
    std::string line = R"("event":)" + boost::json::serialize(boost::json::string(event));
    for (const auto& [key, value] : fields) {
        line += ',' + boost::json::serialize(boost::json::string(key));
        line += ':' + boost::json::serialize(boost::json::string(value));
    }
    logger().log(level_of(level), "{}", line);
}

void set_level(Level level) {
    logger().set_level(level_of(level));
}

}  // namespace gateway::telemetry
