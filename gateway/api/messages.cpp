#include "gateway/api/api.hpp"
#include "gateway/http/problem.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <charconv>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

json::value time_json(const std::optional<config::Time>& time) {
    if (!time) return nullptr;
    return json::value(config::format_time(*time));
}

// Phones are masked: who may read messages need not know whom they went to.
json::object message_json(const notify::MessageView& message) {
    json::object body{
        {"id", static_cast<std::int64_t>(message.id)},
        {"dossier", message.dossier},
        {"situation", message.situation},
        {"state", message.state},
        {"phone", message.masked_phone},
        {"text", message.text},
        {"encoding", message.ucs2 ? "ucs2" : "gsm7"},
        {"parts", message.parts},
        {"provider", message.provider},
        {"provider_message_id", message.provider_message_id},
        {"cause", message.cause},
    };
    body["created_at"] = config::format_time(message.created_at);
    body["updated_at"] = config::format_time(message.updated_at);
    body["due_at"] = time_json(message.due_at);
    body["expires_at"] = time_json(message.expires_at);
    return body;
}

json::object attempt_json(const notify::AttemptView& attempt) {
    return {
        {"number", attempt.number},
        {"provider", attempt.provider},
        {"started_at", config::format_time(attempt.started_at)},
        {"finished_at", time_json(attempt.finished_at)},
        {"outcome", attempt.outcome},
        {"code", attempt.code}
    };
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || after != end || value < 0) return std::nullopt;
    return value;
}

// How a citizen answered is not for those who were rated, nor for who only looks at the figures.
asio::awaitable<bool> may_see_surveys(const Ports& ports, const Request& request) {
    co_return co_await ports.access->role(std::string(request.header("authorization"))) == Role::admin;
}

asio::awaitable<Response> list(const Ports& ports, Request request) {
    notify::MessageFilter filter;
    const auto field = [&](std::string_view name) { return http::query_field(request.query, name); };
    if (auto dossier = field("dossier"); !dossier.empty()) filter.dossier = std::move(dossier);
    if (const auto state = field("state"); !state.empty()) {
        filter.state = notify::message_state_from(state);
        if (!filter.state)
            co_return http::problem(
                {400, "unknown_state",
                 "state must be queued, sending, retry, unknown, accepted, delivered, undelivered, rejected, "
                 "expired or cancelled."}
            );
    }
    if (const auto limit = field("limit"); !limit.empty())
        filter.limit = static_cast<int>(std::clamp<std::int64_t>(number(limit).value_or(100), 1, 1000));
    if (const auto after = field("after"); !after.empty()) {
        const auto id = number(after);
        if (!id)
            co_return http::problem({400, "bad_after", "after must be the id of the last message seen."});
        filter.after = *id;
    }
    filter.surveys = co_await may_see_surveys(ports, request);
    const auto messages = co_await ports.messages->messages(std::move(filter));
    json::array rows;
    for (const auto& message : messages)
        rows.push_back(message_json(message));
    json::object body;
    body["messages"] = std::move(rows);
    co_return Response{.body = json::serialize(body)};
}

asio::awaitable<Response> show(const Ports& ports, Request request) {
    const auto id = number(request.parameter("id"));
    std::optional<notify::MessageView> message;
    if (id) message = co_await ports.messages->message(notify::MessageId{*id});
    const bool hidden = message && message->of_survey && !co_await may_see_surveys(ports, request);
    if (!message || hidden) co_return http::problem({404, "no_such_message", "No message has this id."});
    auto body = message_json(*message);
    body["request_id"] = message->request_id;
    json::array attempts;
    for (const auto& attempt : message->attempts)
        attempts.push_back(attempt_json(attempt));
    body["attempts"] = std::move(attempts);
    co_return Response{.body = json::serialize(body)};
}

asio::awaitable<Response> replay(const Ports& ports, Request request) {
    const auto id = number(request.parameter("id"));
    const auto now = ports.clock->now();
    bool replayed = false;
    if (id) replayed = co_await ports.messages->replay(notify::MessageId{*id}, now);
    if (!replayed)
        co_return http::problem(
            {409, "not_a_dead_letter",
             "Only a rejected, expired or unknown message can be replayed, and none to a phone that has "
             "opted out."}
        );
    ports.outbox_due(now);
    co_return Response{.status = 202, .body = R"({"status":"queued"})"};
}

asio::awaitable<Response> dossier(const Ports& ports, Request request) {
    auto code = notify::DossierCode::parse(request.parameter("code"));
    std::optional<notify::Dossier> found;
    if (code) found = co_await ports.messages->dossier(*std::move(code));
    if (!found) co_return http::problem({404, "no_such_dossier", "No dossier has this code."});
    json::object body{
        {"dossier", found->code.str()},
        {"status", static_cast<int>(found->status)},
        {"status_at", config::format_time(found->status_at)},
        {"commune", found->unit.substr(0, found->unit.find('@'))},
        {"phone", found->phone ? found->phone->masked() : std::string()},
        {"phone_problem", found->phone_problem},
        {"submitted_by", notify::to_string(found->submitted_by)},
        {"return_by", notify::to_string(found->return_by)},
    };
    body["procedure"] = {
        {"code", found->procedure.code}, {"name", found->procedure.name}, {"field", found->procedure.field}
    };
    body["received_at"] = time_json(found->received_at);
    body["due_at"] = time_json(found->due_at);
    body["finished_at"] = time_json(found->finished_at);
    body["returned_at"] = time_json(found->returned_at);
    co_return Response{.body = json::serialize(body)};
}

}  // namespace

void add_messages(http::Router& router, const Ports& ports) {
    const std::vector readers{Role::dossiers, Role::viewer};
    router.add("GET", "/v1/messages", guarded(ports, readers, [&ports](Request r) {
                   return list(ports, std::move(r));
               }));
    router.add("GET", "/v1/messages/{id}", guarded(ports, readers, [&ports](Request r) {
                   return show(ports, std::move(r));
               }));
    router.add("POST", "/v1/messages/{id}/replay", guarded(ports, Role::admin, [&ports](Request r) {
                   return replay(ports, std::move(r));
               }));
    router.add("GET", "/v1/dossiers/{code}", guarded(ports, readers, [&ports](Request r) {
                   return dossier(ports, std::move(r));
               }));
}

}  // namespace gateway::api
