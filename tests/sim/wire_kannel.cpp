#include <fmt/format.h>

#include "tests/sim/times.hpp"
#include "tests/sim/wire.hpp"

namespace sim {
namespace {

HttpAnswer plain(unsigned status, std::string_view text) {
    HttpAnswer answer;
    answer.status = status;
    answer.content_type = "text/plain";
    answer.body = text;
    return answer;
}

HttpAnswer answer_of(const Judgement& judgement) {
    switch (judgement.verdict) {
        case Verdict::accepted:
            return plain(202, "0: Accepted for delivery");
        case Verdict::throttle:
        case Verdict::transient:
            return plain(503, "Temporal failure, try again later.");
        case Verdict::credit:
        case Verdict::config:
            return plain(403, "Authorization failed for sendsms");
        case Verdict::content:
            return plain(400, "Empty text not allowed, rejected");
        case Verdict::recipient:
        case Verdict::duplicate:
        case Verdict::repeated_text:
            return plain(400, "Number is in black list, rejected");
    }
    return plain(400, "Sendsms failed");
}

std::string unix_time(TimePoint at) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

int dlr_value(ReportKind kind) {
    switch (kind) {
        case ReportKind::pending:
            return 8;
        case ReportKind::delivered:
            return 1;
        case ReportKind::undelivered:
            return 2;
        case ReportKind::rejected:
            return 16;
    }
    return 2;
}

class Kannel : public Wire {
public:
    using Wire::Wire;

    std::string_view provider() const override { return "kannel"; }

    bool serves(const HttpRequest& request) const override { return request.path() == "/cgi-bin/sendsms"; }

    HttpAnswer submit(const HttpRequest& request, Telecom& telecom) const override {
        auto query = request.query();
        if (query["username"] != settings_.api_key || query["password"] != settings_.secret_key) {
            return plain(403, "Authorization failed for sendsms");
        }
        const auto phone = mobile(query["to"]);
        if (!phone) return plain(400, "Wrong number, rejected");
        if (query["text"].empty()) return plain(400, "Empty text not allowed, rejected");
        // The mask is kept in front of the URL; report() reads both.
        const auto judgement = telecom.submit(
            {.provider = "kannel",
             .request_id = {},
             .phone = *phone,
             .text = query["text"],
             .report_url = query["dlr-mask"] + " " + query["dlr-url"]}
        );
        auto answer = answer_of(judgement);
        answer.drop = judgement.dropped;
        answer.delay = judgement.delay;
        return answer;
    }

    std::optional<HttpCall> report(const Message& message, ReportKind kind, TimePoint at) const override {
        const auto space = message.report_url.find(' ');
        const auto url = message.report_url.substr(space + 1);
        const auto mask = std::atoi(message.report_url.substr(0, space).c_str());
        if (url.empty() || (mask & dlr_value(kind)) == 0) return std::nullopt;
        return HttpCall{"GET", substituted(url, message, kind, at), {}, {}};
    }

    HttpCall inbound(const Reply& reply, TimePoint at) const override {
        return {
            "GET",
            with_query(
                inbound_url(), {{"from", reply.from},
                                {"to", settings_.number},
                                {"text", reply.text},
                                {"id", reply.id},
                                {"at", unix_time(at)},
                                {"token", settings_.hook_token}}
            ),
            {},
            {}
        };
    }

private:
    std::string substituted(const std::string& url, const Message& message, ReportKind kind, TimePoint at)
        const {
        std::string out;
        for (std::size_t i = 0; i < url.size(); ++i) {
            if (url[i] != '%' || i + 1 == url.size()) {
                out.push_back(url[i]);
                continue;
            }
            switch (url[++i]) {
                case 'd':
                    out += std::to_string(dlr_value(kind));
                    break;
                case 'F':
                case 'I':
                    out += message.id;
                    break;
                case 'p':
                    out += message.phone;
                    break;  // for a report: who received it
                case 'P':
                    out += settings_.number;
                    break;
                case 'i':
                    out += "sim";
                    break;
                case 'A':
                    out += percent_encoded(fmt::format("id:{} stat:{}", message.id, to_string(kind)));
                    break;
                case 'T':
                    out += unix_time(at);
                    break;
                case 't':
                    out += percent_encoded(rfc3339(at));
                    break;
                case '%':
                    out += '%';
                    break;
                default:
                    out += {'%', url[i]};
            }
        }
        return out;
    }
};

}  // namespace

std::unique_ptr<Wire> kannel_wire(const WireSettings& settings) {
    return std::make_unique<Kannel>(settings);
}

}  // namespace sim
