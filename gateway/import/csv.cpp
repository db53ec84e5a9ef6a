#include "gateway/import/csv.hpp"

#include <algorithm>

namespace gateway::importing {

CsvReader::CsvReader(std::string_view content) : content_(content) {
    if (content_.starts_with("\xEF\xBB\xBF")) content_.remove_prefix(3);
    const auto header = content_.substr(0, content_.find('\n'));
    if (std::ranges::count(header, ';') > std::ranges::count(header, ',')) separator_ = ';';
}

double CsvReader::progress() const {
    return content_.empty() ? 1.0 : static_cast<double>(at_) / static_cast<double>(content_.size());
}

std::string CsvReader::quoted_field() {
    std::string field;
    const int begins = line_;
    for (++at_; at_ < content_.size(); ++at_) {
        const char c = content_[at_];
        if (c == '\n') ++line_;
        if (c != '"') {
            field += c;
            continue;
        }
        const bool doubled = at_ + 1 < content_.size() && content_[at_ + 1] == '"';
        ++at_;
        if (!doubled) return field;
        field += '"';
    }
    unclosed_quote_ = begins;
    return field;
}

std::optional<CsvRow> CsvReader::next() {
    while (at_ < content_.size()) {
        CsvRow row{.line = line_, .fields = {std::string()}};
        while (at_ < content_.size() && content_[at_] != '\n') {
            const char c = content_[at_];
            if (c == '"' && row.fields.back().empty()) {
                row.fields.back() = quoted_field();
                continue;
            }
            if (c == separator_)
                row.fields.emplace_back();
            else if (c != '\r')
                row.fields.back() += c;
            ++at_;
        }
        ++at_;
        ++line_;
        const bool empty = std::ranges::all_of(row.fields, &std::string::empty);
        if (!empty) return row;
    }
    return std::nullopt;
}

}  // namespace gateway::importing
