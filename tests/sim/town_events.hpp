// What the town's one-stop software would tell the daemon in the course of the year: for each dossier the
// events of its life as POST /v1/dossier-events takes them. Drawn from the seed, so the same events with the
// same ids come out whenever it is asked. Pure, any thread.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/year.hpp"

namespace sim {

struct TownEvent {
    TimePoint at;
    std::string json;
};

std::vector<TownEvent> events_of(const Row& row, const Lot& lot);

// Of all dossiers, in order of time.
std::vector<TownEvent> events_of(const Year& year, std::uint64_t seed);

}  // namespace sim
