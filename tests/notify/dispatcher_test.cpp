// The dispatcher between a real store and a provider that answers at once.
#include "notify/dispatcher.hpp"

#include "tests/support/worker_loop.hpp"
#include "tests/support/world.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace {

namespace asio = boost::asio;
using testing_support::World;

class Telecom final : public notify::Provider {
public:
    Telecom(std::vector<std::string>& sent, const config::OutcomeClass& answer)
        : sent_(sent), answer_(answer) {}
    const std::string& name() const override { return name_; }
    asio::awaitable<notify::Outcome> send(notify::Outbound message) override {
        sent_.push_back(message.situation);
        co_return notify::Outcome{answer_, "100", "sms-" + message.request_id};
    }

private:
    std::vector<std::string>& sent_;
    const config::OutcomeClass& answer_;
    std::string name_ = "esms";
};

class Dispatching : public World {
public:
    explicit Dispatching(int in_flight_limit, int providers = 1)
        : loop_(now),
          dispatcher_(
              loop_.context.get_executor(), lanes(in_flight_limit, providers),
              {&store(), &loop_.clock, &loop_.failures, [] { return 0.5; }}
          ) {
        asio::co_spawn(loop_.context, dispatcher_.run(), asio::detached);
        settle();
    }
    ~Dispatching() { dispatcher_.stop(); }

    void settle() {
        loop_.settle(now);
        EXPECT_EQ(loop_.failures.count, 0);
    }
    /// An SMS that is due, of which the dispatcher knows nothing.
    void queue() {
        auto refused = event(8, "000.25.15.H09-180103-00" + std::to_string(++dossiers_ + 10));
        refused.phone = "09123456" + std::to_string(dossiers_ + 10);
        accept(std::move(refused));
        now += std::chrono::minutes(10);
    }

    notify::Dispatcher& dispatcher() { return dispatcher_; }
    std::vector<std::string> sent;
    config::OutcomeClass telecom_says = config::OutcomeClass::accepted;

private:
    std::vector<notify::ProviderLane> lanes(int in_flight_limit, int providers) {
        std::vector<notify::ProviderLane> lanes;
        for (int i = 0; i < providers; ++i)
            lanes.push_back(
                {.provider = std::make_unique<Telecom>(sent, telecom_says),
                 .policy = {.idempotency = std::chrono::hours(24)},
                 .rate = 2,
                 .in_flight_limit = in_flight_limit}
            );
        return lanes;
    }

    testing_support::WorkerLoop loop_;
    notify::Dispatcher dispatcher_;
    int dossiers_ = 0;
};

TEST(Dispatcher, reserves_no_more_than_may_be_in_flight) {
    Dispatching world(1);
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    EXPECT_FALSE(world.dispatcher().reserve().has_value());
    EXPECT_EQ(world.dispatcher().in_flight(), 1);
    world.dispatcher().use_reserved(std::nullopt);
    EXPECT_EQ(world.dispatcher().in_flight(), 0);
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    world.dispatcher().use_reserved(std::nullopt);
}

TEST(Dispatcher, reserves_no_more_than_the_rate_allows_and_takes_back_what_was_not_used) {
    Dispatching world(10);  // two a second
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    EXPECT_FALSE(world.dispatcher().reserve().has_value());
    world.dispatcher().use_reserved(std::nullopt);
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    world.dispatcher().use_reserved(std::nullopt);
    world.dispatcher().use_reserved(std::nullopt);
}

TEST(Dispatcher, sends_what_was_claimed_for_a_reservation) {
    Dispatching world(1);
    const auto room = world.dispatcher().reserve();
    ASSERT_TRUE(room.has_value());
    EXPECT_EQ(room->provider, "esms");
    world.queue();
    const auto claimed = world.claim();
    ASSERT_EQ(claimed.size(), 1U);
    world.dispatcher().use_reserved(claimed.front());
    world.settle();
    EXPECT_EQ(world.sent, std::vector<std::string>{"refused"});
    EXPECT_EQ(world.state_of_last(), "accepted");
    EXPECT_EQ(world.dispatcher().in_flight(), 0);
}

TEST(Dispatcher, repeats_nothing_that_waited_out_the_time_in_which_its_request_id_is_known) {
    for (const auto pause : {std::chrono::hours(3), std::chrono::hours(30)}) {
        Dispatching world(1);
        world.telecom_says = config::OutcomeClass::ambiguous;
        world.queue();
        world.dispatcher().wake(world.now);
        world.settle();
        ASSERT_EQ(world.sent.size(), 1U);
        world.telecom_says = config::OutcomeClass::accepted;
        world.now += pause;
        world.settle();
        EXPECT_EQ(world.sent.size(), pause < std::chrono::hours(24) ? 2U : 1U);
        EXPECT_EQ(world.state_of_last(), pause < std::chrono::hours(24) ? "accepted" : "unknown");
    }
}

TEST(Dispatcher, has_no_policy_for_a_provider_that_gets_nothing) {
    World world;
    testing_support::WorkerLoop loop(world.now);
    std::vector<std::string> sent;
    const auto accepted = config::OutcomeClass::accepted;
    std::vector<notify::ProviderLane> lanes;
    for (const int share : {0, 1}) {
        lanes.push_back({.provider = std::make_unique<Telecom>(sent, accepted), .share = share});
        const notify::Dispatcher dispatcher(
            loop.context.get_executor(), std::exchange(lanes, {}),
            {&world.store(), &loop.clock, &loop.failures, [] { return 0.5; }}
        );
        EXPECT_EQ(dispatcher.policies().size(), static_cast<std::size_t>(share));
    }
}

TEST(Dispatcher, reserves_nothing_where_several_providers_take_shares) {
    Dispatching world(10, 2);
    EXPECT_FALSE(world.dispatcher().reserve().has_value());
}

TEST(Dispatcher, reserves_nothing_while_something_that_is_due_waits_for_room) {
    Dispatching world(1);
    ASSERT_TRUE(world.dispatcher().reserve().has_value());
    world.queue();
    world.dispatcher().wake(world.now);
    world.settle();
    EXPECT_TRUE(world.sent.empty());
    world.dispatcher().use_reserved(std::nullopt);
    EXPECT_FALSE(world.dispatcher().reserve().has_value()) << "it would overtake the one that waits";
    world.settle();
    EXPECT_EQ(world.sent, std::vector<std::string>{"refused"});
    EXPECT_TRUE(world.dispatcher().reserve().has_value());
    world.dispatcher().use_reserved(std::nullopt);
}

}  // namespace
