#include "gateway/api/api.hpp"
#include "gateway/api/national_json.hpp"
#include "gateway/http/problem.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::size_t most_items = 5000;

std::optional<NationalService> service_named(std::string_view name) {
    if (name == "DongBoHoSoMC") return NationalService::sync_dossier;
    if (name == "CapNhatTienDoHoSoMC") return NationalService::update_progress;
    return std::nullopt;
}

/// The portal's own form: error_code "0" is good.
Response national_answer(int status, std::string_view code, std::string_view message, json::array result) {
    json::object body{{"error_code", code}, {"message", message}};
    body["result"] = std::move(result);
    return {.status = status, .body = json::serialize(body)};
}

/// {session, madonvi, service, data:[…]} as the national portal's clients send it, or the bare array of Hà
/// Giang's.
const json::array* items_of(const json::value& value) {
    if (const auto* const array = value.if_array()) return array;
    const auto* const object = value.if_object();
    const auto* const data = object ? object->if_contains("data") : nullptr;
    return data ? data->if_array() : nullptr;
}

std::string code_of(const json::value& item) {
    const auto* const object = item.if_object();
    const auto* const code = object ? object->if_contains("MaHoSo") : nullptr;
    const auto* const text = code ? code->if_string() : nullptr;
    return text ? std::string(*text) : std::string();
}

json::object refused(const json::value& item, const std::vector<notify::Remark>& remarks) {
    std::string message;
    for (const auto& remark : remarks)
        message += fmt::format("{}{}: {}", message.empty() ? "" : "; ", remark.pointer, remark.message);
    return {{"MaHoSo", code_of(item)}, {"error_code", "1"}, {"message", message}};
}

asio::awaitable<Response> take(const Ports& ports, Request request) {
    const auto service = service_named(request.parameter("service"));
    if (!service)
        co_return national_answer(404, "-1", "service must be DongBoHoSoMC or CapNhatTienDoHoSoMC", {});
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    const auto value = json::parse(request.body, error, {}, options);
    if (error) co_return national_answer(400, "-1", "the body is not JSON: " + error.message(), {});
    const auto* const items = items_of(value);
    if (!items)
        co_return national_answer(400, "-1", "/data is missing; it must be the array of dossiers", {});
    if (items->size() > most_items)
        co_return national_answer(413, "-1", fmt::format("send at most {} items at a time", most_items), {});

    const auto now = ports.clock->now();
    std::vector<notify::DossierEvent> events;
    std::vector<std::size_t> places;
    json::array result(items->size());
    for (std::size_t i = 0; i < items->size(); ++i) {
        auto event = national_event_from(*service, (*items)[i], now);
        if (!event) {
            result[i] = refused((*items)[i], event.error());
            continue;
        }
        events.push_back(*std::move(event));
        places.push_back(i);
    }
    bool all_good = places.size() == items->size();
    const auto results = co_await ports.messages->accept_events(std::move(events), now);
    for (std::size_t i = 0; i < results.each.size(); ++i) {
        const auto& each = results.each[i];
        const auto& item = (*items)[places[i]];
        const bool good = each.kind != notify::EventResult::Kind::rejected;
        ports.metrics->event(good ? "accepted" : "rejected", each.silent_cause);
        all_good = all_good && good;
        if (good)
            result[places[i]] = json::object{{"MaHoSo", code_of(item)}, {"error_code", "0"}, {"message", ""}};
        else
            result[places[i]] = refused(item, {*each.refusal});
    }
    if (results.outbox_due) ports.outbox_due(*results.outbox_due);
    if (results.timer_due) ports.timer_due(*results.timer_due);
    co_return national_answer(
        200, all_good ? "0" : "1", all_good ? "" : "some items were refused", std::move(result)
    );
}

}  // namespace

void add_national(http::Router& router, const Ports& ports) {
    router.add("POST", "/v1/national/{service}", guarded(ports, Role::dossiers, [&ports](Request request) {
                   return take(ports, std::move(request));
               }));
}

}  // namespace gateway::api
