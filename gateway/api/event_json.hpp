// A dossier event from its JSON (POST /v1/dossier-events), with every mistake and its JSON pointer. Pure.
#pragma once

#include "notify/dossier.hpp"
#include "notify/on_event.hpp"

#include <boost/json/fwd.hpp>

#include <expected>
#include <string>
#include <vector>

namespace gateway::api {

std::expected<notify::DossierEvent, std::vector<notify::Remark>> event_from(const boost::json::value& value);

/// "1500000" → "1.500.000", as amounts are written here; a text that is no whole number stays.
std::string amount_text(const std::string& amount);

}  // namespace gateway::api
