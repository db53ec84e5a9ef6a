// The sink must find each message again in what a peer makes of it, else an SMS counts for another one's.
#include "tests/bench/load/peer.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using bench::load::Options;
using bench::load::Peer;
using bench::load::Reports;

constexpr std::uint32_t first = 999'990, messages = 30;

std::unique_ptr<Peer> peer(bool kannel) {
    Options options;
    options.kannel = kannel;
    options.first = first;
    options.messages = messages;
    options.reports = Reports::at_once;
    options.sink_port = 8002;
    return bench::load::peer_for(options);
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto from = text.find(before);
    if (from == std::string::npos) return "nothing";
    const auto start = from + before.size();
    return text.substr(start, text.find(after, start) - start);
}

TEST(Peer, hoiam_is_ordered_an_event_and_its_sms_and_report_are_of_the_same_message) {
    const auto hoiam = peer(false);
    std::set<std::string> ids;
    for (auto slot = first; slot < first + messages; ++slot) {
        const auto phone = between(hoiam->order(slot), R"("phone":"09)", "\"");
        std::string answer;
        const auto taken =
            hoiam->take("POST /send HTTP/1.1", R"({"to":"+849)" + phone + R"(","text":"x"})", answer);
        EXPECT_EQ(taken.kind, Peer::Kind::sms);
        EXPECT_EQ(taken.slot, slot);
        const auto id = between(answer, R"("message_id":")", "\"");
        EXPECT_EQ(between(hoiam->report(slot), R"("message_id":")", "\""), id);
        EXPECT_TRUE(ids.insert(id).second) << "two messages have one id";
    }
}

TEST(Peer, kannel_is_asked_to_send_and_its_report_goes_where_it_said) {
    const auto kannel = peer(true);
    for (auto slot = first; slot < first + messages; ++slot) {
        const auto target = between(kannel->order(slot), "GET ", " HTTP");
        std::string answer;
        const auto sms = kannel->take(
            "GET /cgi-bin/sendsms?text=x&to=%2B849" + between(target, "&to=%2B849", "&") +
                "&dlr-url=http%3A%2F%2Flocalhost%3A13000%2Fdlr%3Fid%3D" + std::to_string(slot) +
                "%26type%3D%25d HTTP/1.1",
            "", answer
        );
        EXPECT_EQ(sms.kind, Peer::Kind::sms);
        EXPECT_EQ(sms.slot, slot);
        EXPECT_TRUE(answer.ends_with("0: Accepted for delivery"));
        EXPECT_TRUE(
            kannel->report(slot).starts_with("GET /dlr?id=" + std::to_string(slot) + "&type=1 HTTP/1.1\r\n")
        ) << kannel->report(slot);
        const auto told = "/told?for=849" + between(target, "for%3D849", "%26") + "&state=1";
        const auto application = kannel->take("GET " + told + " HTTP/1.1", "", answer);
        EXPECT_EQ(application.kind, Peer::Kind::told);
        EXPECT_EQ(application.slot, slot);
    }
}

TEST(Peer, an_sms_to_nobody_is_refused_and_counts_for_nobody) {
    for (const bool kannel : {false, true}) {
        std::string answer;
        const auto taken = peer(kannel)->take("GET /send?to=%2B8491 HTTP/1.1", R"({"to":"+8491"})", answer);
        EXPECT_EQ(taken.kind, Peer::Kind::other);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 "));
    }
}

}  // namespace
