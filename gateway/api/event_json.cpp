#include "gateway/api/event_json.hpp"

#include "gateway/api/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gateway::api {
namespace {

using notify::DossierEvent;

constexpr std::size_t longest_id = 200;

std::optional<notify::Channel> channel(FieldReader& fields, std::string_view name) {
    const auto raw = fields.text(name);
    if (!raw) return std::nullopt;
    const auto found = notify::channel_from(*raw);
    if (!found) fields.remark(name, "unknown_value", "must be counter, online or post");
    return found;
}

void read_people(FieldReader& fields, DossierEvent& event) {
    if (auto procedure = fields.object("procedure")) {
        notify::Procedure value;
        value.code = procedure->text("code", longest_id).value_or("");
        value.name = procedure->text("name").value_or("");
        value.field = procedure->text("field").value_or("");
        event.procedure = std::move(value);
    }
    if (auto applicant = fields.object("applicant")) {
        event.applicant_name = applicant->text("name", longest_id);
        event.phone = applicant->text("phone", longest_id);
    }
}

void read_rest(FieldReader& fields, DossierEvent& event) {
    event.commune = fields.text("commune", longest_id);
    event.submitted_by = channel(fields, "submitted_by");
    event.return_by = channel(fields, "return_by");
    event.received_at = fields.time("received_at");
    event.due_at = fields.time("due_at");
    event.finished_at = fields.time("finished_at");
    event.returned_at = fields.time("returned_at");
    event.note = fields.text("note", 4000);
    event.missing_papers = fields.text("missing_papers", 4000);
    event.reason = fields.text("reason", 4000);
    event.tracking_code = fields.text("tracking_code", longest_id);
    event.new_due_at = fields.time("new_due_at");
    if (const auto amount = fields.text_or_number("amount")) event.amount = amount_text(*amount);
}

}  // namespace

std::string amount_text(const std::string& amount) {
    const bool digits =
        !amount.empty() && std::ranges::all_of(amount, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return amount;
    std::string grouped;
    for (std::size_t i = 0; i < amount.size(); ++i) {
        if (i > 0 && (amount.size() - i) % 3 == 0) grouped += '.';
        grouped += amount[i];
    }
    return grouped;
}

std::expected<DossierEvent, std::vector<notify::Remark>> event_from(const boost::json::value& value) {
    std::vector<notify::Remark> remarks;
    const auto* const object = value.if_object();
    if (!object) {
        remarks.push_back({"", "wrong_type", "an event must be a JSON object"});
        return std::unexpected(std::move(remarks));
    }
    FieldReader fields(*object, "", remarks);
    const auto event_id = fields.required_text("event_id", longest_id);
    const auto code = fields.required_text("dossier", longest_id);
    const auto at_text = fields.required_text("at", 64);
    const auto at = at_text ? fields.time("at") : std::nullopt;
    const auto status_code = fields.integer("status");
    if (!object->if_contains("status"))
        fields.remark("status", "missing", "is missing; give the national status, 1 to 10");
    const auto status = status_code ? notify::status_from(*status_code) : std::nullopt;
    if (status_code && !status)
        fields.remark("status", "unknown_value", "must be a national status, 1 to 10");
    const auto dossier = notify::DossierCode::parse(code.value_or("-"));
    if (!dossier) fields.remark("dossier", "bad_code", dossier.error());

    DossierEvent event{
        .event_id = event_id.value_or(""),
        .dossier = dossier.value_or(*notify::DossierCode::parse("-")),
        .status = status.value_or(notify::Status::registered),
        .at = at.value_or(config::Time{}),
    };
    read_people(fields, event);
    read_rest(fields, event);
    if (!remarks.empty()) return std::unexpected(std::move(remarks));
    return event;
}

}  // namespace gateway::api
