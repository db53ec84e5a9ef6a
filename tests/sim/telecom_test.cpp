#include "tests/sim/telecom.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/sim/desk.hpp"
#include "tests/sim/times.hpp"

namespace {

using namespace std::chrono_literals;

const auto now = sim::parse_rfc3339("2018-03-05T12:00:00+07:00").value();

struct Office {
    sim::Telecom telecom{7, {}};
    sim::Desk desk{telecom, {}};

    Office() { telecom.set_now(now); }

    boost::json::object esms(boost::json::object changes = {}) {
        boost::json::object body{
            {"ApiKey", "sim"},
            {"SecretKey", "sim"},
            {"Brandname", "TAN UYEN"},
            {"SmsType", "2"},
            {"Phone", "0912345678"},
            {"Content", "Ho so da co ket qua"},
            {"RequestId", "r1"},
            {"IsUnicode", "0"},
            {"CallbackUrl", "http://127.0.0.1:1/report?token=t"},
        };
        for (auto& [name, value] : changes)
            body[name] = value;
        const auto answer = desk.serve(
            {"POST",
             "/MainService.svc/json/SendMultipleMessage_V4_post_json/",
             {},
             boost::json::serialize(body)}
        );
        return sim::json_object(answer.body).value();
    }

    std::string code(boost::json::object changes) {
        return sim::text_of(esms(std::move(changes)), "CodeResult");
    }
};

}  // namespace

TEST(Esms, a_repeated_request_id_is_answered_124_with_the_same_id_and_sent_once) {
    Office office;
    const auto first = office.esms();
    const auto second = office.esms();
    EXPECT_EQ(sim::text_of(first, "CodeResult"), "100");
    EXPECT_EQ(sim::text_of(second, "CodeResult"), "124");
    EXPECT_EQ(sim::text_of(first, "SMSID"), sim::text_of(second, "SMSID"));
    ASSERT_EQ(office.telecom.messages().size(), 1U);
    EXPECT_EQ(office.telecom.messages().front().duplicates_refused, 1);
}

TEST(Esms, the_same_text_to_the_same_number_is_refused_for_five_minutes) {
    Office office;
    office.esms();
    EXPECT_EQ(office.code({{"RequestId", "r2"}}), "199");
    office.telecom.set_now(now + 5min);
    EXPECT_EQ(office.code({{"RequestId", "r2"}}), "100");
}

TEST(Esms, refuses_what_the_provider_refuses) {
    Office office;
    EXPECT_EQ(office.code({{"ApiKey", "x"}}), "101");
    EXPECT_EQ(office.code({{"Brandname", "X"}}), "104");
    EXPECT_EQ(office.code({{"Phone", "02743822825"}}), "108");
    EXPECT_EQ(office.code({{"Content", ""}}), "146");
    EXPECT_EQ(office.code({{"Content", "Hồ sơ"}}), "146");
    EXPECT_EQ(office.code({{"Content", "Hồ sơ"}, {"IsUnicode", "1"}}), "100");
    EXPECT_EQ(office.code({{"RequestId", std::string(51, 'x')}}), "99");
}

TEST(Esms, the_report_goes_to_the_url_of_the_request_and_keeps_its_query) {
    Office office;
    office.esms();
    const auto due = office.telecom.take_due(now + 1h);
    ASSERT_EQ(due.size(), 1U);
    const auto call = office.desk.call_for(due.front()).value();
    EXPECT_TRUE(call.url.starts_with("http://127.0.0.1:1/report?token=t&SMSID="));
    EXPECT_NE(call.url.find("SendStatus=5&SendSuccess=1"), std::string::npos);
    EXPECT_NE(call.url.find("RequestId=r1"), std::string::npos);
}

TEST(Esms, an_inbound_sms_is_signed_as_documented) {
    Office office;
    office.desk.serve({"POST", "/sim/inbound", {}, R"({"provider":"esms","from":"84912345678","text":"5"})"});
    const auto due = office.telecom.take_due(now);
    ASSERT_EQ(due.size(), 1U);
    // printf 'hoiamhand-1520180305120000sim' | openssl md5 -binary | base64
    EXPECT_NE(
        office.desk.call_for(due.front())->url.find("&sign=L6JroYG2RefAo6RGRrvjCQ%3D%3D&"), std::string::npos
    ) << office.desk.call_for(due.front())->url;
}

TEST(Telecom, a_lost_answer_is_an_accepted_sms) {
    Office office;
    office.telecom.behaviour().lost = 1;
    const auto judgement = office.telecom.submit(
        {.provider = "esms",
         .request_id = "r",
         .phone = "84912345678",
         .text = "x",
         .report_url = {},
         .deduplicated = true}
    );
    EXPECT_TRUE(judgement.dropped);
    EXPECT_EQ(office.telecom.messages().size(), 1U);
}

TEST(Telecom, a_transient_refusal_is_drawn_anew_for_each_attempt) {
    Office office;
    office.telecom.behaviour().transient = 0.5;
    int refused = 0;
    bool accepted = false;
    for (; !accepted && refused < 60; ++refused) {
        const auto judgement = office.telecom.submit(
            {.provider = "generic",
             .request_id = "r",
             .phone = "84912345678",
             .text = "x",
             .report_url = {},
             .deduplicated = true}
        );
        accepted = judgement.verdict == sim::Verdict::accepted;
    }
    EXPECT_TRUE(accepted);
}

TEST(Telecom, reports_may_come_twice_and_in_the_wrong_order) {
    Office office;
    office.telecom.behaviour().duplicate_report = 1;
    office.telecom.behaviour().reorder = 1;
    office.esms();
    const auto due = office.telecom.take_due(now + 1h);
    ASSERT_EQ(due.size(), 3U);
    EXPECT_EQ(std::get<sim::Report>(due[0].what).kind, sim::ReportKind::delivered);
    EXPECT_EQ(std::get<sim::Report>(due[1].what).kind, sim::ReportKind::delivered);
    EXPECT_EQ(std::get<sim::Report>(due[2].what).kind, sim::ReportKind::pending);
}

TEST(Telecom, a_restored_message_brings_the_same_reports) {
    Office office;
    office.telecom.behaviour().undelivered = 0.5;
    for (int i = 0; i < 50; ++i) {
        office.esms({{"RequestId", "r" + std::to_string(i)}, {"Content", "text " + std::to_string(i)}});
    }
    sim::Telecom again(7, office.telecom.behaviour());
    for (auto message : office.telecom.messages())
        again.restore(std::move(message));
    const auto first = office.telecom.take_due(now + 24h);
    const auto second = again.take_due(now + 24h);
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].at, second[i].at);
        EXPECT_EQ(std::get<sim::Report>(first[i].what).kind, std::get<sim::Report>(second[i].what).kind);
    }
}

TEST(Times, read_and_write_civil_time_of_vietnam) {
    const auto time = sim::parse_rfc3339("2018-01-01T17:30:05Z").value();
    EXPECT_EQ(sim::rfc3339(time), "2018-01-02T00:30:05+07:00");
    EXPECT_EQ(sim::compact(time), "20180102003005");
    EXPECT_EQ(sim::parse_rfc3339("2018-01-02T00:30:05.250+07:00").value(), time + 250ms);
    EXPECT_FALSE(sim::parse_rfc3339("2018-13-02T00:30:05+07:00"));
    EXPECT_FALSE(sim::parse_rfc3339("null"));
}
