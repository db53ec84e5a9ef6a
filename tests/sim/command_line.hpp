// The options that telecom_sim and simulated_town share: the provider's settings and the rates of
// misbehaviour.
#pragma once

#include "tests/sim/behaviour.hpp"
#include "tests/sim/options.hpp"
#include "tests/sim/wire.hpp"

namespace sim {

std::vector<OptionInfo> shared_options();
WireSettings wire_settings(const Options& options);

// The file of --behaviour first, then the single rates on the command line.
Behaviour behaviour(const Options& options, Behaviour start);

}  // namespace sim
