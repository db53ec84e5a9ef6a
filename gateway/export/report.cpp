#include "gateway/export/report.hpp"

#include "gateway/export/figures_json.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gateway::exporting {
namespace {

using survey::By;
using survey::TallyRow;

std::string_view heading(By by) {
    switch (by) {
        case By::commune:
            return "Đơn vị";
        case By::procedure:
            return "Thủ tục";
        case By::month:
            return "Tháng";
    }
    return "";
}

std::string_view name_of(By by) {
    switch (by) {
        case By::commune:
            return "commune";
        case By::procedure:
            return "procedure";
        case By::month:
            return "month";
    }
    return "";
}

// Vietnamese percent: a decimal comma.
std::string percent(double share) {
    auto text = fmt::format("{:.2f}%", share * 100);
    std::ranges::replace(text, '.', ',');
    return text;
}

std::string percent(const std::optional<double>& share) {
    return share ? percent(*share) : "–";
}

/// A table of text cells, aligned by the widest of each column: the first column, and a last one of words, to
/// the left, figures to the right.
class Table {
public:
    explicit Table(std::vector<std::string> header, bool words_last = false) : words_last_(words_last) {
        add(std::move(header));
    }
    void add(std::vector<std::string> row) {
        widths_.resize(std::max(widths_.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths_[i] = std::max(widths_[i], width(row[i]));
        rows_.push_back(std::move(row));
    }
    std::string str() const {
        std::string text;
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            text += line(rows_[r]);
            if (r == 0 || r + 2 == rows_.size()) text += rule();
        }
        return text;
    }

private:
    static std::size_t width(std::string_view cell) {
        return static_cast<std::size_t>(std::ranges::count_if(cell, [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }));
    }
    std::string line(const std::vector<std::string>& row) const {
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths_[i] - width(row[i]), ' ');
            const bool words = words_last_ && i + 1 == row.size();
            text += i == 0 ? row[i] + space : words ? "  " + row[i] : "  " + space + row[i];
        }
        while (text.ends_with(' '))
            text.pop_back();
        return text + '\n';
    }
    std::string rule() const {
        constexpr std::size_t longest = 110;
        std::size_t length = 0;
        for (const auto each : widths_)
            length += each + 2;
        std::string text;
        for (std::size_t i = 2; i < std::min(length, longest); ++i)
            text += "─";
        return text + '\n';
    }

    std::vector<std::vector<std::string>> rows_;
    std::vector<std::size_t> widths_;
    bool words_last_;
};

/// All rows and, last, their sum.
std::vector<TallyRow> with_total(const ReportData& data) {
    auto rows = data.rows;
    rows.push_back(survey::total(data.rows, "Tổng cộng"));
    return rows;
}

std::string punctuality_table(const ReportData& data) {
    Table table(
        {std::string(heading(data.by)), "Tiếp nhận", "Giải quyết", "Trước hạn", "Đúng hạn", "Trễ hạn",
         "Tỷ lệ trễ", "Trả qua bưu điện"}
    );
    for (const auto& row : with_total(data)) {
        const auto p = survey::punctuality(row);
        const auto n = [](std::int64_t value) { return std::to_string(value); };
        const auto late = p.resolved > 0
                              ? std::optional(static_cast<double>(p.late) / static_cast<double>(p.resolved))
                              : std::nullopt;
        table.add(
            {p.name, n(p.received), n(p.resolved), n(p.early), n(p.on_time), n(p.late), percent(late),
             n(p.by_post)}
        );
    }
    return table.str();
}

std::string satisfaction_table(const ReportData& data, const config::Settings& settings) {
    Table table(
        {std::string(heading(data.by)), "Hỏi", "Đến máy", "Trả lời", "Tỷ lệ TL", "1", "2", "3", "4", "5",
         "Hài lòng", "KTC 95 %"}
    );
    for (const auto& row : with_total(data)) {
        const auto s = survey::satisfaction(row, settings.survey);
        const auto n = [](std::int64_t value) { return std::to_string(value); };
        std::vector<std::string> cells{
            s.name, n(s.invited), n(s.delivered), n(s.answered), percent(s.response_rate)
        };
        for (const auto score : s.scores)
            cells.push_back(n(score));
        cells.push_back(percent(s.rate));
        cells.push_back(
            s.interval ? fmt::format("{} … {}", percent(s.interval->low), percent(s.interval->high)) : "–"
        );
        table.add(std::move(cells));
    }
    return table.str();
}

std::string reasons_table(const ReportData& data, const config::Settings& settings) {
    Table table({std::string(heading(data.by)), "Không HL", "Lý do (số phiếu)"}, true);
    for (const auto& row : with_total(data)) {
        auto reasons = survey::reasons(row, settings.lexicon, settings.survey.least_answers, true);
        std::ranges::sort(reasons.items, {}, [](const survey::Reasons::Item& i) {
            return std::pair(-i.count.value_or(0), i.code);
        });
        std::string words;
        for (const auto& item : reasons.items)
            if (item.count.value_or(0) > 0)
                words += fmt::format("{}{} {}", words.empty() ? "" : ", ", item.label, *item.count);
        table.add({reasons.name, std::to_string(reasons.dissatisfied), words.empty() ? "–" : words});
    }
    return table.str();
}

std::string csv_field(std::string_view field) {
    if (field.find_first_of(",\"\n") == std::string_view::npos) return std::string(field);
    std::string result = "\"";
    for (const char c : field) {
        if (c == '"') result += '"';
        result += c;
    }
    return result + '"';
}

std::string decimal(const std::optional<double>& value) {
    return value ? fmt::format("{:.4f}", *value) : std::string();
}

std::string csv_row(const TallyRow& row, const config::Settings& settings) {
    const auto s = survey::satisfaction(row, settings.survey);
    const auto p = survey::punctuality(row);
    auto line = fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{}", csv_field(s.key), csv_field(s.name), p.received, p.resolved,
        p.early, p.on_time, p.late, p.by_post, s.invited, s.delivered, s.answered, s.satisfied
    );
    for (const auto score : s.scores)
        line += fmt::format(",{}", score);
    line += fmt::format(
        ",{},{},{},{},{}", decimal(s.rate), s.interval ? decimal(s.interval->low) : "",
        s.interval ? decimal(s.interval->high) : "", decimal(s.response_rate), s.withheld
    );
    line += fmt::format(",{}", row.count("dissatisfied"));
    for (const auto& item : survey::reasons(row, settings.lexicon, settings.survey.least_answers, true).items)
        line += item.count ? fmt::format(",{}", *item.count) : ",";
    return line + '\n';
}

}  // namespace

std::string report_text(const ReportData& data, const config::Settings& settings) {
    return fmt::format(
        "{}\nBáo cáo từ {} đến {}\n\nGIẢI QUYẾT HỒ SƠ (trước hạn: xong trước ngày hẹn; trễ hạn: xong sau giờ "
        "hẹn)\n{}\n"
        "MỨC ĐỘ HÀI LÒNG (thang SIPAS 1-5; tỷ lệ = {}; khoảng tin cậy Wilson; dưới {} phiếu không nêu tỷ "
        "lệ)\n{}\n"
        "LÝ DO KHÔNG HÀI LÒNG (phiếu 1-2; một phiếu có thể có nhiều lý do; lý do nhạy cảm chỉ nêu khi có từ "
        "{} phiếu)\n{}",
        settings.organisation.name, data.period.from.str(), data.period.to.str(), punctuality_table(data),
        "số phiếu 4-5 / số phiếu trả lời", settings.survey.least_answers, satisfaction_table(data, settings),
        settings.survey.least_answers, reasons_table(data, settings)
    );
}

std::string report_csv(const ReportData& data, const config::Settings& settings) {
    std::string text =
        "key,name,received,resolved,early,on_time,late,by_post,invited,delivered,answered,satisfied,score_1,"
        "score_2,score_3,"
        "score_4,score_5,rate,low,high,response_rate,withheld,dissatisfied";
    for (const auto& reason : settings.lexicon.reasons)
        text += ",reason_" + reason.code;
    text += '\n';
    for (const auto& row : with_total(data))
        text += csv_row(row, settings);
    return text;
}

std::string report_json(const ReportData& data, const config::Settings& settings) {
    boost::json::object body{
        {"organisation", settings.organisation.name},
        {"from", data.period.from.str()},
        {"to", data.period.to.str()},
        {"by", name_of(data.by)},
        {"formula", survey::satisfaction_formula},
        {"least_answers", settings.survey.least_answers}
    };
    const auto row_json = [&](const TallyRow& row) {
        auto object = json_of(survey::satisfaction(row, settings.survey));
        for (const auto& [key, value] :
             json_of(survey::reasons(row, settings.lexicon, settings.survey.least_answers, true)))
            object[key == "withheld" ? "withheld_reasons" : std::string_view(key)] = value;
        for (const auto& [key, value] : json_of(survey::punctuality(row)))
            object[key] = value;
        return object;
    };
    boost::json::array rows;
    for (const auto& row : data.rows)
        rows.push_back(row_json(row));
    body["rows"] = std::move(rows);
    body["total"] = row_json(survey::total(data.rows, "total"));
    return boost::json::serialize(body) + '\n';
}

}  // namespace gateway::exporting
