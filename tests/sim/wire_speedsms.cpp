#include <openssl/evp.h>
#include <boost/json.hpp>

#include <vector>

#include "notify/sms/parts.hpp"
#include "tests/sim/wire.hpp"

namespace sim {
namespace {

std::string base64(std::string_view text) {
    std::vector<unsigned char> encoded(4 * (text.size() / 3 + 1) + 1);
    const auto size = EVP_EncodeBlock(
        encoded.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())
    );
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

HttpAnswer error(std::string_view code, std::string_view message) {
    return json_answer(200, {{"status", "error"}, {"code", code}, {"message", message}});
}

HttpAnswer answer_of(const Judgement& judgement, int parts) {
    switch (judgement.verdict) {
        case Verdict::accepted:
            return json_answer(
                200, {{"status", "success"},
                      {"code", "00"},
                      {"data",
                       {{"tranId", judgement.id},
                        {"totalSMS", parts},
                        {"totalPrice", parts * 800},
                        {"invalidPhone", boost::json::array{}}}}}
            );
        case Verdict::throttle: {
            auto answer =
                json_answer(429, {{"name", "Too Many Requests"}, {"message", "Rate limit exceeded."}});
            answer.headers.emplace_back("X-Rate-Limit-Reset", "1");
            return answer;
        }
        case Verdict::transient:
            return error("500", "internal error");
        case Verdict::credit:
            return error("300", "balance not enough");
        case Verdict::config:
            return error("009", "not allowed to call");
        case Verdict::content:
            return error("110", "not support sms content encoding");
        case Verdict::recipient:
        case Verdict::duplicate:
        case Verdict::repeated_text:
            return error("105", "phone number invalid");
    }
    return error("500", "internal error");
}

class Speedsms : public Wire {
public:
    using Wire::Wire;

    std::string_view provider() const override { return "speedsms"; }

    bool serves(const HttpRequest& request) const override { return request.path() == "/index.php/sms/send"; }

    HttpAnswer submit(const HttpRequest& request, Telecom& telecom) const override {
        if (request.header("authorization") != "Basic " + base64(settings_.api_key + ":x")) {
            return json_answer(404, {{"name", "Not Found"}});
        }
        const auto body = json_object(request.body);
        if (!body) return error("101", "invalid or missing parameters");
        const auto* to = body->if_contains("to");
        if (!to || !to->is_array() || to->get_array().size() != 1 || !to->get_array().front().is_string()) {
            return error("101", "invalid or missing parameters");
        }
        const auto phone = mobile(std::string(to->get_array().front().get_string()));
        const auto content = text_of(*body, "content");
        if (!phone) return error("105", "phone number invalid");
        if (content.empty()) return error("101", "invalid or missing parameters");
        const auto judgement = telecom.submit(
            {.provider = "speedsms", .request_id = {}, .phone = *phone, .text = content, .report_url = {}}
        );
        auto answer = answer_of(judgement, notify::sms::measure(content).parts);
        answer.drop = judgement.dropped;
        answer.delay = judgement.delay;
        return answer;
    }

    std::optional<HttpCall> report(const Message& message, ReportKind kind, TimePoint) const override {
        const int status = kind == ReportKind::delivered ? 0 : kind == ReportKind::pending ? 1 : 64;
        return post(
            report_url(),
            {{"type", "report"}, {"tranId", message.id}, {"phone", message.phone}, {"status", status}}
        );
    }

    HttpCall inbound(const Reply& reply, TimePoint) const override {
        return post(inbound_url(), {{"type", "sms"}, {"phone", reply.from}, {"content", reply.text}});
    }

private:
    // The webhook carries a secret in its address: SpeedSMS signs nothing.
    HttpCall post(const std::string& url, const boost::json::value& body) const {
        return {
            "POST",
            with_query(url, {{"token", settings_.hook_token}}),
            {{"Content-Type", "application/json"}},
            boost::json::serialize(body)
        };
    }
};

}  // namespace

std::unique_ptr<Wire> speedsms_wire(const WireSettings& settings) {
    return std::make_unique<Speedsms>(settings);
}

}  // namespace sim
