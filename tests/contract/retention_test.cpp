// What is old enough goes, what waits or is under way stays, figures and silence stay as they were.
#include "tests/support/world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using config::OutcomeClass;
using config::ReportState;
using gateway::storage::Connection;
using gateway::storage::RetentionPlace;
using gateway::storage::RetentionStage;
using std::chrono::days;
using testing_support::at;
using testing_support::World;

const std::string always_open = testing_support::esms_configuration +
                                "[survey]\ndelay = \"0s\"\nhours = \"00:00-24:00\"\nrecontact_days = 0\n"
                                "[notify]\ncoalesce = \"0s\"\nhours = \"00:00-24:00\"\n";

class Years : public World {
public:
    Years() : World(always_open) {}

    /// A whole round; how many records it removed.
    std::int64_t forget(days messages = days(730), days people = days(730)) {
        const gateway::storage::Retained retained{now - messages, now - people, now - days(730)};
        RetentionPlace place;
        for (int steps = 0; place.stage != RetentionStage::done; ++steps) {
            place = run(store().forget_some(retained, std::move(place)));
            if (steps > 100'000) throw std::runtime_error("the round does not end");
        }
        return place.removed;
    }
    std::int64_t number(const std::string& sql) {
        Connection db(file(), Connection::Mode::read_only);
        auto rows = db.query(sql.c_str());
        return rows.next() ? rows.integer(0) : -1;
    }
    notify::DossierEvent online(int status, const std::string& code) {
        auto told = event(status, code);
        told.submitted_by = notify::Channel::online;
        told.note = "a note about a person";
        return told;
    }
    /// All that waits is sent and delivered.
    void send_all() {
        for (const auto& message : claim(1000)) {
            const auto id = "sms-" + std::to_string(static_cast<std::int64_t>(message.id));
            answer(message, OutcomeClass::accepted, id);
            report(id, ReportState::delivered);
        }
    }
    /// Received, finished and returned, asked, answered.
    void whole_life(const std::string& code, const std::string& score = "TANUYEN 2") {
        for (const int status : {2, 9, 10}) {
            now += 1min;
            accept(online(status, code));
            send_all();
        }
        timers();
        send_all();
        reply(score);
        reply("cho doi lau qua");
        send_all();
    }
};

const std::string a_code = "000.25.15.H09-180103-0001", b_code = "000.25.15.H09-180103-0002";

TEST(Retention, a_dossier_that_ended_long_ago_keeps_its_figures_and_loses_its_person) {
    Years world;
    world.whole_life(a_code);
    const auto before = world.messages().size();
    ASSERT_GE(before, 4U);
    EXPECT_EQ(world.forget(), 0) << "young records were removed";
    ASSERT_EQ(world.number("SELECT count(*) FROM answers"), 1);
    world.now += days(731);
    EXPECT_GT(world.forget(), 8);
    EXPECT_EQ(world.number("SELECT count(*) FROM events"), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM inbound"), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM attempts"), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM messages WHERE text <> '' OR phone <> 0"), 0);
    EXPECT_EQ(
        world.number(
            "SELECT count(*) FROM dossiers WHERE applicant_name <> '' OR phone IS NOT NULL OR note <> ''"
        ),
        0
    );
    EXPECT_EQ(world.number("SELECT count(*) FROM sessions WHERE phone <> 0"), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM answers WHERE score = 2 AND reasons <> ''"), 1);
    EXPECT_EQ(world.tally("answered"), 1);
    EXPECT_EQ(world.tally("without_phone"), 0);
    EXPECT_TRUE(world.recount_agrees());
    EXPECT_EQ(world.forget(), 0) << "a second round finds something";
}

TEST(Retention, who_never_had_a_number_still_counts_as_without_one) {
    Years world;
    auto event = world.online(2, a_code);
    event.phone = "0274 3822 822";
    world.accept(event);
    world.now += 1min;
    world.accept(world.event(9, a_code));
    auto none = world.online(9, b_code);
    none.phone.reset();
    none.received_at = world.now;
    world.accept(none);
    const auto counted = world.tally("without_phone");
    ASSERT_EQ(counted, 1);
    world.now += days(731);
    EXPECT_GT(world.forget(), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM dossiers WHERE phone_problem GLOB 'forgotten*'"), 2);
    EXPECT_EQ(world.tally("without_phone"), counted);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Retention, what_waits_or_is_under_way_is_not_touched_however_old) {
    Years world;
    world.accept(world.online(2, a_code));  // its SMS waits: nobody claims
    world.accept(world.online(4, b_code));
    world.now += days(3000);
    EXPECT_EQ(world.forget(), 0);
    EXPECT_EQ(world.number("SELECT count(*) FROM messages WHERE state = 0 AND text <> ''"), 1);
    EXPECT_EQ(world.number("SELECT count(*) FROM events"), 2);
    EXPECT_EQ(
        world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL AND applicant_name <> ''"), 2
    );
}

TEST(Retention, a_dossier_that_waits_for_its_citizen_is_abandoned_after_two_years_without_a_word) {
    constexpr int registered = 1, supplement = 5, payment_due = 6;
    for (const int status : {registered, supplement, payment_due}) {
        SCOPED_TRACE(status);
        Years world;
        const auto first = world.online(status, a_code);
        world.accept(first);
        world.now += days(729);
        world.forget(days(30), days(30));
        EXPECT_EQ(world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL"), 1)
            << "it may still go on";
        EXPECT_EQ(world.number("SELECT count(*) FROM events"), 1);
        const auto received = world.tally("received");
        world.now += days(2);
        world.forget();
        EXPECT_EQ(
            world.number(
                "SELECT count(*) FROM dossiers WHERE phone IS NULL AND applicant_name = '' AND note = ''"
            ),
            1
        );
        EXPECT_EQ(world.number("SELECT count(*) FROM events"), 0);
        EXPECT_EQ(world.tally("received"), received);
        EXPECT_TRUE(world.recount_agrees());
        world.accept(first);
        EXPECT_EQ(world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL"), 0)
            << "an old event brought the person back";
        world.now += 1min;
        world.accept(world.online(4, a_code));  // taken up again after all
        EXPECT_EQ(world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL"), 1);
        EXPECT_TRUE(world.recount_agrees());
    }
}

TEST(Retention, an_open_session_keeps_its_number) {
    Years world;
    for (const int status : {2, 9, 10}) {
        world.now += 1min;
        world.accept(world.online(status, a_code));
        world.send_all();
    }
    world.timers();
    world.send_all();
    ASSERT_EQ(world.number("SELECT count(*) FROM sessions WHERE state = 0"), 1);
    world.now += days(731);  // no timer ran: the daemon was off
    world.forget();
    EXPECT_EQ(world.number("SELECT count(*) FROM sessions WHERE phone <> 0"), 1);
    EXPECT_EQ(world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL"), 1);
    world.timers();  // the survey ends now
    world.forget();
    EXPECT_EQ(world.number("SELECT count(*) FROM sessions WHERE phone <> 0"), 0);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Retention, repeated_and_late_events_bring_back_neither_an_sms_nor_a_person) {
    Years world;
    std::vector<notify::DossierEvent> told;
    for (const int status : {2, 9, 10}) {
        world.now += 1min;
        told.push_back(world.online(status, a_code));
        world.accept(told.back());
        world.send_all();
    }
    world.timers();
    world.send_all();
    world.now += days(731);
    world.timers();
    world.forget();
    ASSERT_EQ(world.number("SELECT count(*) FROM events"), 0);
    const auto sessions = world.number("SELECT count(*) FROM sessions");
    for (const auto& event : told)
        EXPECT_EQ(world.accept(event).each.front().kind, notify::EventResult::Kind::accepted);
    auto news = world.online(10, a_code);  // the same status said once more, today
    world.accept(news);
    world.timers();
    EXPECT_TRUE(world.claim().empty()) << "an SMS was sent again";
    EXPECT_EQ(world.number("SELECT count(*) FROM sessions"), sessions);
    EXPECT_EQ(
        world.number(
            "SELECT count(*) FROM dossiers WHERE applicant_name <> '' OR phone IS NOT NULL OR note <> ''"
        ),
        0
    );
    EXPECT_TRUE(world.recount_agrees());
    // Taken up again it is a dossier like any other, and is forgotten again after its time.
    world.now += 1h;
    world.accept(world.online(4, a_code));
    EXPECT_EQ(
        world.number("SELECT count(*) FROM dossiers WHERE phone IS NOT NULL AND phone_problem = ''"), 1
    );
    world.now += 1h;
    world.accept(world.online(9, a_code));
    EXPECT_EQ(world.claim().size(), 1U);
    EXPECT_TRUE(world.recount_agrees());
}

TEST(Retention, an_id_is_never_given_to_a_second_sms) {
    Years world;
    world.accept(world.online(2, a_code));
    world.send_all();
    world.accept([&] {
        world.now += 1min;
        return world.online(9, a_code);
    }());
    world.send_all();
    const auto last = world.number("SELECT max(id) FROM messages");
    world.now += days(731);
    world.forget();
    EXPECT_EQ(world.number("SELECT count(*) FROM messages"), 1);
    world.accept(world.online(2, b_code));
    const auto claimed = world.claim();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_GT(static_cast<std::int64_t>(claimed.front().id), last);
}

TEST(Retention, never_keeps_everything) {
    Years world;
    world.whole_life(a_code);
    world.now += days(4000);
    RetentionPlace place;
    while (place.stage != RetentionStage::done)
        place = world.run(world.store().forget_some({}, std::move(place)));
    EXPECT_EQ(place.removed, 0);
}

TEST(Retention, work_and_rounds_in_turn_keep_the_file_from_growing) {
    Years world;
    std::vector<std::int64_t> pages;
    constexpr int dossiers_a_round = 150;
    for (int round = 0; round < 12; ++round) {
        for (int n = 0; n < dossiers_a_round; ++n) {
            const auto code = "000.25.15.H09-" + std::to_string(round) + "-" + std::to_string(n);
            world.accept(world.online(2, code));
            world.accept([&] {
                world.now += 1min;
                return world.online(9, code);
            }());
        }
        world.send_all();
        world.now += days(30);
        world.forget(days(60), days(60));
        pages.push_back(world.number("PRAGMA page_count"));
    }
    EXPECT_LE(world.number("SELECT count(*) FROM messages"), 2 * 2 * dossiers_a_round);
    EXPECT_EQ(world.number("SELECT count(*) FROM dossiers"), 12 * dossiers_a_round);
    // Only dossiers, without their people, are added: a row and its code in the index.
    const auto bytes_a_dossier = (pages.back() - pages[3]) * 4096 / (8 * dossiers_a_round);
    EXPECT_LT(bytes_a_dossier, 300);
    std::cout << "pages after each round:";
    for (const auto n : pages)
        std::cout << " " << n;
    std::cout << "; " << bytes_a_dossier << " bytes a dossier that stays" << std::endl;
    EXPECT_TRUE(world.recount_agrees());
}

}  // namespace
