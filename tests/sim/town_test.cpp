#include "tests/sim/town.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <filesystem>
#include <set>

#include "tests/sim/times.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

sim::TimePoint time(std::string_view text) {
    return sim::parse_rfc3339(text).value();
}

std::string small_year() {
    std::string csv =
        "code,status,commune,procedure_code,procedure_name,field,applicant_name,phone,submitted_by,return_by,"
        "received_at,due_at,finished_at,returned_at,note\n";
    for (int i = 0; i < 60; ++i) {
        csv +=
            "000.25.18.H09-180103-00" + std::to_string(10 + i) +
            ",10,25915,1.001193,\"Khai sinh, lại\",Hộ tịch,Trần Văn An,0900000" + std::to_string(100 + i) +
            ",counter,counter,2018-01-03T08:00:00+07:00,2018-01-05T17:00:00+07:00,2018-01-08T09:00:00+07:00,"
            "2018-01-08T10:00:00+07:00,\n";
    }
    return csv;
}

// As little of a daemon as the town needs: it keeps events once, tells of results, and asks a day later.
struct FakeDaemon {
    sim::Desk* desk = nullptr;
    sim::TimePoint now = time("2018-01-01T00:00:00+07:00");
    std::multimap<sim::TimePoint, boost::json::object> due;
    std::set<std::string> events, replies, reports;
    int events_again = 0;
    int posts = 0;
    std::function<void()> on_post;

    sim::HttpAnswer serve(const sim::HttpRequest& request) {
        const auto path = request.path();
        if (path == "/hooks/esms/inbound") {
            if (on_post) on_post();
            replies.insert(request.query()["smsid"]);
            return {};
        }
        if (path == "/hooks/esms/report") {
            reports.insert(request.query()["RequestId"]);
            return {};
        }
        if (request.header("authorization") != "Bearer key")
            return sim::json_answer(401, boost::json::object{});
        if (path == "/v1/dossier-events") return take_events(request.body);
        if (request.method == "POST") set_clock(time(sim::text_of(*sim::json_object(request.body), "now")));
        boost::json::object answer{{"now", sim::rfc3339(now)}, {"next_due", nullptr}};
        if (!due.empty()) answer["next_due"] = sim::rfc3339(due.begin()->first);
        return sim::json_answer(200, answer);
    }

    sim::HttpAnswer take_events(const std::string& body) {
        if (on_post) on_post();
        ++posts;
        for (const auto& value : boost::json::parse(body).as_array()) {
            const auto& event = value.as_object();
            EXPECT_LE(time(sim::text_of(event, "at")), now) << "an event must not lie in the daemon's future";
            if (!events.insert(sim::text_of(event, "event_id")).second) {
                ++events_again;
                continue;
            }
            if (sim::text_of(event, "status") == "9") due.emplace(now, event);
            if (sim::text_of(event, "status") == "10") due.emplace(now + 24h, event);
        }
        return sim::json_answer(202, {{"accepted", 1}, {"duplicate", 0}, {"rejected", boost::json::array{}}});
    }

    void set_clock(sim::TimePoint at) {
        EXPECT_GE(at, now) << "the clock must not go back";
        now = at;
        while (!due.empty() && due.begin()->first <= now) {
            const auto event = due.extract(due.begin()).mapped();
            const bool survey = sim::text_of(event, "status") == "10";
            const auto code = sim::text_of(event, "dossier");
            const boost::json::object sms{
                {"ApiKey", "sim"},
                {"SecretKey", "sim"},
                {"Brandname", "TAN UYEN"},
                {"SmsType", "2"},
                {"Phone", sim::text_of(event.at("applicant").as_object(), "phone")},
                {"Content", survey ? "Ho so " + code + " the nao? 1=Te 5=Tot" : "Ho so " + code + " da xong"},
                {"RequestId", (survey ? "s" : "r") + code},
                {"IsUnicode", "0"},
                {"CallbackUrl", "https://example.gov.vn/hooks/esms/report"},
            };
            desk->serve(
                {"POST",
                 "/MainService.svc/json/SendMultipleMessage_V4_post_json/",
                 {},
                 boost::json::serialize(sms)}
            );
        }
    }
};

struct World {
    asio::io_context context{1};
    sim::Year year = sim::Year::read(small_year()).value();
    sim::Telecom telecom{3, {}};
    sim::Citizens citizens{3, {.answers = 0.9}, [this](const sim::Message& m) {
                               return year.truth_in(m.text);
                           }};
    sim::Desk desk{telecom, {.inbound_url = "http://x/hooks/esms/inbound"}};
    sim::Journal journal;
    sim::HttpServer server;
    sim::Town town;

    World(FakeDaemon& daemon, const std::filesystem::path& state)
        : journal(state),
          server(context, 0, [&](const sim::HttpRequest& request) { return daemon.serve(request); }),
          town(context, settings(), year, 3, telecom, desk, journal) {
        daemon.desk = &desk;
        telecom.citizen = [this](const sim::Message& m, sim::TimePoint at) {
            return citizens.receive(m, at);
        };
    }

    sim::TownSettings settings() const {
        return {
            .daemon = "http://127.0.0.1:" + std::to_string(server.port()),
            .key = "key",
            .start = time("2018-01-01T00:00:00+07:00"),
            .until = time("2018-01-20T00:00:00+07:00")
        };
    }

    void run() {
        asio::co_spawn(context, town.run(), [&](std::exception_ptr error) {
            context.stop();
            if (error) std::rethrow_exception(error);
        });
        context.run();
    }
};

struct Folder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("town-test-" + std::to_string(::getpid()));
    Folder() { std::filesystem::remove_all(path); }
    explicit Folder(std::filesystem::path at) : path(std::move(at)) {}
    ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST(Town, replays_a_year_and_carries_reports_and_replies_back) {
    Folder folder;
    FakeDaemon daemon;
    World world(daemon, folder.path);
    world.run();
    EXPECT_TRUE(world.town.finished());
    EXPECT_EQ(world.telecom.messages().size(), 120U);
    EXPECT_EQ(daemon.reports.size(), 120U);
    EXPECT_GT(daemon.replies.size(), 30U);
    EXPECT_EQ(daemon.events_again, 0);
}

TEST(Town, goes_on_after_it_was_killed_and_loses_nothing) {
    Folder folder;
    FakeDaemon unbroken_daemon;
    std::set<std::string> replies;
    {
        Folder other{folder.path / "unbroken"};
        World world(unbroken_daemon, other.path);
        world.run();
        replies = unbroken_daemon.replies;
    }
    FakeDaemon daemon;
    for (int life = 0; life < 100 && daemon.now < time("2018-01-20T00:00:00+07:00"); ++life) {
        World world(daemon, folder.path / "state");
        int posts = 0;
        daemon.on_post = [&] {
            if (++posts > 4 + life) world.context.stop();  // in the middle of a tick
        };
        world.run();
    }
    EXPECT_EQ(daemon.replies, replies);
    EXPECT_EQ(daemon.reports.size(), 120U);
    EXPECT_EQ(daemon.events, unbroken_daemon.events);
}

TEST(TownEvents, tell_of_the_result_at_the_very_times_of_the_year) {
    const auto year = sim::Year::read(small_year()).value();
    const sim::Lot lot(1);
    for (const auto& row : year.rows()) {
        const auto events = sim::events_of(row, lot);
        ASSERT_GE(events.size(), 3U);
        EXPECT_EQ(events.front().at, row.received_at);
        EXPECT_EQ(events[events.size() - 2].at, *row.finished_at);
        EXPECT_EQ(events.back().at, *row.returned_at);
    }
}

TEST(Year, names_the_line_that_is_not_a_dossier) {
    EXPECT_EQ(sim::Year::read(small_year() + "x,y\n").error(), "line 62: not a dossier of the sample year");
    EXPECT_TRUE(sim::Year::read("a\n").error().starts_with("line 1: the columns must be"));
}
