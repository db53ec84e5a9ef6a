// Dossier events from the national data format (Cổng Dịch vụ công quốc gia): DongBoHoSoMC, which carries the
// whole dossier, and CapNhatTienDoHoSoMC, which carries one step of its progress. All values are strings,
// dates come in three forms, and the same item may arrive as create or update several times: its content is
// its event id, so a repeat is recognised. Pure.
#pragma once

#include "notify/dossier.hpp"
#include "notify/on_event.hpp"

#include <boost/json/fwd.hpp>

#include <expected>
#include <vector>

namespace gateway::api {

enum class NationalService { sync_dossier, update_progress };

std::expected<notify::DossierEvent, std::vector<notify::Remark>> national_event_from(
    NationalService service, const boost::json::value& item, config::Time now
);

}  // namespace gateway::api
