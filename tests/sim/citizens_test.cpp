#include "tests/sim/citizens.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/sim/citizen_words.hpp"
#include "tests/sim/times.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto* score_question =
    "TAN UYEN: Ong/Ba danh gia viec giai quyet ho so the nao? 1=Rat khong hai long 2=... 5=Rat hai long";
constexpr auto* reason_question = "TAN UYEN: Xin cho biet ly do Ong/Ba chua hai long.";
const auto noon = sim::parse_rfc3339("2018-03-05T12:00:00+07:00").value();

sim::Message message(int citizen, std::string text) {
    return {
        .provider = "esms",
        .request_id = "r" + std::to_string(citizen) + text.substr(0, 14),
        .id = "m" + std::to_string(citizen) + text.substr(0, 14),
        .phone = "84" + std::to_string(900'000'000 + citizen),
        .text = std::move(text),
        .report_url = {},
        .at = noon
    };
}

sim::Citizens town(bool late) {
    return {1, {}, [late](const sim::Message& about) {
                return sim::DossierTruth{about.phone, "25891", late, false};
            }};
}

struct Outcome {
    int asked = 0, answered = 0, satisfied = 0, reasons = 0;
    std::map<std::string, int> kinds;
};

Outcome survey(bool late, int people) {
    auto citizens = town(late);
    Outcome outcome;
    for (int i = 0; i < people; ++i) {
        ++outcome.asked;
        const auto reply = citizens.receive(message(i, score_question), noon);
        if (!reply) continue;
        ++outcome.kinds[reply->reply.kind];
        if (reply->reply.kind != "score" && reply->reply.kind != "words") continue;
        ++outcome.answered;
        outcome.satisfied += reply->reply.label[0] >= '4';
        if (citizens.receive(message(i, reason_question), noon)) ++outcome.reasons;
    }
    return outcome;
}

}  // namespace

TEST(Citizens, recognise_the_questions_by_their_text) {
    using sim::Question;
    EXPECT_EQ(sim::Citizens::question_in(score_question), Question::score);
    EXPECT_EQ(sim::Citizens::question_in("1=Rất không hài lòng ... 5=Rất hài lòng"), Question::score);
    EXPECT_EQ(sim::Citizens::question_in("Xin cho biết lý do Ông/Bà chưa hài lòng"), Question::reason);
    EXPECT_EQ(sim::Citizens::question_in("Ho so da co ket qua"), Question::none);
}

TEST(Citizens, a_third_of_them_answer_and_nearly_all_of_those_on_time_are_satisfied) {
    const auto on_time = survey(false, 20000);
    EXPECT_NEAR(on_time.answered / 20000.0, 0.35, 0.02);
    EXPECT_GT(on_time.satisfied / static_cast<double>(on_time.answered), 0.965);
    EXPECT_GT(on_time.kinds.at("words"), 1000);
    EXPECT_GT(on_time.kinds.at("nonsense"), 20);
    EXPECT_GT(on_time.kinds.at("opt_out"), 10);
}

TEST(Citizens, a_late_dossier_makes_many_of_them_dissatisfied_and_they_say_why) {
    const auto late = survey(true, 5000);
    const auto share = late.satisfied / static_cast<double>(late.answered);
    EXPECT_GT(share, 0.40);
    EXPECT_LT(share, 0.65);
    EXPECT_GT(late.reasons, late.answered / 6);
}

TEST(Citizens, the_same_messages_bring_the_same_replies) {
    auto first = town(true);
    auto second = town(true);
    for (int i = 0; i < 500; ++i) {
        const auto a = first.receive(message(i, score_question), noon);
        const auto b = second.receive(message(i, score_question), noon);
        ASSERT_EQ(a.has_value(), b.has_value());
        if (!a) continue;
        EXPECT_EQ(a->reply.text, b->reply.text);
        EXPECT_EQ(a->after, b->after);
    }
}

TEST(Citizens, reply_in_waking_hours_only) {
    auto citizens = town(false);
    for (int i = 0; i < 3000; ++i) {
        const auto at = noon + std::chrono::minutes(i % 1440);
        const auto reply = citizens.receive(message(i, score_question), at);
        if (!reply) continue;
        const auto time = sim::time_of_day(at + reply->after);
        EXPECT_GE(time, 6h + 30min);
        EXPECT_LT(time, 22h);
    }
}

TEST(Citizens, who_opted_out_is_silent_ever_after) {
    auto citizens = town(false);
    int opted_out = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto reply = citizens.receive(message(i, score_question), noon);
        if (!reply || reply->reply.kind != "opt_out") continue;
        ++opted_out;
        EXPECT_FALSE(citizens.receive(message(i, std::string(score_question) + " nhac lai"), noon));
    }
    EXPECT_GT(opted_out, 0);
}

TEST(Citizens, type_in_many_ways) {
    std::set<std::string> ways;
    for (int i = 0; i < 200; ++i)
        ways.insert(sim::typed("không hài lòng", sim::Lot(1), std::to_string(i)));
    EXPECT_TRUE(ways.contains("không hài lòng"));
    EXPECT_TRUE(ways.contains("khong hai long"));
    EXPECT_TRUE(ways.contains("ko hl"));
    EXPECT_TRUE(ways.contains("KHONG HAI LONG"));
}
