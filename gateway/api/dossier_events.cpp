#include "gateway/api/api.hpp"
#include "gateway/api/event_json.hpp"
#include "gateway/http/problem.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace gateway::api {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::size_t step_size = 500;  // events in one step, so that other writers get their turn between
constexpr std::size_t most_events = 20'000;

/// The events of a body, and those that could not be read.
struct Batch {
    struct Rejected {
        std::size_t index;
        std::vector<notify::Remark> remarks;  // every mistake of that event, at least one
    };
    std::vector<notify::DossierEvent> events;
    std::vector<std::size_t> index;  // of each event in the body
    std::vector<Rejected> rejected;
    std::size_t size = 0;

    bool too_large() const { return size > most_events; }
    void add(const json::value& value) {
        auto event = event_from(value);
        if (event) {
            events.push_back(*std::move(event));
            index.push_back(size);
        } else {
            rejected.push_back({size, std::move(event.error())});
        }
        ++size;
    }
};

// `arena` must outlive the value; it saves an allocation for every member.
json::value parse(std::string_view text, boost::system::error_code& error, json::monotonic_resource& arena) {
    json::parse_options options;
    options.max_depth = 16;
    return json::parse(text, error, &arena, options);
}

// NDJSON: a line that is no JSON is that event's mistake, not the others'.
Batch lines_of(std::string_view body) {
    Batch batch;
    while (!body.empty() && !batch.too_large()) {
        const auto end = std::min(body.find('\n'), body.size());
        const auto line = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        boost::system::error_code error;
        json::monotonic_resource arena;
        const auto value = parse(line, error, arena);
        if (!error)
            batch.add(value);
        else
            batch.rejected.push_back(
                {batch.size++,
                 {{"", "malformed_json", fmt::format("this line is not JSON: {}", error.message())}}}
            );
    }
    return batch;
}

std::expected<Batch, Response> batch_of(const Request& request) {
    if (request.header("content-type").find("ndjson") != std::string_view::npos)
        return lines_of(request.body);
    boost::system::error_code error;
    std::array<unsigned char, 4096> one_event{};
    json::monotonic_resource arena(one_event.data(), one_event.size());
    const auto value = parse(request.body, error, arena);
    if (error) {
        // Several objects, one a line, are NDJSON whatever the content type says.
        if (error == json::error::extra_data && request.body.find("}\n{") != std::string::npos)
            return lines_of(request.body);
        return std::unexpected(http::problem(
            {400, "malformed_json",
             fmt::format(
                 "The body is not JSON ({}); send an event, an array of events, or NDJSON.", error.message()
             )}
        ));
    }
    Batch batch;
    if (const auto* const array = value.if_array()) {
        for (const auto& each : *array)
            if (!batch.too_large()) batch.add(each);
    } else if (value.is_object()) {
        batch.add(value);
    } else {
        return std::unexpected(
            http::problem({400, "wrong_type", "The body must be an event, an array of events, or NDJSON."})
        );
    }
    return batch;
}

json::object remark_json(std::size_t index, const notify::Remark& remark) {
    return {
        {"index", index}, {"pointer", remark.pointer}, {"code", remark.code}, {"message", remark.message}
    };
}

// The first mistake stands at the top; `errors` has all of them when there are several.
json::object rejected_json(const Batch::Rejected& rejected) {
    auto body = remark_json(rejected.index, rejected.remarks.front());
    if (rejected.remarks.size() < 2) return body;
    json::array errors;
    for (const auto& remark : rejected.remarks)
        errors.push_back({{"pointer", remark.pointer}, {"code", remark.code}, {"message", remark.message}});
    body["errors"] = std::move(errors);
    return body;
}

/// The answer as it grows.
struct Summary {
    std::int64_t accepted = 0, duplicate = 0;
    std::vector<Batch::Rejected> rejected;
    json::array warnings;

    void add(std::size_t index, const notify::EventResult& result, telemetry::Metrics& metrics) {
        using Kind = notify::EventResult::Kind;
        switch (result.kind) {
            case Kind::accepted:
                ++accepted;
                break;
            case Kind::duplicate:
                ++duplicate;
                break;
            case Kind::rejected:
                rejected.push_back({index, {*result.refusal}});
                break;
        }
        constexpr std::array names{"accepted", "duplicate", "rejected"};
        metrics.event(names[static_cast<std::size_t>(result.kind)], result.silent_cause);
        for (const auto& warning : result.warnings)
            warnings.push_back(remark_json(index, warning));
    }
    Response response() {
        std::ranges::sort(rejected, {}, &Batch::Rejected::index);
        json::array refused;
        for (const auto& each : rejected)
            refused.push_back(rejected_json(each));
        json::object body{{"accepted", accepted}, {"duplicate", duplicate}};
        body["rejected"] = std::move(refused);
        body["warnings"] = std::move(warnings);
        return {.status = 202, .body = json::serialize(body)};
    }
};

void announce(const Ports& ports, const notify::EventResults& results) {
    if (results.outbox_due) ports.outbox_due(*results.outbox_due);
    if (results.timer_due) ports.timer_due(*results.timer_due);
}

asio::awaitable<Response> accept(const Ports& ports, Request request) {
    auto batch = batch_of(request);
    if (!batch) co_return std::move(batch.error());
    if (batch->too_large())
        co_return http::problem(
            {413, "too_many_events", fmt::format("Send at most {} events at a time.", most_events)}
        );
    Summary summary{.rejected = std::move(batch->rejected)};
    for (const auto& each : summary.rejected)
        ports.metrics->event("rejected", each.remarks.front().code);
    for (std::size_t from = 0; from < batch->events.size(); from += step_size) {
        const auto to = std::min(from + step_size, batch->events.size());
        std::vector<notify::DossierEvent> events(
            std::make_move_iterator(batch->events.begin() + static_cast<std::ptrdiff_t>(from)),
            std::make_move_iterator(batch->events.begin() + static_cast<std::ptrdiff_t>(to))
        );
        const auto results = co_await ports.messages->accept_events(std::move(events), ports.clock->now());
        for (std::size_t i = 0; i < results.each.size(); ++i)
            summary.add(batch->index[from + i], results.each[i], *ports.metrics);
        announce(ports, results);
    }
    co_return summary.response();
}

}  // namespace

void add_dossier_events(http::Router& router, const Ports& ports) {
    router.add("POST", "/v1/dossier-events", guarded(ports, Role::dossiers, [&ports](Request request) {
                   return accept(ports, std::move(request));
               }));
}

}  // namespace gateway::api
