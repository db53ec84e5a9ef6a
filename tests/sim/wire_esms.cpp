#include <fmt/format.h>
#include <openssl/evp.h>
#include <boost/json.hpp>

#include <array>

#include "config/numbering.hpp"
#include "notify/sms/parts.hpp"
#include "tests/sim/times.hpp"
#include "tests/sim/wire.hpp"

namespace sim {
namespace {

constexpr std::size_t longest_request_id = 50;
constexpr int price_per_part = 850;

std::string base64_md5(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_md5(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const auto size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

// eSMS's number of the operator that holds the range.
std::string telco_id(std::string_view international) {
    constexpr std::array<std::string_view, 7> telcos{"Viettel", "MobiFone", "Vinaphone", "Vietnamobile",
                                                     "Gmobile", "Itel",     "Reddi"};
    const auto national = "0" + std::string(international.substr(2));
    for (const auto& range : config::shipped_numbering().mobile) {
        if (!national.starts_with(range.prefix)) continue;
        const auto found = std::ranges::find(telcos, range.holder);
        if (found != telcos.end()) return std::to_string(found - telcos.begin() + 1);
    }
    return "0";
}

HttpAnswer result(std::string_view code, std::string_view id = {}, std::string_view error = {}) {
    boost::json::object body{{"CodeResult", code}, {"CountRegenerate", 0}};
    if (!id.empty()) body["SMSID"] = id;
    if (!error.empty()) body["ErrorMessage"] = error;
    return json_answer(200, body);
}

HttpAnswer answer_of(const Judgement& judgement) {
    switch (judgement.verdict) {
        case Verdict::accepted:
            return result("100", judgement.id);
        case Verdict::duplicate: {
            auto body = boost::json::object{
                {"CodeResult", "124"},
                {"CountRegenerate", 0},
                {"SMSID", judgement.id},
                {"ErrorMessage", "RequestId is exist"},
                {"SendStatus", 5}
            };
            return json_answer(200, body);
        }
        case Verdict::repeated_text:
            return result("199", {}, "Same phone and content within 5 minutes");
        case Verdict::throttle:
            return result("160", {}, "Too many requests");
        case Verdict::transient:
            return json_answer(503, {{"error", "Service temporarily unavailable"}});
        case Verdict::credit:
            return result("103", {}, "Balance not enough to send message");
        case Verdict::config:
            return result("101", {}, "Authorize Failed");
        case Verdict::content:
            return result("146", judgement.id, "Template customer care is not correct");
        case Verdict::recipient:
            return result("108", {}, "Phone number is not correct");
    }
    return result("99");
}

class Esms : public Wire {
public:
    using Wire::Wire;

    std::string_view provider() const override { return "esms"; }

    bool serves(const HttpRequest& request) const override {
        return request.path().starts_with("/MainService.svc/json/SendMultipleMessage_V4_post_json");
    }

    HttpAnswer submit(const HttpRequest& request, Telecom& telecom) const override {
        if (request.method != "POST") return json_answer(405, {{"error", "Method not allowed"}});
        const auto body = json_object(request.body);
        if (!body) return json_answer(400, {{"error", "The request body is not JSON"}});
        if (auto refused = refusal(*body)) return *std::move(refused);
        if (text_of(*body, "Sandbox") == "1") return result("100", "sandbox");
        const auto judgement = telecom.submit(
            {.provider = "esms",
             .request_id = text_of(*body, "RequestId"),
             .phone = mobile(text_of(*body, "Phone")).value(),
             .text = text_of(*body, "Content"),
             .report_url = text_of(*body, "CallbackUrl"),
             .deduplicated = !text_of(*body, "RequestId").empty(),
             .refuses_repeats = true}
        );
        auto answer = answer_of(judgement);
        answer.drop = judgement.dropped;
        answer.delay = judgement.delay;
        return answer;
    }

    std::optional<HttpCall> report(const Message& message, ReportKind kind, TimePoint) const override {
        if (message.report_url.empty()) return std::nullopt;
        const auto parts = notify::sms::measure(message.text).parts;
        const bool delivered = kind == ReportKind::delivered;
        const bool failed = kind == ReportKind::undelivered || kind == ReportKind::rejected;
        const auto* status = kind == ReportKind::pending ? "7" : kind == ReportKind::rejected ? "4" : "5";
        return HttpCall{
            "GET",
            with_query(
                message.report_url, {{"SMSID", message.id},
                                     {"SendFailed", failed ? "1" : "0"},
                                     {"SendStatus", status},
                                     {"SendSuccess", delivered ? "1" : "0"},
                                     {"TotalPrice", std::to_string(parts * price_per_part)},
                                     {"TotalReceiver", "1"},
                                     {"TotalSent", "1"},
                                     {"RequestId", message.request_id},
                                     {"TypeId", "2"},
                                     {"telcoid", telco_id(message.phone)},
                                     {"phonenumber", message.phone}}
            ),
            {},
            {}
        };
    }

    HttpCall inbound(const Reply& reply, TimePoint at) const override {
        const auto time = compact(at);
        const auto keyword = reply.text.substr(0, reply.text.find(' '));
        const auto signature =
            base64_md5(settings_.cpid + reply.id + reply.text + time + settings_.private_key);
        return {
            "GET",
            with_query(
                inbound_url(), {{"sender", reply.from},
                                {"content", reply.text},
                                {"serviceNumber", settings_.number},
                                {"keyword", keyword},
                                {"sign", signature},
                                {"cpid", settings_.cpid},
                                {"smsid", reply.id},
                                {"receiverTime", time}}
            ),
            {},
            {}
        };
    }

private:
    std::optional<HttpAnswer> refusal(const boost::json::object& body) const {
        if (text_of(body, "ApiKey") != settings_.api_key ||
            text_of(body, "SecretKey") != settings_.secret_key) {
            return result("101", {}, "Authorize Failed");
        }
        if (text_of(body, "Brandname") != settings_.brandname)
            return result("104", {}, "Brandname does not exist");
        const auto type = text_of(body, "SmsType");
        if (type != "2" && type != "8") return result("118", {}, "SmsType is not supported");
        if (text_of(body, "RequestId").size() > longest_request_id)
            return result("99", {}, "RequestId is too long");
        if (!mobile(text_of(body, "Phone"))) return result("108", {}, "Phone number is not correct");
        const auto content = text_of(body, "Content");
        if (content.empty()) return result("146", {}, "Content is empty");
        const bool unicode = notify::sms::measure(content).encoding == notify::sms::Encoding::ucs2;
        if (unicode && text_of(body, "IsUnicode") != "1")
            return result("146", {}, "Content needs IsUnicode 1");
        return std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Wire> esms_wire(const WireSettings& settings) {
    return std::make_unique<Esms>(settings);
}

}  // namespace sim
