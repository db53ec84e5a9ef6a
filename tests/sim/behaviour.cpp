#include "tests/sim/behaviour.hpp"

#include <array>
#include <utility>

namespace sim {
namespace {

using Field = std::pair<std::string_view, double Behaviour::*>;

constexpr std::array<Field, 19> fields{{
    {"latency_min", &Behaviour::latency_min},
    {"latency_max", &Behaviour::latency_max},
    {"throttle", &Behaviour::throttle},
    {"transient", &Behaviour::transient},
    {"credit", &Behaviour::credit},
    {"config", &Behaviour::config},
    {"content", &Behaviour::content},
    {"reset", &Behaviour::reset},
    {"lost", &Behaviour::lost},
    {"refuse", &Behaviour::refuse},
    {"undelivered", &Behaviour::undelivered},
    {"no_report", &Behaviour::no_report},
    {"duplicate_report", &Behaviour::duplicate_report},
    {"late_report", &Behaviour::late_report},
    {"reorder", &Behaviour::reorder},
    {"report_min", &Behaviour::report_min},
    {"report_max", &Behaviour::report_max},
    {"late_min", &Behaviour::late_min},
    {"late_max", &Behaviour::late_max},
}};

}  // namespace

bool Behaviour::set(std::string_view name, double value) {
    for (const auto& [field, member] : fields) {
        if (field != name) continue;
        this->*member = value;
        return true;
    }
    return false;
}

boost::json::object Behaviour::json() const {
    boost::json::object object;
    for (const auto& [field, member] : fields)
        object[field] = this->*member;
    return object;
}

std::string Behaviour::names() {
    std::string names;
    for (const auto& [field, member] : fields)
        names += (names.empty() ? "" : ", ") + std::string(field);
    return names;
}

}  // namespace sim
