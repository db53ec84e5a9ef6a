#include "gateway/export/figures_json.hpp"

#include <cmath>

namespace gateway::exporting {
namespace {

// Four decimals: a hundredth of a percent is more than any n here supports.
boost::json::value rounded(const std::optional<double>& value) {
    if (!value) return nullptr;
    return std::round(*value * 10'000) / 10'000;
}

}  // namespace

boost::json::object json_of(const survey::Satisfaction& row) {
    boost::json::object scores;
    for (std::size_t i = 0; i < row.scores.size(); ++i)
        scores[std::to_string(i + 1)] = row.scores[i];
    boost::json::object body{
        {"key", row.key},
        {"name", row.name},
        {"invited", row.invited},
        {"delivered", row.delivered},
        {"answered", row.answered}
    };
    body["scores"] = std::move(scores);
    body["satisfied"] = row.satisfied;
    body["rate"] = rounded(row.rate);
    body["low"] = rounded(row.interval.transform([](const survey::Interval& i) { return i.low; }));
    body["high"] = rounded(row.interval.transform([](const survey::Interval& i) { return i.high; }));
    body["response_rate"] = rounded(row.response_rate);
    body["withheld"] = row.withheld;
    return body;
}

boost::json::object json_of(const survey::Reasons& row) {
    boost::json::object reasons;
    boost::json::array withheld;
    for (const auto& item : row.items) {
        if (item.count)
            reasons[item.code] = *item.count;
        else
            withheld.push_back(boost::json::value(item.code));
    }
    boost::json::object body{{"key", row.key}, {"name", row.name}, {"dissatisfied", row.dissatisfied}};
    body["reasons"] = std::move(reasons);
    body["withheld"] = std::move(withheld);
    return body;
}

boost::json::object json_of(const survey::Punctuality& row) {
    return {{"key", row.key},           {"name", row.name},       {"received", row.received},
            {"resolved", row.resolved}, {"early", row.early},     {"on_time", row.on_time},
            {"late", row.late},         {"by_post", row.by_post}, {"no_due_date", row.no_due_date}};
}

}  // namespace gateway::exporting
