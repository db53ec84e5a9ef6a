// The telecom's front desk: it routes an HTTP request to the wire that speaks it or to the /sim endpoints
// that tests use as an oracle, and turns what is due into calls to the daemon. Both programs put it behind
// their HTTP server. One thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tests/sim/http.hpp"
#include "tests/sim/telecom.hpp"
#include "tests/sim/wire.hpp"

namespace sim {

class Desk {
public:
    Desk(Telecom& telecom, const WireSettings& settings);

    HttpAnswer serve(const HttpRequest& request);

    // Nothing where the message asked for no report.
    std::optional<HttpCall> call_for(const Due& due);

    // What the daemon answered to a report or a reply; kept for /sim/stats.
    void called(const Due& due, const HttpResult& result);

    const std::vector<std::pair<TimePoint, Reply>>& replies() const { return replies_; }

private:
    HttpAnswer control(const HttpRequest& request);
    HttpAnswer messages(const HttpRequest& request) const;
    HttpAnswer stats() const;
    HttpAnswer taken() const;
    HttpAnswer inbound_now(const HttpRequest& request);
    HttpAnswer change_behaviour(const HttpRequest& request);
    const Wire* wire(std::string_view provider) const;

    Telecom& telecom_;
    std::vector<std::unique_ptr<Wire>> wires_;
    std::vector<std::pair<TimePoint, Reply>> replies_;
    std::uint64_t by_hand_ = 0;
    std::uint64_t reports_ok_ = 0;
    std::uint64_t reports_failed_ = 0;
    std::uint64_t replies_ok_ = 0;
    std::uint64_t replies_failed_ = 0;
    std::vector<std::pair<std::string, ReportKind>> reports_taken_;  // which the daemon answered 2xx
    std::vector<std::string> replies_taken_;
    std::string last_failure_;
};

}  // namespace sim
