// How badly the simulated telecom behaves: the rates at which it is slow, refuses, loses its answer, and
// sends reports late, twice or in the wrong order. Set on the command line, changed at run time by POST
// /sim/behaviour. A plain value.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace sim {

struct Behaviour {
    // Milliseconds before an answer.
    double latency_min = 0;
    double latency_max = 0;
    // Shares of the requests that are refused, drawn anew for each attempt.
    double throttle = 0;
    double transient = 0;
    double credit = 0;
    double config = 0;
    double content = 0;
    double reset = 0;   // closed without an answer, nothing accepted
    double lost = 0;    // accepted, then closed without an answer
    double refuse = 0;  // share of the numbers that are refused for good
    // Shares of the accepted messages.
    double undelivered = 0;
    double no_report = 0;
    double duplicate_report = 0;
    double late_report = 0;
    double reorder = 0;  // an interim report arrives after the final one
    // Seconds from acceptance to the report.
    double report_min = 1;
    double report_max = 3;
    double late_min = 60;
    double late_max = 600;

    // Sets one value by its name; false if there is no such name.
    bool set(std::string_view name, double value);
    boost::json::object json() const;
    static std::string names();
};

}  // namespace sim
