#include "gateway/api/national_json.hpp"

#include "gateway/api/access.hpp"
#include "gateway/api/event_json.hpp"
#include "gateway/api/field_reader.hpp"

#include <algorithm>
#include <charconv>

namespace gateway::api {
namespace {

namespace json = boost::json;
using config::Time;
using notify::DossierEvent;
using notify::Status;

// HinhThuc and ThongTinTra: "0" in person, "1" by post, "2" online; some systems write words.
std::optional<notify::Channel> channel(const std::optional<std::string>& text) {
    if (!text || text->empty()) return std::nullopt;
    if (*text == "0") return notify::Channel::counter;
    if (*text == "1") return notify::Channel::post;
    if (*text == "2") return notify::Channel::online;
    if (text->find("bưu") != std::string::npos || text->find("Bưu") != std::string::npos ||
        text->find("BCCI") != std::string::npos)
        return notify::Channel::post;
    if (text->find("tuyến") != std::string::npos) return notify::Channel::online;
    return std::nullopt;
}

std::optional<Status> status_at(FieldReader& fields, std::string_view name) {
    const auto raw = fields.text_or_number(name);
    if (!raw) {
        fields.remark(name, "missing", "is missing; give the national status, 1 to 10");
        return std::nullopt;
    }
    int code = 0;
    const auto* const end = raw->data() + raw->size();
    const auto [after, error] = std::from_chars(raw->data(), end, code);
    const auto status = error == std::errc{} && after == end ? notify::status_from(code) : std::nullopt;
    if (!status) fields.remark(name, "unknown_value", "must be a national status, 1 to 10");
    return status;
}

// When the present status began, as far as the item says.
Time began(const DossierEvent& event, Time now) {
    switch (event.status) {
        case Status::registered:
        case Status::received:
            return event.received_at.value_or(now);
        case Status::finished:
            return event.finished_at.value_or(event.returned_at.value_or(now));
        case Status::returned:
            return event.returned_at.value_or(event.finished_at.value_or(now));
        case Status::not_accepted:
        case Status::processing:
        case Status::supplement:
        case Status::payment_due:
        case Status::withdrawn:
        case Status::stopped:
            return event.finished_at.value_or(now);
    }
    return now;
}

// The last supplement request tells what is missing and, once answered, the new appointment.
void read_supplement(const json::object& item, std::vector<notify::Remark>& remarks, DossierEvent& event) {
    const auto* const list = item.if_contains("DanhSachHoSoBoSung");
    const auto* const array = list ? list->if_array() : nullptr;
    if (!array || array->empty() || !array->back().is_object()) return;
    FieldReader last(
        array->back().get_object(), "/DanhSachHoSoBoSung/" + std::to_string(array->size() - 1), remarks
    );
    event.missing_papers = last.text("NoiDungBoSung", 4000);
    const auto moved = last.time("NgayHenTraMoi");
    if (notify::clock_runs(event.status)) event.new_due_at = moved;
    // NgayHenTra stays what was promised first, so every later item would undo the move.
    if (moved && event.status != Status::supplement) event.due_at = moved;
    if (event.status == Status::supplement)
        if (const auto asked = last.time("NgayBoSung")) event.at = *asked;
}

// "150000" or "150.000"; anything else is no sum that a citizen could be asked for.
std::optional<std::int64_t> price_of(std::string text) {
    for (auto dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot)) {
        const auto group = text.find('.', dot + 1);
        if (std::min(group, text.size()) - dot != 4 || dot == 0) return std::nullopt;
        text.erase(dot, 1);
    }
    constexpr std::int64_t most = 1'000'000'000'000;
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || after != end || value < 0 || value > most) return std::nullopt;
    return value;
}

// The sum of the fees that are not paid yet; none rather than a wrong one when a price cannot be read.
std::optional<std::string> unpaid(const json::object& item) {
    const auto* const list = item.if_contains("DanhSachLePhi");
    const auto* const array = list ? list->if_array() : nullptr;
    if (!array) return std::nullopt;
    std::int64_t sum = 0;
    std::vector<notify::Remark> ignored;
    for (const auto& fee : *array) {
        if (!fee.is_object()) continue;
        FieldReader fields(fee.get_object(), "", ignored);
        if (fields.text_or_number("TrangThaiThanhToan").value_or("0") == "1") continue;
        const auto price = price_of(fields.text_or_number("Gia").value_or("0"));
        if (!price) return std::nullopt;
        sum += *price;
    }
    if (sum <= 0) return std::nullopt;
    return amount_text(std::to_string(sum));
}

void read_dossier(
    FieldReader& fields, const json::object& item, std::vector<notify::Remark>& remarks, Time now,
    DossierEvent& event
) {
    event.commune = fields.text("DonViXuLy", 200);
    notify::Procedure procedure{
        fields.text("MaTTHC", 200).value_or(""), fields.text("TenTTHC").value_or(""),
        fields.text("TenLinhVuc").value_or("")
    };
    if (!procedure.code.empty()) event.procedure = std::move(procedure);
    event.applicant_name = fields.text("ChuHoSo", 200);
    if (auto phone = fields.text("SoDienThoai", 200); phone && !phone->empty())
        event.phone = std::move(phone);
    event.submitted_by = channel(fields.text_or_number("HinhThuc"));
    event.return_by = channel(fields.text_or_number("ThongTinTra"));
    event.received_at = fields.time("NgayTiepNhan");
    event.due_at = fields.time("NgayHenTra");
    event.finished_at = fields.time("NgayKetThucXuLy");
    event.returned_at = fields.time("NgayTra");
    event.note = fields.text("GhiChu", 4000);
    event.amount = unpaid(item);
    event.at = began(event, now);
    read_supplement(item, remarks, event);
}

}  // namespace

std::expected<DossierEvent, std::vector<notify::Remark>> national_event_from(
    NationalService service, const json::value& value, Time now
) {
    std::vector<notify::Remark> remarks;
    const auto* const item = value.if_object();
    if (!item) {
        remarks.push_back({"", "wrong_type", "an item must be a JSON object"});
        return std::unexpected(std::move(remarks));
    }
    FieldReader fields(*item, "", remarks);
    const bool sync = service == NationalService::sync_dossier;
    const auto code = fields.required_text("MaHoSo", 200);
    const auto dossier = notify::DossierCode::parse(code.value_or("-"));
    if (!dossier) fields.remark("MaHoSo", "bad_code", dossier.error());
    const auto status = status_at(fields, sync ? "TrangThaiHoSo" : "TrangThai");
    DossierEvent event{
        .event_id = "national:" + hash_of(json::serialize(value)).substr(0, 40),
        .dossier = dossier.value_or(*notify::DossierCode::parse("-")),
        .status = status.value_or(Status::registered),
        .at = now,
    };
    if (sync) {
        read_dossier(fields, *item, remarks, now, event);
    } else {
        event.at = fields.time("ThoiDiemXuLy").value_or(now);
        event.note = fields.text("NoiDungXuLy", 4000);
    }
    if (!remarks.empty()) return std::unexpected(std::move(remarks));
    return event;
}

}  // namespace gateway::api
