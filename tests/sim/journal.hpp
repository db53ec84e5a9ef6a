// The town's memory on disk: every accepted SMS, appended before the daemon gets its answer, and the mark up
// to which the year is done. With both, a town that was stopped or killed plans the same reports and replies
// again and sends what comes after the mark. Also writes what the citizens really meant, for whoever wants to
// compare. One thread.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

#include "tests/sim/telecom.hpp"

namespace sim {

class Journal {
public:
    // Creates the folder where needed; throws if it cannot be written.
    explicit Journal(const std::filesystem::path& folder);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    const std::vector<Message>& messages() const { return messages_; }  // as found at start
    std::optional<TimePoint> mark() const { return mark_; }

    void append(const Message& message);
    void set_mark(TimePoint mark);
    void append_reply(TimePoint at, const Reply& reply);

private:
    void read_messages(const std::filesystem::path& path);
    void read_mark(const std::filesystem::path& path);

    std::vector<Message> messages_;
    std::optional<TimePoint> mark_;
    int messages_file_ = -1;
    int mark_file_ = -1;
    std::ofstream replies_;
};

}  // namespace sim
