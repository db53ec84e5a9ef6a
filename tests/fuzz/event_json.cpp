// Dossier events as JSON: one, an array, or one a line. What is read and written again reads the same.
#include "gateway/api/event_json.hpp"
#include "notify/on_event.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/event_checks.hpp"

namespace {

using fuzz::check;
namespace json = boost::json;

void put(json::object& object, std::string_view name, const std::optional<std::string>& value) {
    if (value) object[name] = *value;
}
void put(json::object& object, std::string_view name, const std::optional<config::Time>& value) {
    if (value) object[name] = config::format_time(*value);
}
void put(json::object& object, std::string_view name, const std::optional<notify::Channel>& value) {
    if (value) object[name] = notify::to_string(*value);
}

json::object rendered(const notify::DossierEvent& event) {
    json::object object{
        {"event_id", event.event_id},
        {"dossier", event.dossier.str()},
        {"status", static_cast<int>(event.status)},
        {"at", config::format_time(event.at)}
    };
    if (event.procedure)
        object["procedure"] = {
            {"code", event.procedure->code},
            {"name", event.procedure->name},
            {"field", event.procedure->field}
        };
    json::object applicant;
    put(applicant, "name", event.applicant_name);
    put(applicant, "phone", event.phone);
    object["applicant"] = std::move(applicant);
    put(object, "commune", event.commune);
    put(object, "submitted_by", event.submitted_by);
    put(object, "return_by", event.return_by);
    put(object, "received_at", event.received_at);
    put(object, "due_at", event.due_at);
    put(object, "finished_at", event.finished_at);
    put(object, "returned_at", event.returned_at);
    put(object, "note", event.note);
    put(object, "missing_papers", event.missing_papers);
    put(object, "amount", event.amount);
    put(object, "reason", event.reason);
    put(object, "tracking_code", event.tracking_code);
    put(object, "new_due_at", event.new_due_at);
    return object;
}

void check_event(const json::value& value) {
    const auto event = gateway::api::event_from(value);
    if (!event) {
        fuzz::check_remarks(event.error());
        return;
    }
    const auto again = gateway::api::event_from(json::parse(json::serialize(rendered(*event))));
    check(again.has_value(), "an event written is an event");
    check(rendered(*again) == rendered(*event), "an event written and read again is equal");
    fuzz::check_decision(*event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto rest = fuzz::text_of(data, size);
    if (const auto whole = fuzz::parse_json(rest)) {
        if (const auto* const array = whole->if_array())
            for (const auto& each : *array)
                check_event(each);
        else
            check_event(*whole);
        return 0;
    }
    while (!rest.empty())
        if (const auto line = fuzz::parse_json(fuzz::take_line(rest))) check_event(*line);
    return 0;
}
