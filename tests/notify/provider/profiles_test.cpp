// Recorded exchanges of the shipped profiles: what is sent for a message, what each answer means, and how a
// provider's reports and inbound SMS are read. A new provider adds its cases here.
#include "notify/provider/profile_provider.hpp"
#include "notify/provider/template.hpp"
#include "notify/provider/webhook.hpp"
#include "tests/support/world.hpp"

#include <boost/json.hpp>

namespace {

using config::OutcomeClass;
using notify::provider::HttpAnswer;
using testing_support::at;
namespace hook = notify::provider;
namespace json = boost::json;

const auto now = at("2018-01-03T09:00:00+07:00");

constexpr const char* providers = R"(
[organisation]
name = "UBND"
units = "units/tan-uyen.csv"
[inbound]
number = "8079"
[[provider]]
profile = "esms"
settings = { api_key = "K", secret_key = "S", brandname = "TAN UYEN", cpid = "hoiam", private_key = "P" }
[[provider]]
profile = "speedsms"
settings = { access_token = "tok", sender = "TAN UYEN", hook_token = "h" }
[[provider]]
profile = "kannel"
settings = { username = "u", password = "p w", sender = "8079" }
[[provider]]
profile = "generic"
base_url = "http://127.0.0.1:9"
settings = { api_key = "K", hook_token = "H", sender = "8079" }
)";

class Profiles : public testing::Test {
protected:
    testing_support::TemporaryFolder folder;
    config::Settings settings = testing_support::settings_of(folder, providers);
    notify::Outbound message{
        .request_id = "abc-7",
        .phone = notify::PhoneNumber::from_subscriber(912345678),
        .text = "Ho so \"A&B\" xong",
        .situation = "result_ready",
    };

    const config::ProviderSettings& provider(std::string_view name) const {
        return *std::ranges::find_if(settings.providers, [&](const auto& each) { return each.name == name; });
    }
    OutcomeClass read(std::string_view name, long status, std::string body) const {
        return hook::read_answer(
                   provider(name).profile.answer, {HttpAnswer::Kind::answered, status, std::move(body), ""}
        )
            .kind;
    }
    static hook::WebhookRequest request(
        std::string_view query, std::string_view body = "", std::string_view type = "application/json"
    ) {
        return *hook::webhook_request(query, type, body);
    }
    notify::DeliveryReport report(std::string_view name, const hook::WebhookRequest& fields) const {
        return *hook::read_report(provider(name), fields);
    }
};

TEST_F(Profiles, esms_sends_what_its_documents_ask_for) {
    const auto sent = hook::render_request(provider("esms"), message);
    EXPECT_EQ(sent.url, "https://rest.esms.vn/MainService.svc/json/SendMultipleMessage_V4_post_json/");
    const auto body = json::parse(sent.body).as_object();
    EXPECT_EQ(body.at("Phone").as_string(), "0912345678");
    EXPECT_EQ(body.at("Content").as_string(), message.text);
    EXPECT_EQ(body.at("IsUnicode").as_string(), "0");
    EXPECT_EQ(body.at("RequestId").as_string(), "abc-7");
    EXPECT_EQ(body.at("CallbackUrl").as_string(), "http://127.0.0.1:8080/hooks/esms/report?v=1");
}

TEST_F(Profiles, esms_answers_are_understood) {
    const auto answer = hook::read_answer(
        provider("esms").profile.answer,
        {HttpAnswer::Kind::answered, 200, R"({"CodeResult":"100","CountRegenerate":0,"SMSID":"x-1"})", ""}
    );
    EXPECT_EQ(answer.kind, OutcomeClass::accepted);
    EXPECT_EQ(answer.provider_message_id, "x-1");
    EXPECT_EQ(read("esms", 200, R"({"CodeResult":"124","SMSID":"x-1"})"), OutcomeClass::duplicate);
    EXPECT_EQ(read("esms", 200, R"({"CodeResult":"103"})"), OutcomeClass::credit);
    EXPECT_EQ(read("esms", 200, R"({"CodeResult":"146","SMSID":"y"})"), OutcomeClass::content);
    EXPECT_EQ(read("esms", 200, R"({"CodeResult":"99"})"), OutcomeClass::optout);
    EXPECT_EQ(read("esms", 200, R"({"CodeResult":"31337"})"), OutcomeClass::unknown);
    EXPECT_EQ(read("esms", 200, R"({"error":"something"})"), OutcomeClass::unknown);
    EXPECT_EQ(read("esms", 500, "oops"), OutcomeClass::ambiguous);
    EXPECT_EQ(read("esms", 200, "<html>"), OutcomeClass::ambiguous);
}

TEST_F(Profiles, a_load_balancers_page_refuses_with_4xx_and_says_nothing_otherwise) {
    EXPECT_EQ(read("esms", 429, "<html>slower</html>"), OutcomeClass::throttle);
    EXPECT_EQ(read("speedsms", 403, "<html>forbidden</html>"), OutcomeClass::config);
    EXPECT_EQ(read("esms", 502, "<html>bad gateway</html>"), OutcomeClass::ambiguous);
}

TEST_F(Profiles, a_redirect_is_a_mistake_of_the_base_url_and_has_taken_nothing) {
    for (const auto* const name : {"esms", "speedsms", "kannel", "generic"})
        for (const int status : {301, 302, 307, 308})
            EXPECT_EQ(read(name, status, "<html>moved</html>"), OutcomeClass::config) << name << status;
    EXPECT_EQ(read("esms", 303, "<html>see other</html>"), OutcomeClass::ambiguous);
}

TEST_F(Profiles, an_answer_that_never_came_is_ambiguous_only_if_the_request_may_have_arrived) {
    const auto& answer = provider("esms").profile.answer;
    EXPECT_EQ(hook::read_answer(answer, {HttpAnswer::Kind::lost, 0, "", ""}).kind, OutcomeClass::ambiguous);
    EXPECT_EQ(
        hook::read_answer(answer, {HttpAnswer::Kind::not_sent, 0, "", ""}).kind, OutcomeClass::transient
    );
}

TEST_F(Profiles, esms_reports_are_read) {
    const auto delivered =
        report("esms", request("SMSID=x-1&RequestId=abc-7&SendStatus=5&SendSuccess=1&SendFailed=0&TypeId=2"));
    EXPECT_EQ(delivered.provider_message_id, "x-1");
    EXPECT_EQ(delivered.request_id, "abc-7");
    EXPECT_EQ(delivered.state, config::ReportState::delivered);
    EXPECT_EQ(
        report("esms", request("SMSID=x&SendStatus=5&SendSuccess=0&SendFailed=2")).state,
        config::ReportState::undelivered
    );
    EXPECT_EQ(report("esms", request("SMSID=x&SendStatus=4")).state, config::ReportState::rejected);
    EXPECT_EQ(report("esms", request("SMSID=x&SendStatus=7")).state, config::ReportState::pending);
    EXPECT_FALSE(hook::read_report(provider("esms"), request("SendStatus=5")).has_value());
}

TEST_F(Profiles, esms_inbound_sms_must_carry_the_right_signature) {
    const std::string fields =
        "sender=84912345678&content=TANUYEN%205&serviceNumber=8079&keyword=TANUYEN&cpid=hoiam&smsid=42&"
        "receiverTime=20180103090000&sign=";
    const auto& inbound = *provider("esms").profile.inbound;
    const auto good = request(
        fields + hook::url_encode(hook::apply_filter(
                     hook::apply_filter("hoiam42TANUYEN 520180103090000P", "md5"), "base64"
                 ))
    );
    EXPECT_TRUE(hook::authentic(inbound.authentication, provider("esms"), good));
    EXPECT_FALSE(hook::authentic(
        inbound.authentication, provider("esms"), request(fields + "AAAAAAAAAAAAAAAAAAAAAA==")
    ));
    EXPECT_FALSE(hook::authentic(inbound.authentication, provider("esms"), request(fields)));
    const auto sms = *hook::read_inbound(provider("esms"), good, now);
    EXPECT_EQ(sms.key, "42");
    EXPECT_EQ(sms.from, "84912345678");
    EXPECT_EQ(sms.text, "TANUYEN 5");
    EXPECT_EQ(sms.sent_at, now);
}

TEST_F(Profiles, a_signature_made_without_the_secret_never_passes) {
    const auto signed_with = [&](const std::string& secret) {
        return request(
            "sender=84912345678&content=5&smsid=42&receiverTime=20180103090000&sign=" +
            hook::url_encode(
                hook::apply_filter(hook::apply_filter("hoiam42520180103090000" + secret, "md5"), "base64")
            )
        );
    };
    auto esms = provider("esms");
    const auto& inbound = esms.profile.inbound->authentication;
    ASSERT_TRUE(hook::authentic(inbound, esms, signed_with("P")));
    for (const auto forget :
         {+[](config::ProviderSettings& one) { one.values.erase("private_key"); },
          +[](config::ProviderSettings& one) { one.values["private_key"] = ""; }}) {
        forget(esms);
        EXPECT_FALSE(hook::authentic(inbound, esms, signed_with("")));
        EXPECT_EQ(hook::unset_secrets(*inbound, esms), std::vector<std::string>{"private_key"});
    }
}

TEST_F(Profiles, an_answer_in_json_keeps_its_braces) {
    const auto answer = [&](std::string_view name) {
        return hook::render_answer(provider(name).profile.report->answer, provider(name), request(""));
    };
    EXPECT_EQ(answer("generic"), R"({"status":"ok"})");
    EXPECT_EQ(answer("speedsms"), R"({"status":"success"})");
}

TEST_F(Profiles, an_unknown_code_never_carries_a_phone_number_however_it_is_grouped) {
    const auto code = [&](const char* number) {
        const auto body = std::string(R"({"CodeResult":"Number )") + number + R"( is invalid"})";
        return hook::read_answer(provider("esms").profile.answer, {HttpAnswer::Kind::answered, 200, body, ""})
            .code;
    };
    for (const auto* const number :
         {"84912345678", "0912.345.678", "0912 345 678", "(+84) 912-345-678", "09123\\u000145678"})
        EXPECT_EQ(code(number).find_first_of("0123456789"), std::string::npos) << code(number);
    EXPECT_EQ(code("404"), "Number 404 is invalid");
}

TEST_F(Profiles, a_report_keeps_a_short_code_without_a_number_and_no_endless_id) {
    const auto body = [](const std::string& id, const std::string& code) {
        return request("", R"({"message_id":")" + id + R"(","code":")" + code + "\"}");
    };
    EXPECT_EQ(report("generic", body("x", "084")).code, "084");
    EXPECT_EQ(report("generic", body("x", "no such number 0912345678")).code, "no such number *");
    EXPECT_EQ(report("generic", body("x", std::string(500, 'c'))).code, std::string(60, 'c'));
    EXPECT_EQ(report("generic", body(std::string(200, 'x'), "")).provider_message_id.size(), 200U);
    const auto endless = hook::read_report(provider("generic"), body(std::string(201, 'x'), ""));
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error(), "names a message by more than 200 characters");
}

TEST_F(Profiles, what_we_echo_into_xml_cannot_carry_markup) {
    const auto answer = hook::render_answer(
        provider("esms").profile.inbound->answer, provider("esms"),
        request("smsid=%3Cx%3E1&sender=84912345678")
    );
    EXPECT_NE(answer.find("<Smsid>x1</Smsid>"), std::string::npos);
}

TEST_F(Profiles, speedsms_sends_basic_authentication_a_list_and_a_number) {
    const auto sent = hook::render_request(provider("speedsms"), message);
    EXPECT_EQ(sent.basic_user, "tok");
    EXPECT_EQ(sent.basic_password, "x");
    const auto body = json::parse(sent.body).as_object();
    EXPECT_EQ(body.at("to").as_array().at(0).as_string(), "84912345678");
    EXPECT_EQ(body.at("sms_type").as_int64(), 3);
}

TEST_F(Profiles, speedsms_answers_and_webhooks_are_understood) {
    EXPECT_EQ(
        read("speedsms", 200, R"({"status":"success","code":"00","data":{"tranId":123,"totalSMS":1}})"),
        OutcomeClass::accepted
    );
    EXPECT_EQ(
        read("speedsms", 200, R"({"status":"error","code":"300","message":"balance"})"), OutcomeClass::credit
    );
    EXPECT_EQ(read("speedsms", 429, R"({"name":"Too Many Requests"})"), OutcomeClass::throttle);
    const auto delivered =
        request("", R"({"type":"report","tranId":123456,"phone":"84912345678","status":0})");
    EXPECT_FALSE(hook::is_inbound(*provider("speedsms").profile.inbound, delivered));
    EXPECT_EQ(report("speedsms", delivered).provider_message_id, "123456");
    EXPECT_EQ(report("speedsms", delivered).state, config::ReportState::delivered);
    EXPECT_EQ(
        report("speedsms", request("", R"({"type":"report","tranId":1,"status":64})")).state,
        config::ReportState::undelivered
    );
    EXPECT_EQ(
        report("speedsms", request("", R"({"type":"report","tranId":1,"status":3})")).state,
        config::ReportState::pending
    );
    const auto inbound = request("", R"({"type":"sms","phone":"84912345678","content":"4 hai long"})");
    EXPECT_TRUE(hook::is_inbound(*provider("speedsms").profile.inbound, inbound));
    EXPECT_EQ(hook::read_inbound(provider("speedsms"), inbound, now)->text, "4 hai long");
}

TEST_F(Profiles, an_inbound_sms_without_an_id_is_recognised_by_sender_text_and_minute) {
    const auto inbound = request("", R"({"type":"sms","phone":"84912345678","content":"4"})");
    const auto key = [&](notify::Time time) {
        return hook::read_inbound(provider("speedsms"), inbound, time)->key;
    };
    EXPECT_EQ(key(now), key(now + std::chrono::seconds(20)));
    EXPECT_NE(key(now), key(now + std::chrono::minutes(2)));
}

TEST_F(Profiles, kannel_sends_a_query_with_our_id_in_the_report_url) {
    const auto sent = hook::render_request(provider("kannel"), message);
    EXPECT_TRUE(sent.url.starts_with("http://127.0.0.1:13013/cgi-bin/sendsms?")) << sent.url;
    for (const auto* const part :
         {"password=p%20w", "to=%2B84912345678", "text=Ho%20so%20%22A%26B%22%20xong"})
        EXPECT_NE(sent.url.find(part), std::string::npos) << part;
    EXPECT_NE(sent.url.find("coding=0"), std::string::npos);
    EXPECT_NE(sent.url.find("id%3Dabc-7%26status%3D%25d"), std::string::npos);
}

TEST_F(Profiles, kannel_answers_reports_and_inbound_sms_are_understood) {
    EXPECT_EQ(read("kannel", 202, "0: Accepted for delivery"), OutcomeClass::accepted);
    EXPECT_EQ(read("kannel", 202, "3: Queued for later delivery"), OutcomeClass::accepted);
    EXPECT_EQ(read("kannel", 503, "Temporal failure, try again later."), OutcomeClass::transient);
    EXPECT_EQ(read("kannel", 403, "Authorization failed for sendsms"), OutcomeClass::config);
    EXPECT_EQ(report("kannel", request("v=1&id=abc-7&status=1")).request_id, "abc-7");
    EXPECT_EQ(report("kannel", request("id=abc-7&status=8")).state, config::ReportState::pending);
    EXPECT_EQ(report("kannel", request("id=abc-7&status=16")).state, config::ReportState::rejected);
    const auto sms = hook::read_inbound(
        provider("kannel"),
        request("from=%2B84912345678&to=8079&text=tre+hen&id=9f&at=2018-01-03+02:00&charset=utf-8"), now
    );
    EXPECT_EQ(sms->text, "tre hen");
    EXPECT_EQ(
        read("kannel", 403, "Number(s) has/have been denied by white- and/or black-lists."),
        OutcomeClass::recipient
    );
}

TEST_F(Profiles, kannel_hands_an_accented_sms_through_as_utf_16) {
    const auto text = [&](const std::string& escaped) {
        return hook::read_inbound(
                   provider("kannel"), request("from=84912345678&id=1&charset=UTF-16BE&text=" + escaped), now
        )
            ->text;
    };
    EXPECT_EQ(text("%00R%1E%A5%00t%00+%00h%00%E0%00i"), "Rất hài");
    EXPECT_EQ(text("%D8%3D%DC%4D"), "👍");
    EXPECT_EQ(text("%D8%3D%00a%DC%4D%00"), "\uFFFDa\uFFFD\uFFFD");
    EXPECT_EQ(text("%D8%3D"), "\uFFFD");
    EXPECT_EQ(text(""), "");
}

TEST_F(Profiles, an_unknown_code_is_kept_without_the_receivers_number) {
    const HttpAnswer answer{
        HttpAnswer::Kind::answered, 200, R"({"CodeResult":"so 0912345678 bi chan, ma 777"})", ""
    };
    const auto outcome = hook::read_answer(provider("esms").profile.answer, answer);
    EXPECT_EQ(outcome.kind, OutcomeClass::unknown);
    EXPECT_EQ(outcome.code, "so * bi chan, ma 777");
}

TEST_F(Profiles, generic_answers_by_class_and_checks_the_header) {
    EXPECT_EQ(read("generic", 202, R"({"status":"accepted","message_id":"m"})"), OutcomeClass::accepted);
    EXPECT_EQ(read("generic", 400, R"({"status":"error","code":"recipient"})"), OutcomeClass::recipient);
    EXPECT_EQ(read("generic", 500, R"({"status":"error"})"), OutcomeClass::ambiguous);
    EXPECT_EQ(read("generic", 200, R"({"status":"error"})"), OutcomeClass::ambiguous);
    EXPECT_EQ(read("generic", 200, "{}"), OutcomeClass::unknown);
    auto fields = request("", R"({"message_id":"m","id":"abc-7","status":"delivered"})");
    const auto& authentication = provider("generic").profile.report->authentication;
    EXPECT_FALSE(hook::authentic(authentication, provider("generic"), fields));
    fields.headers["authorization"] = "Bearer H";
    EXPECT_TRUE(hook::authentic(authentication, provider("generic"), fields));
    EXPECT_EQ(report("generic", fields).state, config::ReportState::delivered);
}

}  // namespace
