// The sample year as the simulated town reads it: the rows of deploy/sample/tan-uyen-2018.csv.gz (unpacked),
// found again by dossier code. Read once at start; constant afterwards.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/sim/citizens.hpp"

namespace sim {

struct Row {
    std::string code;
    int status = 0;
    std::string commune;
    std::string procedure_code, procedure_name, field;
    std::string applicant, phone;
    std::string submitted_by, return_by;
    TimePoint received_at, due_at;
    std::optional<TimePoint> finished_at, returned_at;
    std::string note;

    bool late() const { return finished_at && *finished_at > due_at; }
};

class Year {
public:
    // The error names the line.
    static std::expected<Year, std::string> read(std::string_view csv);

    const std::vector<Row>& rows() const { return rows_; }

    // The dossier whose code stands in the text.
    std::optional<DossierTruth> truth_in(std::string_view text) const;

private:
    std::vector<Row> rows_;
    std::unordered_map<std::string, std::size_t> by_code_;
};

}  // namespace sim
