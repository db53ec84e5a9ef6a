// The HTTP interface behind the server: two lines (method, path and query; content type), then the body, with
// an admin's key. No request makes an endpoint throw, and a batch's answer accounts for every event.
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/fake_ports.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

namespace {

using fuzz::check;
namespace json = boost::json;

gateway::http::Request request_of(std::string_view rest) {
    gateway::http::Request request;
    auto target = fuzz::take_line(rest);
    const auto space = std::min(target.find(' '), target.size());
    request.method = target.substr(0, space);
    target.remove_prefix(std::min(space + 1, target.size()));
    const auto question = std::min(target.find('?'), target.size());
    request.path = target.substr(0, question);
    request.query = target.substr(std::min(question + 1, target.size()));
    request.headers.emplace("content-type", fuzz::take_line(rest));
    request.headers.emplace("authorization", "Bearer k");
    request.body = rest;
    return request;
}

void check_batch(const json::object& answer) {
    const auto& rejected = answer.at("rejected").as_array();
    std::int64_t last = -1;
    for (const auto& each : rejected) {
        const auto index = each.at("index").to_number<std::int64_t>();
        check(index > last, "the rejected come in their order, each once");
        last = index;
        check(
            !each.at("code").as_string().empty() && !each.at("message").as_string().empty(),
            "a rejected event says why"
        );
    }
    const auto all = answer.at("accepted").as_int64() + answer.at("duplicate").as_int64() +
                     static_cast<std::int64_t>(rejected.size());
    check(last < all, "every event of a batch is accounted for");
}

void check_response(const gateway::http::Response& response, bool batch) {
    check(response.status >= 200 && response.status < 600, "a status is a status");
    check(response.status != 500, "no request makes an endpoint throw");
    check(!response.content_type.empty(), "an answer has its type");
    if (response.content_type.find("json") == std::string::npos) return;
    boost::system::error_code error;
    const auto body = json::parse(response.body, error);
    check(!error, "an answer that says it is JSON is JSON");
    if (response.content_type == "application/problem+json")
        check(
            !body.at("code").as_string().empty() && !body.at("detail").as_string().empty(),
            "a problem has a code and a sentence"
        );
    if (batch && response.status == 202) check_batch(body.as_object());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static fuzz::FakeWorld world;
    static const auto handler = world.handler();
    auto request = request_of(fuzz::text_of(data, size));
    if (request.path.empty()) request.path = "/";
    const bool batch = request.method == "POST" && request.path == "/v1/dossier-events";
    auto answer = boost::asio::co_spawn(world.context, handler(std::move(request)), boost::asio::use_future);
    world.context.restart();
    world.context.run();
    check_response(answer.get(), batch);
    return 0;
}
