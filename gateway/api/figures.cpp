#include "gateway/api/api.hpp"
#include "gateway/export/figures_json.hpp"
#include "gateway/http/problem.hpp"

#include <boost/json.hpp>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

struct Question {
    survey::Period period;
    survey::By by;
};

std::expected<Question, Response> question_of(const Request& request) {
    std::vector<notify::Remark> errors;
    const auto month = [&](std::string_view name) {
        const auto value = config::Month::parse(http::query_field(request.query, name));
        if (!value) errors.push_back({std::string(name), "bad_month", value.error()});
        return value.value_or(config::Month::from_number(0));
    };
    const auto from = month("from"), to = month("to");
    if (errors.empty() && from > to) errors.push_back({"to", "before_from", "must not lie before from"});
    auto by = http::query_field(request.query, "by");
    if (by.empty()) by = "commune";
    survey::By dimension = survey::By::commune;
    if (by == "procedure")
        dimension = survey::By::procedure;
    else if (by == "month")
        dimension = survey::By::month;
    else if (by != "commune")
        errors.push_back({"by", "unknown_value", "must be commune, procedure or month"});
    if (!errors.empty())
        return std::unexpected(
            http::problem({400, "bad_query", "Write ?from=YYYY-MM&to=YYYY-MM&by=commune.", std::move(errors)})
        );
    return Question{{from, to}, dimension};
}

Response rows_answer(json::object body, json::array rows) {
    body["rows"] = std::move(rows);
    return {.body = json::serialize(body)};
}

asio::awaitable<Response> satisfaction(const Ports& ports, Request request) {
    const auto question = question_of(request);
    if (!question) co_return question.error();
    const auto tallies = co_await ports.survey->tallies(question->period, question->by);
    json::array rows;
    for (const auto& row : tallies)
        rows.push_back(exporting::json_of(survey::satisfaction(row, ports.settings->survey)));
    json::object body{
        {"formula", survey::satisfaction_formula}, {"least_answers", ports.settings->survey.least_answers}
    };
    body["total"] =
        exporting::json_of(survey::satisfaction(survey::total(tallies, "total"), ports.settings->survey));
    co_return rows_answer(std::move(body), std::move(rows));
}

asio::awaitable<Response> reasons(const Ports& ports, Request request) {
    const auto question = question_of(request);
    if (!question) co_return question.error();
    // A sensitive reason is for the administrator, and never below the minimum.
    const auto role = co_await ports.access->role(std::string(request.header("authorization")));
    const bool all = role == Role::admin;
    const auto least = ports.settings->survey.least_answers;
    const auto tallies = co_await ports.survey->tallies(question->period, question->by);
    json::array rows;
    for (const auto& row : tallies)
        rows.push_back(exporting::json_of(survey::reasons(row, ports.settings->lexicon, least, all)));
    json::object body;
    body["total"] = exporting::json_of(
        survey::reasons(survey::total(tallies, "total"), ports.settings->lexicon, least, all)
    );
    co_return rows_answer(std::move(body), std::move(rows));
}

asio::awaitable<Response> punctuality(const Ports& ports, Request request) {
    const auto question = question_of(request);
    if (!question) co_return question.error();
    const auto tallies = co_await ports.survey->tallies(question->period, question->by);
    json::array rows;
    for (const auto& row : tallies)
        rows.push_back(exporting::json_of(survey::punctuality(row)));
    json::object body;
    body["total"] = exporting::json_of(survey::punctuality(survey::total(tallies, "total")));
    co_return rows_answer(std::move(body), std::move(rows));
}

}  // namespace

void add_figures(http::Router& router, const Ports& ports) {
    const auto add = [&](const char* path, auto endpoint) {
        router.add("GET", path, guarded(ports, Role::viewer, [&ports, endpoint](Request request) {
                       return endpoint(ports, std::move(request));
                   }));
    };
    add("/v1/satisfaction", satisfaction);
    add("/v1/reasons", reasons);
    add("/v1/punctuality", punctuality);
}

}  // namespace gateway::api
