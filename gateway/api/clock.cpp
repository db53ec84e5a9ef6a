#include "gateway/api/api.hpp"
#include "gateway/api/field_reader.hpp"
#include "gateway/http/problem.hpp"

#include <boost/json.hpp>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

Response clock_answer(config::Time now, std::optional<config::Time> next_due) {
    json::object body{{"now", config::format_time(now)}, {"next_due", nullptr}};
    if (next_due) body["next_due"] = config::format_time(*next_due);
    return {.body = json::serialize(body)};
}

asio::awaitable<Response> show(VirtualClock& clock, Request) {
    co_return clock_answer(clock.now(), clock.next_due());
}

asio::awaitable<Response> advance(VirtualClock& clock, Request request) {
    boost::system::error_code error;
    const auto value = json::parse(request.body, error);
    std::vector<notify::Remark> remarks;
    std::optional<config::Time> to;
    if (!error && value.is_object()) to = FieldReader(value.get_object(), "", remarks).time("now");
    if (!to)
        co_return http::problem({400, "bad_time", "Send {\"now\": \"2018-01-03T08:30:00+07:00\"}.", remarks});
    const auto next = co_await clock.advance(*to);
    co_return clock_answer(clock.now(), next);
}

}  // namespace

void add_clock(http::Router& router, const Ports& ports) {
    auto& clock = *ports.virtual_clock;
    router.add("GET", "/v1/clock", guarded(ports, Role::admin, [&clock](Request request) {
                   return show(clock, std::move(request));
               }));
    router.add("POST", "/v1/clock", guarded(ports, Role::admin, [&clock](Request request) {
                   return advance(clock, std::move(request));
               }));
}

}  // namespace gateway::api
