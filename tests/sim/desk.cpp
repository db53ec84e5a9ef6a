#include "tests/sim/desk.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "tests/sim/times.hpp"

namespace sim {

Desk::Desk(Telecom& telecom, const WireSettings& settings) : telecom_(telecom) {
    wires_.push_back(esms_wire(settings));
    wires_.push_back(speedsms_wire(settings));
    wires_.push_back(kannel_wire(settings));
    wires_.push_back(generic_wire(settings));
}

const Wire* Desk::wire(std::string_view provider) const {
    for (const auto& wire : wires_) {
        if (wire->provider() == provider) return wire.get();
    }
    return nullptr;
}

HttpAnswer Desk::serve(const HttpRequest& request) {
    for (const auto& wire : wires_) {
        if (wire->serves(request)) return wire->submit(request, telecom_);
    }
    return control(request);
}

HttpAnswer Desk::control(const HttpRequest& request) {
    const auto path = request.path();
    const bool post = request.method == "POST";
    if (path == "/sim/messages" && !post) return messages(request);
    if (path == "/sim/stats" && !post) return stats();
    if (path == "/sim/taken" && !post) return taken();
    if (path == "/sim/behaviour" && post) return change_behaviour(request);
    if (path == "/sim/behaviour") return json_answer(200, telecom_.behaviour().json());
    if (path == "/sim/inbound" && post) return inbound_now(request);
    return json_answer(404, {{"error", "no such page"}});
}

HttpAnswer Desk::messages(const HttpRequest& request) const {
    const auto query = request.query();
    const auto wanted = [&](std::string_view name, const std::string& value) {
        const auto found = query.find(name);
        return found == query.end() || found->second == value;
    };
    boost::json::array list;
    for (const auto& message : telecom_.messages()) {
        if (!wanted("request_id", message.request_id) || !wanted("phone", message.phone)) continue;
        list.push_back(
            {{"provider", message.provider},
             {"request_id", message.request_id},
             {"id", message.id},
             {"phone", message.phone},
             {"text", message.text},
             {"at", rfc3339(message.at)},
             {"state", message.state},
             {"accepted", 1},
             {"submitted", message.submitted},
             {"duplicates_refused", message.duplicates_refused},
             {"changed", message.changed}}
        );
    }
    return json_answer(200, {{"messages", std::move(list)}});
}

HttpAnswer Desk::stats() const {
    std::uint64_t duplicates = 0;
    std::uint64_t delivered = 0;
    for (const auto& message : telecom_.messages()) {
        duplicates += static_cast<std::uint64_t>(message.duplicates_refused);
        delivered += message.state == "delivered" ? 1 : 0;
    }
    boost::json::object verdicts;
    for (const auto& [verdict, count] : telecom_.verdicts())
        verdicts[verdict] = count;
    return json_answer(
        200, {{"accepted", telecom_.messages().size()},
              {"delivered", delivered},
              {"duplicates_refused", duplicates},
              {"answers", std::move(verdicts)},
              {"reports_ok", reports_ok_},
              {"reports_failed", reports_failed_},
              {"replies_ok", replies_ok_},
              {"replies_failed", replies_failed_},
              {"last_failure", last_failure_}}
    );
}

HttpAnswer Desk::taken() const {
    boost::json::array reports, replies;
    for (const auto& [id, kind] : reports_taken_)
        reports.push_back({{"id", id}, {"kind", to_string(kind)}});
    for (const auto& id : replies_taken_)
        replies.emplace_back(id);
    return json_answer(200, {{"reports", std::move(reports)}, {"replies", std::move(replies)}});
}

HttpAnswer Desk::inbound_now(const HttpRequest& request) {
    const auto body = json_object(request.body);
    if (!body) return json_answer(400, {{"error", "the body must be {\"provider\",\"from\",\"text\"}"}});
    const auto provider = text_of(*body, "provider");
    const auto from = mobile(text_of(*body, "from"));
    if (!wire(provider))
        return json_answer(400, {{"error", "provider must be esms, speedsms, kannel or generic"}});
    if (!from) return json_answer(400, {{"error", "from must be a mobile number such as 84912345678"}});
    auto id = text_of(*body, "id");
    if (id.empty()) id = fmt::format("hand-{}", ++by_hand_);
    telecom_.plan(telecom_.now(), Reply{provider, id, *from, text_of(*body, "text"), "by_hand", ""});
    return json_answer(202, {{"id", id}});
}

HttpAnswer Desk::change_behaviour(const HttpRequest& request) {
    const auto body = json_object(request.body);
    if (!body) return json_answer(400, {{"error", "the body must be an object of rates"}});
    auto changed = telecom_.behaviour();
    for (const auto& [name, value] : *body) {
        boost::system::error_code error;
        const auto rate = value.to_number<double>(error);
        if (error || !changed.set(name, rate)) {
            return json_answer(
                400, {{"error", fmt::format("{} is none of {}", std::string(name), Behaviour::names())}}
            );
        }
    }
    telecom_.behaviour() = changed;
    return json_answer(200, changed.json());
}

std::optional<HttpCall> Desk::call_for(const Due& due) {
    if (const auto* report = std::get_if<Report>(&due.what)) {
        const auto& message = telecom_.messages()[report->message];
        return wire(message.provider)->report(message, report->kind, due.at);
    }
    const auto& reply = std::get<Reply>(due.what);
    replies_.emplace_back(due.at, reply);
    return wire(reply.provider)->inbound(reply, due.at);
}

void Desk::called(const Due& due, const HttpResult& result) {
    const bool report = std::holds_alternative<Report>(due.what);
    ++(report ? (result.ok() ? reports_ok_ : reports_failed_) : (result.ok() ? replies_ok_ : replies_failed_)
    );
    if (result.ok()) {
        if (const auto* taken = std::get_if<Report>(&due.what))
            reports_taken_.emplace_back(telecom_.messages()[taken->message].id, taken->kind);
        else
            replies_taken_.push_back(std::get<Reply>(due.what).id);
    }
    if (!result.ok())
        last_failure_ = result.status != 0 ? fmt::format("{} {}", result.status, result.body) : result.error;
}

}  // namespace sim
