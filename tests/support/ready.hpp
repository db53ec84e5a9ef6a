// The world in which most tests of the outbox begin.
#pragma once

#include "tests/support/world.hpp"

namespace testing_support {

/// A world in which the result of one dossier is ready to be told.
struct Ready : World {
    Ready() {
        accept(event(2));
        now += std::chrono::hours(1);
        accept(event(9));
        now += std::chrono::minutes(5);
    }
};

}  // namespace testing_support
