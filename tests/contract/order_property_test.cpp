// Properties of whole steps on the store: figures come out the same whatever the order and repetition of what
// brought them, and no sequence of steps moves a finished message back. Each case is a store of its own, so
// there are fewer of them; RC_PARAMS="seed=… max_success=…" asks for more.
#include "tests/support/property.hpp"
#include "tests/support/world.hpp"

#include <algorithm>
#include <map>

namespace {

using namespace std::chrono_literals;
using property::check_few;
using testing_support::at;
using testing_support::World;
using Figures = std::map<std::string, std::int64_t>;

constexpr int dossiers = 3;

Figures figures_of(World& world) {
    Figures figures;
    const survey::Period year{*config::Month::parse("2018-01"), *config::Month::parse("2018-12")};
    for (const auto by : {survey::By::commune, survey::By::procedure, survey::By::month})
        for (const auto& row : world.run(world.store().tallies(year, by)))
            for (const auto& [measure, count] : row.counts)
                if (count != 0) figures[row.key + " " + measure] = count;
    return figures;
}

/// The numbers 0 … count - 1, each at least once and some several times, in any order.
std::vector<int> any_order(int count) {
    std::vector<std::pair<int, int>> places;
    for (int i = 0; i < count; ++i) {
        const auto times = *rc::gen::inRange(1, 4);
        for (int k = 0; k < times; ++k)
            places.emplace_back(*rc::gen::inRange(0, 1000), i);
    }
    std::ranges::sort(places);
    std::vector<int> order;
    for (const auto& [place, i] : places)
        order.push_back(i);
    return order;
}

std::vector<int> as_they_happened(int count) {
    std::vector<int> order;
    for (int i = 0; i < count; ++i)
        order.push_back(i);
    return order;
}

// `all_dates`: each event says every date known by then, as full-state feeds do; else only its own time.
std::vector<notify::DossierEvent> history(World& world, bool all_dates = true) {
    std::vector<notify::DossierEvent> events;
    for (int d = 0; d < dossiers; ++d) {
        const auto received = at("2018-01-02T09:00:00+07:00") + std::chrono::hours(d);
        const auto finished = received + std::chrono::hours(24 * (d + 1));
        const auto returned = finished + 30h;
        for (const int status : {2, 4, 9, 10}) {
            auto event = world.event(status, "000.25.15.H09-180103-000" + std::to_string(d));
            event.phone = "091234567" + std::to_string(d);
            event.due_at = received + 48h;
            event.at = status == 2   ? received
                       : status == 4 ? received + 1h
                       : status == 9 ? finished
                                     : returned;
            if (all_dates) event.received_at = received;
            if (all_dates && status >= 9) event.finished_at = finished;
            if (all_dates && status == 10) event.returned_at = returned;
            events.push_back(std::move(event));
        }
    }
    return events;
}

Figures after_events(const std::vector<int>& order, bool all_dates) {
    World world;
    world.now = at("2018-01-07T09:00:00+07:00");
    const auto events = history(world, all_dates);
    for (const auto i : order)
        world.accept(events[static_cast<std::size_t>(i)]);
    world.now += 25h;
    world.timers();
    RC_ASSERT(world.recount_agrees());
    return figures_of(world);
}

TEST(OrderProperty, events_that_say_their_dates_count_the_same_in_any_order_and_repetition) {
    static const auto expected = after_events(as_they_happened(dossiers * 4), true);
    ASSERT_FALSE(expected.empty());
    check_few("events in any order", [] {
        RC_ASSERT(after_events(any_order(dossiers * 4), true) == expected);
    });
}

TEST(OrderProperty, events_that_say_only_their_own_time_count_the_same_in_any_order_and_repetition) {
    static const auto expected = after_events(as_they_happened(dossiers * 4), false);
    ASSERT_EQ(expected, after_events(as_they_happened(dossiers * 4), true));
    check_few("bare events in any order", [] {
        RC_ASSERT(after_events(any_order(dossiers * 4), false) == expected);
    });
}

/// Everybody was asked; the questions are with the provider as p0, p1, p2.
struct Asked : World {
    Asked() {
        now = at("2018-01-07T09:00:00+07:00");
        for (auto& each : history(*this))
            accept(std::move(each));
        now += 25h;
        timers();
        for (const auto& message : claim()) {
            const auto digit = message.phone.national().back();
            const bool question = message.situation == "survey_score";
            answer(message, config::OutcomeClass::accepted, std::string(question ? "p" : "q") + digit);
        }
    }
    void hear(int citizen, const std::string& key, const std::string& text) {
        run(store().take_inbound(
            {.provider = "esms", .key = key, .from = "8491234567" + std::to_string(citizen), .text = text},
            now, std::nullopt
        ));
    }
};

// Steps 0-2 are reports of delivery, 3-5 late claims that it failed, 6-8 the citizens' replies.
Figures after_replies(const std::vector<int>& order) {
    static constexpr std::array replies{"5", "TANUYEN 1 cho lau qua", "binh thuong"};
    Asked world;
    for (const auto step : order) {
        const int citizen = step % dossiers;
        const auto provider_id = "p" + std::to_string(citizen);
        if (step < dossiers)
            world.report(provider_id, config::ReportState::delivered);
        else if (step < 2 * dossiers)
            world.report(provider_id, config::ReportState::undelivered);
        else
            world.hear(citizen, "mo" + std::to_string(citizen), replies[static_cast<std::size_t>(citizen)]);
    }
    RC_ASSERT(world.recount_agrees());
    return figures_of(world);
}

TEST(OrderProperty, reports_and_replies_count_the_same_in_any_order_and_repetition) {
    static const auto expected = after_replies(as_they_happened(3 * dossiers));
    ASSERT_EQ(expected.at("2018-01 answered"), dossiers);
    ASSERT_EQ(expected.at("2018-01 delivered"), dossiers);
    check_few("reports and replies in any order", [] {
        RC_ASSERT(after_replies(any_order(3 * dossiers)) == expected);
    });
}

bool final(const std::string& state) {
    return state == "delivered" || state == "undelivered" || state == "rejected" || state == "expired" ||
           state == "cancelled";
}

/// What the world looks like to somebody who asks after every step.
class Watch {
public:
    void look(World& world) {
        for (const auto& message : world.messages()) {
            auto& before = states_[static_cast<std::int64_t>(message.id)];
            // The fact of one that was overtaken may hold again.
            if (before == "cancelled" && message.state != "cancelled") RC_ASSERT(message.state == "queued");
            RC_ASSERT(!final(before) || before == "cancelled" || final(message.state));
            RC_ASSERT(before != "delivered" || message.state == "delivered");
            RC_ASSERT(message.state != "retry" || message.due_at.has_value());
            before = message.state;
        }
    }

private:
    std::map<std::int64_t, std::string> states_;
};

void one_step(World& world, std::vector<notify::Outbound>& in_hand) {
    const auto id = "p" + std::to_string(*rc::gen::inRange(0, 4));
    switch (*rc::gen::inRange(0, 7)) {
        case 0:
            for (auto& message : world.claim(*rc::gen::inRange(1, 4)))
                in_hand.push_back(std::move(message));
            break;
        case 1:  // an answer may come after its message was taken up again
            if (!in_hand.empty()) {
                const auto& message = in_hand[*rc::gen::inRange<std::size_t>(0, in_hand.size())];
                world.answer(message, static_cast<config::OutcomeClass>(*rc::gen::inRange(0, 11)), id);
            }
            break;
        case 2:
        case 3:
            world.report(id, static_cast<config::ReportState>(*rc::gen::inRange(0, 4)));
            break;
        case 4:
            world.now += std::chrono::minutes(*rc::gen::inRange(0, 3000));
            world.timers();
            break;
        case 5:
            world.accept(world.event(*rc::gen::inRange(1, 11)));
            break;
        case 6:
            world.reopen();
            world.run(world.store().recover({{"esms", {.idempotency = 24h}}}, world.now));
            break;
    }
}

TEST(OrderProperty, no_sequence_of_steps_moves_a_final_state_back_or_loses_a_count) {
    check_few("a message's life", [] {
        World world;
        Watch watch;
        std::vector<notify::Outbound> in_hand;
        const auto steps = *rc::gen::inRange(5, 40);
        for (int i = 0; i < steps; ++i) {
            one_step(world, in_hand);
            watch.look(world);
        }
        RC_ASSERT(world.recount_agrees());
    });
}

}  // namespace
