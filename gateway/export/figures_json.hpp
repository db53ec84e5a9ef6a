// Figures as JSON, for the HTTP interface and `hoiam report --format json`. Pure.
#pragma once

#include "survey/figures.hpp"

#include <boost/json.hpp>

namespace gateway::exporting {

boost::json::object json_of(const survey::Satisfaction& row);
boost::json::object json_of(const survey::Reasons& row);
boost::json::object json_of(const survey::Punctuality& row);

}  // namespace gateway::exporting
