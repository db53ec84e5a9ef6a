// The world in which most tests of surveys begin.
#pragma once

#include "tests/support/world.hpp"

namespace testing_support {

/// A citizen who has been asked for a score.
struct Asked : World {
    explicit Asked(const std::string& configuration = esms_configuration) : World(configuration) {
        accept(event(2));
        now += std::chrono::hours(1);
        accept(event(10));
        now += std::chrono::hours(25);
        timers();
    }
    std::string last_situation() { return messages().back().situation; }
};

}  // namespace testing_support
