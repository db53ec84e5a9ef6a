#include <boost/json.hpp>

#include "tests/sim/times.hpp"
#include "tests/sim/wire.hpp"

namespace sim {
namespace {

HttpAnswer error(unsigned status, std::string_view code) {
    return json_answer(status, {{"status", "error"}, {"code", code}});
}

HttpAnswer answer_of(const Judgement& judgement) {
    switch (judgement.verdict) {
        case Verdict::accepted:
            return json_answer(202, {{"status", "accepted"}, {"message_id", judgement.id}});
        case Verdict::duplicate:
            return json_answer(
                409, {{"status", "error"}, {"code", "duplicate"}, {"message_id", judgement.id}}
            );
        case Verdict::throttle:
            return error(429, "throttle");
        case Verdict::transient:
            return error(503, "transient");
        case Verdict::credit:
            return error(402, "credit");
        case Verdict::config:
            return error(403, "config");
        case Verdict::content:
            return error(422, "content");
        case Verdict::repeated_text:
        case Verdict::recipient:
            return error(422, "recipient");
    }
    return error(500, "transient");
}

class Generic : public Wire {
public:
    using Wire::Wire;

    std::string_view provider() const override { return "generic"; }

    bool serves(const HttpRequest& request) const override { return request.path() == "/messages"; }

    HttpAnswer submit(const HttpRequest& request, Telecom& telecom) const override {
        if (request.method != "POST") return error(405, "config");
        if (request.header("authorization") != "Bearer " + settings_.api_key) return error(401, "config");
        const auto body = json_object(request.body);
        if (!body || text_of(*body, "id").empty()) return error(400, "content");
        const auto to = text_of(*body, "to");
        const auto phone = mobile(to);
        if (!phone || !to.starts_with("+84")) return error(422, "recipient");
        if (text_of(*body, "text").empty()) return error(422, "content");
        const auto judgement = telecom.submit(
            {.provider = "generic",
             .request_id = text_of(*body, "id"),
             .phone = *phone,
             .text = text_of(*body, "text"),
             .report_url = text_of(*body, "report_url"),
             .deduplicated = true}
        );
        auto answer = answer_of(judgement);
        answer.drop = judgement.dropped;
        answer.delay = judgement.delay;
        return answer;
    }

    std::optional<HttpCall> report(const Message& message, ReportKind kind, TimePoint at) const override {
        if (message.report_url.empty()) return std::nullopt;
        const auto* code = kind == ReportKind::undelivered ? "absent"
                           : kind == ReportKind::rejected  ? "barred"
                                                           : "";
        return post(
            message.report_url, {{"message_id", message.id},
                                 {"id", message.request_id},
                                 {"status", to_string(kind)},
                                 {"code", code},
                                 {"at", rfc3339(at)}}
        );
    }

    HttpCall inbound(const Reply& reply, TimePoint at) const override {
        return post(
            inbound_url(), {{"id", reply.id},
                            {"from", "+" + reply.from},
                            {"to", settings_.number},
                            {"text", reply.text},
                            {"received_at", rfc3339(at)}}
        );
    }

private:
    HttpCall post(std::string url, const boost::json::value& body) const {
        return {
            "POST",
            std::move(url),
            {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + settings_.hook_token}},
            boost::json::serialize(body)
        };
    }
};

}  // namespace

std::unique_ptr<Wire> generic_wire(const WireSettings& settings) {
    return std::make_unique<Generic>(settings);
}

}  // namespace sim
