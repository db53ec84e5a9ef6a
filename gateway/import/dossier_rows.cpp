#include "gateway/import/dossier_rows.hpp"

#include "gateway/api/access.hpp"
#include "notify/sms/unaccent.hpp"
#include "notify/sms/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gateway::importing {
namespace {

struct Known {
    std::string_view field;
    std::string_view titles;  // folded, separated by |
};

constexpr std::array known{
    Known{"code", "code|dossier|dossier_code|ma ho so|so ho so|mahoso|ma hs"},
    Known{"status", "status|trang thai|trang thai ho so|trangthaihoso|tinh trang"},
    Known{"commune", "commune|unit|don vi|don vi xu ly|donvixuly|xa phuong|phuong xa|ma don vi|xa"},
    Known{"procedure_code", "procedure_code|ma thu tuc|ma tthc|matthc"},
    Known{"procedure_name", "procedure_name|procedure|ten thu tuc|thu tuc|ten tthc|tentthc"},
    Known{"field", "field|linh vuc|ten linh vuc|tenlinhvuc"},
    Known{"applicant_name", "applicant_name|applicant|name|chu ho so|nguoi nop|ho ten|ho va ten|chuhoso"},
    Known{"phone", "phone|so dien thoai|dien thoai|sdt|sodienthoai"},
    Known{"submitted_by", "submitted_by|hinh thuc nop|cach nop|hinh thuc"},
    Known{"return_by", "return_by|hinh thuc tra|cach tra|hinh thuc nhan ket qua|thong tin tra"},
    Known{"received_at", "received_at|ngay tiep nhan|ngay nhan|ngaytiepnhan"},
    Known{"due_at", "due_at|ngay hen tra|han tra|ngay hen|ngayhentra"},
    Known{
        "finished_at", "finished_at|ngay ket thuc|ngay hoan thanh|ngay giai quyet|ngayketthucxuly|ngay xong"
    },
    Known{"returned_at", "returned_at|ngay tra|ngay tra ket qua|ngaytra"},
    Known{"note", "note|ghi chu|ghichu|ly do"},
};

std::string folded(std::string_view title) {
    auto plain = notify::sms::unaccent(title);
    std::string result;
    for (const char c : plain) {
        if (c == ' ' && (result.empty() || result.back() == ' ')) continue;
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    while (result.ends_with(' '))
        result.pop_back();
    return result;
}

bool among(std::string_view titles, std::string_view title) {
    while (!titles.empty()) {
        const auto bar = std::min(titles.find('|'), titles.size());
        if (titles.substr(0, bar) == title) return true;
        titles.remove_prefix(std::min(bar + 1, titles.size()));
    }
    return false;
}

/// One row while it is read: the cells by field, and the mistakes.
struct RowReader {
    const std::vector<std::string>& row;
    const Columns& columns;
    std::vector<CellError> errors;

    std::optional<std::string> cell(std::string_view field) const {
        const auto place = columns.of(field);
        if (!place || *place >= row.size()) return std::nullopt;
        std::string_view text = row[*place];
        while (text.starts_with(' '))
            text.remove_prefix(1);
        while (text.ends_with(' '))
            text.remove_suffix(1);
        if (text.empty()) return std::nullopt;
        return std::string(text);
    }
    std::optional<notify::Time> time(std::string_view field) {
        const auto text = cell(field);
        if (!text) return std::nullopt;
        const auto value = config::parse_time(*text);
        if (value) return *value;
        error(field, value.error());
        return std::nullopt;
    }
    std::optional<notify::Channel> channel(std::string_view field) {
        const auto text = cell(field);
        if (!text) return std::nullopt;
        const auto word = folded(*text);
        if (word == "counter" || word == "truc tiep" || word == "tai quay" || word == "0")
            return notify::Channel::counter;
        if (word == "online" || word == "truc tuyen" || word == "qua mang" || word == "2")
            return notify::Channel::online;
        if (word == "post" || word == "buu dien" || word == "buu chinh" || word == "qua buu dien" ||
            word == "1")
            return notify::Channel::post;
        error(field, "must be counter, online or post (trực tiếp, trực tuyến, bưu điện)");
        return std::nullopt;
    }
    void error(std::string_view field, std::string_view message) {
        errors.push_back({columns.title(field), std::string(message)});
    }
};

// The national names of the ten statuses, as exports write them.
constexpr std::array<std::string_view, 10> status_names{
    "moi dang ky",
    "duoc tiep nhan",
    "khong duoc tiep nhan",
    "dang xu ly",
    "yeu cau bo sung giay to",
    "yeu cau thuc hien nghia vu tai chinh",
    "cong dan yeu cau rut ho so",
    "dung xu ly",
    "da xu ly xong",
    "da tra ket qua",
};

std::optional<notify::Status> status_of(RowReader& reader) {
    const auto text = reader.cell("status");
    if (!text) {
        reader.error("status", "is empty; write the national status, 1 to 10");
        return std::nullopt;
    }
    int code = 0;
    const auto* const end = text->data() + text->size();
    if (std::from_chars(text->data(), end, code).ptr != end) {
        const auto found = std::ranges::find(status_names, folded(*text));
        code = found == status_names.end() ? 0 : static_cast<int>(found - status_names.begin()) + 1;
    }
    const auto status = notify::status_from(code);
    if (!status) reader.error("status", "must be a national status, 1 to 10, or its name");
    return status;
}

// When the dossier came to its present status, as far as the row tells.
std::optional<notify::Time> status_at(notify::Status status, const notify::DossierEvent& event) {
    using notify::Status;
    const auto first = [](std::initializer_list<std::optional<notify::Time>> times) {
        for (const auto& time : times)
            if (time) return time;
        return std::optional<notify::Time>();
    };
    if (status == Status::returned) return first({event.returned_at, event.finished_at, event.received_at});
    const bool ended =
        status != Status::registered && status != Status::received && status != Status::processing;
    if (ended) return first({event.finished_at, event.returned_at, event.received_at});
    return event.received_at;
}

bool is_utf8(std::string_view text) {
    while (!text.empty())
        if (notify::sms::take_code_point(text) == notify::sms::replacement_character) return false;
    return true;
}

// A file saved in another encoding would send broken letters to citizens.
void check_encoding(RowReader& reader) {
    for (const auto& each : known) {
        const auto cell = reader.cell(each.field);
        if (cell && !is_utf8(*cell)) reader.error(each.field, "is not UTF-8; save the file as \"CSV UTF-8\"");
    }
}

std::string row_id(const std::vector<std::string>& row) {
    std::string all;
    for (const auto& field : row)
        all += field + '\x1f';
    return "import:" + api::hash_of(all).substr(0, 40);
}

}  // namespace

std::optional<std::size_t> Columns::of(std::string_view field) const {
    const auto found = places_.find(field);
    if (found == places_.end()) return std::nullopt;
    return found->second;
}

const std::string& Columns::title(std::string_view field) const {
    static const std::string none = "?";
    const auto place = of(field);
    return place ? header_[*place] : none;
}

std::expected<Columns, std::vector<std::string>> Columns::find(const std::vector<std::string>& header) {
    Columns columns;
    columns.header_ = header;
    std::vector<std::string> errors;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto title = folded(header[i]);
        const auto* const found =
            std::ranges::find_if(known, [&](const Known& each) { return among(each.titles, title); });
        if (found == known.end())
            columns.ignored_.push_back(header[i]);
        else if (!columns.places_.emplace(found->field, i).second)
            errors.push_back(fmt::format(
                "column {} ({}): there is a column for {} already", i + 1, header[i], found->field
            ));
    }
    for (const auto* const needed : {"code", "status", "commune", "received_at"})
        if (!columns.of(needed)) {
            const auto* const entry = std::ranges::find(known, std::string_view(needed), &Known::field);
            errors.push_back(fmt::format("no column {}; name one of its columns: {}", needed, entry->titles));
        }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return columns;
}

std::expected<notify::DossierEvent, std::vector<CellError>> event_from_row(
    const std::vector<std::string>& row, const Columns& columns
) {
    RowReader reader{row, columns, {}};
    check_encoding(reader);
    if (!reader.errors.empty()) return std::unexpected(std::move(reader.errors));
    const auto code = notify::DossierCode::parse(reader.cell("code").value_or(""));
    if (!code) reader.error("code", code.error());
    const auto status = status_of(reader);
    notify::DossierEvent event{
        .event_id = row_id(row),
        .dossier = code.value_or(*notify::DossierCode::parse("-")),
        .status = status.value_or(notify::Status::registered),
        .at = {},
    };
    event.commune = reader.cell("commune");
    if (!event.commune) reader.error("commune", "is empty; write the unit's five-digit code or its name");
    notify::Procedure procedure{
        reader.cell("procedure_code").value_or(""), reader.cell("procedure_name").value_or(""),
        reader.cell("field").value_or("")
    };
    if (!procedure.code.empty() || !procedure.name.empty()) event.procedure = std::move(procedure);
    event.applicant_name = reader.cell("applicant_name");
    if (columns.of("phone")) event.phone = reader.cell("phone").value_or("");
    event.submitted_by = reader.channel("submitted_by");
    event.return_by = reader.channel("return_by");
    event.received_at = reader.time("received_at");
    event.due_at = reader.time("due_at");
    event.finished_at = reader.time("finished_at");
    event.returned_at = reader.time("returned_at");
    event.note = reader.cell("note");
    if (!reader.cell("received_at"))
        reader.error("received_at", "is empty; write when the dossier was received");
    if (const auto at = status_at(event.status, event)) event.at = *at;
    if (!reader.errors.empty()) return std::unexpected(std::move(reader.errors));
    return event;
}

std::string field_of_pointer(std::string_view pointer) {
    if (pointer == "/applicant/phone") return "phone";
    if (pointer == "/at") return "received_at";
    return std::string(pointer.substr(pointer.empty() ? 0 : 1));
}

}  // namespace gateway::importing
