// Dossiers from the rows of a table: finds the columns by their header, in English or Vietnamese with or
// without accents, and turns a row into the one event that brings the dossier to where the row says it is.
// The event's id is the row's content, so importing the same row again changes nothing. Pure.
#pragma once

#include "notify/dossier.hpp"

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace gateway::importing {

class Columns {
public:
    /// The errors name the columns that are missing or unknown twice, and what would be right.
    static std::expected<Columns, std::vector<std::string>> find(const std::vector<std::string>& header);

    /// Where a field stands, from 0; none when the table has no such column.
    std::optional<std::size_t> of(std::string_view field) const;
    /// The header as the file has it, for errors.
    const std::string& title(std::string_view field) const;
    const std::vector<std::string>& ignored() const { return ignored_; }

private:
    std::map<std::string, std::size_t, std::less<>> places_;
    std::vector<std::string> header_, ignored_;
};

struct CellError {
    std::string column, message;
};

std::expected<notify::DossierEvent, std::vector<CellError>> event_from_row(
    const std::vector<std::string>& row, const Columns& columns
);

/// The column behind a JSON pointer of an event ("/applicant/phone" → phone), for errors found later.
std::string field_of_pointer(std::string_view pointer);

}  // namespace gateway::importing
