// Reads CSV as spreadsheets write it (RFC 4180): comma or semicolon (whichever the header uses), quoted
// fields with doubled quotes and line breaks, a byte order mark, LF or CRLF. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::importing {

struct CsvRow {
    int line = 0;  // where it begins, from 1
    std::vector<std::string> fields;
};

class CsvReader {
public:
    explicit CsvReader(std::string_view content);

    /// The next row that is not empty; none at the end.
    std::optional<CsvRow> next();
    /// How much has been read, 0 to 1, for a progress bar.
    double progress() const;
    /// Set when a quoted field never ends: the line where it begins.
    std::optional<int> unclosed_quote() const { return unclosed_quote_; }

private:
    std::string quoted_field();

    std::string_view content_;
    std::size_t at_ = 0;
    int line_ = 1;
    char separator_ = ',';
    std::optional<int> unclosed_quote_;
};

}  // namespace gateway::importing
