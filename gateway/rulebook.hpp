// Binds the settings to the rules that the steps decide by. Whoever opens a store makes one; the settings and
// the reader must outlive it.
#pragma once

#include "gateway/storage/sqlite/steps.hpp"

namespace gateway {

inline storage::Rulebook rulebook(const config::Settings& settings, const survey::text::Reader& reader) {
    const auto notify_rules = notify::rules_of(settings);
    return {
        .notify = notify_rules,
        .survey =
            {&settings.organisation, &settings.survey, &settings.inbound, &settings.notify.catalogue, &reader,
             notify_rules.limits},
        .numbering = &settings.numbering,
    };
}

}  // namespace gateway
