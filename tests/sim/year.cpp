#include "tests/sim/year.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tests/sim/times.hpp"

namespace sim {
namespace {

constexpr std::string_view header =
    "code,status,commune,procedure_code,procedure_name,field,applicant_name,phone,submitted_by,return_by,"
    "received_at,due_at,finished_at,returned_at,note";

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back().push_back(line[++i]);
        } else if (line[i] == '"') {
            quoted = !quoted;
        } else if (line[i] == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back().push_back(line[i]);
        }
    }
    return fields;
}

std::optional<Row> row_of(std::vector<std::string> fields) {
    if (fields.size() != 15) return std::nullopt;
    Row row;
    const auto& status = fields[1];
    const auto received = parse_rfc3339(fields[10]);
    const auto due = parse_rfc3339(fields[11]);
    std::from_chars(status.data(), status.data() + status.size(), row.status);
    if (!received || !due || row.status < 1 || row.status > 10) return std::nullopt;
    row.received_at = *received;
    row.due_at = *due;
    row.finished_at = parse_rfc3339(fields[12]);
    row.returned_at = parse_rfc3339(fields[13]);
    row.code = std::move(fields[0]);
    row.commune = std::move(fields[2]);
    row.procedure_code = std::move(fields[3]);
    row.procedure_name = std::move(fields[4]);
    row.field = std::move(fields[5]);
    row.applicant = std::move(fields[6]);
    row.phone = std::move(fields[7]);
    row.submitted_by = std::move(fields[8]);
    row.return_by = std::move(fields[9]);
    row.note = std::move(fields[14]);
    return row;
}

}  // namespace

std::expected<Year, std::string> Year::read(std::string_view csv) {
    Year year;
    std::size_t number = 0;
    while (!csv.empty()) {
        ++number;
        auto line = csv.substr(0, csv.find('\n'));
        csv.remove_prefix(std::min(line.size() + 1, csv.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (number == 1) {
            if (line != header) return std::unexpected("line 1: the columns must be " + std::string(header));
            continue;
        }
        auto row = row_of(fields_of(line));
        if (!row) return std::unexpected(fmt::format("line {}: not a dossier of the sample year", number));
        year.by_code_[row->code] = year.rows_.size();
        year.rows_.push_back(*std::move(row));
    }
    if (year.rows_.empty()) return std::unexpected("there are no dossiers");
    return year;
}

std::optional<DossierTruth> Year::truth_in(std::string_view text) const {
    constexpr std::string_view in_a_code = "0123456789.-ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    while (!text.empty()) {
        const auto start = text.find_first_of(in_a_code);
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        auto word = text.substr(0, text.find_first_not_of(in_a_code));
        text.remove_prefix(word.size());
        while (word.ends_with('.'))
            word.remove_suffix(1);
        const auto found = by_code_.find(std::string(word));
        if (found == by_code_.end()) continue;
        const auto& row = rows_[found->second];
        return DossierTruth{row.code, row.commune, row.late(), row.status == 3 || row.status == 8};
    }
    return std::nullopt;
}

}  // namespace sim
