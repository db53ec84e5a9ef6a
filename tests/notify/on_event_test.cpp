#include "notify/on_event.hpp"

#include "tests/support/world.hpp"

namespace {

using notify::Channel;
using namespace std::chrono_literals;
using testing_support::at;

const auto now = at("2018-01-03T09:00:00+07:00");

/// The rules of a configuration, and events decided on them one after the other.
struct Desk {
    testing_support::TemporaryFolder folder;
    config::Settings settings = testing_support::settings_of(folder, testing_support::esms_configuration);
    notify::Rules rules = notify::rules_of(settings);
    std::optional<notify::Dossier> dossier;

    notify::DossierEvent event(int status) const {
        notify::DossierEvent event{
            .event_id = "e",
            .dossier = *notify::DossierCode::parse("000.25.15.H09-180103-0001"),
            .status = *notify::status_from(status),
            .at = now
        };
        event.commune = "25915";
        event.phone = "0912345678";
        event.received_at = now;
        event.submitted_by = Channel::online;
        return event;
    }
    std::string told(const notify::DossierEvent& event) {
        const auto decision = notify::on_event(event, dossier, rules, false, now);
        if (!decision) return "refused: " + decision.error().pointer + " " + decision.error().code;
        dossier = decision->next;
        return decision->draft ? decision->draft->situation + ": " + decision->draft->text
                               : "silent: " + decision->silent_cause;
    }
};

struct Case {
    const char* name;
    int status;
    Channel return_by;
    const char* situation;
};

class Situations : public testing::TestWithParam<Case> {};

TEST_P(Situations, tell_the_citizen_what_happened) {
    Desk desk;
    auto event = desk.event(GetParam().status);
    event.return_by = GetParam().return_by;
    const auto told = desk.told(event);
    EXPECT_TRUE(told.starts_with(std::string(GetParam().situation) + ":")) << told;
    if (std::string_view(GetParam().situation) != "silent")
        EXPECT_NE(told.find("000.25.15.H09-180103-0001"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    National, Situations,
    testing::Values(
        Case{"registered", 1, Channel::counter, "registered"},
        Case{"received", 2, Channel::counter, "received"},
        Case{"not_accepted", 3, Channel::counter, "not_accepted"},
        Case{"processing", 4, Channel::counter, "silent"},
        Case{"supplement", 5, Channel::counter, "supplement"},
        Case{"payment", 6, Channel::counter, "payment_due"}, Case{"withdrawn", 7, Channel::counter, "silent"},
        Case{"stopped", 8, Channel::counter, "refused"}, Case{"ready", 9, Channel::counter, "result_ready"},
        Case{"posted", 9, Channel::post, "result_posted"},
        Case{"online", 9, Channel::online, "result_online"},
        Case{"handed_over", 10, Channel::counter, "silent"},
        Case{"online_at_once", 10, Channel::online, "result_online"}
    ),
    [](const auto& each) { return each.param.name; }
);

TEST(OnEvent, who_handed_in_at_the_counter_gets_no_sms_of_reception) {
    Desk desk;
    auto event = desk.event(2);
    event.submitted_by = Channel::counter;
    EXPECT_EQ(desk.told(event), "silent: handed_in_at_counter");
}

TEST(OnEvent, the_text_names_what_is_missing_without_accents) {
    Desk desk;
    auto event = desk.event(5);
    event.missing_papers = "bản sao hộ khẩu, giấy chứng sinh";
    EXPECT_NE(desk.told(event).find("can bo sung: ban sao ho khau, giay chung sinh"), std::string::npos);
}

TEST(OnEvent, a_repeat_under_another_event_id_tells_nothing_new) {
    Desk desk;
    EXPECT_TRUE(desk.told(desk.event(9)).starts_with("result_ready"));
    EXPECT_EQ(desk.told(desk.event(9)), "silent: ");
}

TEST(OnEvent, an_event_that_comes_after_a_newer_one_only_fills_gaps) {
    Desk desk;
    auto finished = desk.event(9);
    finished.received_at.reset();
    finished.phone.reset();
    desk.told(finished);
    auto received = desk.event(2);
    received.at = now - 24h;
    received.received_at = now - 24h;
    EXPECT_EQ(desk.told(received), "silent: overtaken");
    EXPECT_EQ(desk.dossier->status, notify::Status::finished);
    EXPECT_EQ(desk.dossier->received_at, now - 24h);
    EXPECT_TRUE(desk.dossier->phone.has_value());
}

TEST(OnEvent, impossible_dates_are_refused_with_their_pointer) {
    Desk desk;
    auto future = desk.event(2);
    future.at = now + 48h;
    EXPECT_EQ(desk.told(future), "refused: /at in_the_future");
    auto early_due = desk.event(2);
    early_due.due_at = now - 48h;
    EXPECT_EQ(desk.told(early_due), "refused: /due_at before_received");
    auto early_finish = desk.event(9);
    early_finish.finished_at = now - 48h;
    EXPECT_EQ(desk.told(early_finish), "refused: /finished_at before_received");
}

TEST(OnEvent, a_due_date_without_a_time_lasts_until_the_end_of_the_day) {
    Desk desk;
    auto event = desk.event(9);
    event.due_at = at("2018-01-03");
    desk.told(event);
    EXPECT_EQ(notify::counts(*desk.dossier).back().measure, "on_time");
}

TEST(OnEvent, a_unit_may_be_given_by_its_name) {
    Desk desk;
    auto event = desk.event(2);
    event.commune = "UBND xã Hội Nghĩa";
    desk.told(event);
    EXPECT_EQ(desk.dossier->unit, "25915@2013-12-29");
}

TEST(Tally, the_difference_turns_what_was_counted_into_what_counts_now) {
    const auto month = *config::Month::parse("2018-01");
    const notify::Count late{month, "u", "p", "late"}, early{month, "u", "p", "early"},
        resolved{month, "u", "p", "resolved"};
    const auto changes = notify::difference({late, resolved}, {early, resolved});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].measure, "early");
    EXPECT_EQ(changes[0].by, 1);
    EXPECT_EQ(changes[1].measure, "late");
    EXPECT_EQ(changes[1].by, -1);
}

TEST(OnEvent, an_event_said_twice_leaves_a_moved_appointment_where_it_is) {
    Desk desk;
    auto event = desk.event(4);
    event.due_at = now + 24h;
    event.new_due_at = now + 72h;
    desk.told(event);
    EXPECT_EQ(desk.dossier->due_at, now + 72h);
    EXPECT_TRUE(desk.told(event).starts_with("silent:")) << "no promise has been moved, none was given";
    EXPECT_EQ(desk.dossier->due_at, now + 72h);
    EXPECT_FALSE(desk.dossier->promised_at.has_value());
}

TEST(OnEvent, a_result_is_as_early_as_it_was_though_its_event_comes_after_the_return) {
    Desk desk;
    auto returned = desk.event(10);
    returned.due_at = now - 24h;
    returned.received_at = now - 96h;
    desk.told(returned);
    EXPECT_EQ(desk.dossier->finished_at, now);
    auto finished = desk.event(9);
    finished.at = now - 48h;
    desk.told(finished);
    EXPECT_EQ(desk.dossier->finished_at, now - 48h);
    EXPECT_EQ(desk.dossier->status, notify::Status::returned);
}

}  // namespace
