// Nothing may get lost or be mixed up between the driver and the sink, however the bytes are cut.
#include "tests/bench/load/wire.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <system_error>

namespace {

using namespace std::chrono_literals;
using bench::load::Duration;
using bench::load::Loop;
using bench::load::Message;
using bench::load::Pool;
using bench::load::Server;
using std::chrono::steady_clock;

std::string request(std::string_view body) {
    return "POST /x HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

/// Turns until `done`, ten seconds at most.
template <typename Done>
bool turn_until(const Loop& loop, Server& server, Done done) {
    const auto give_up = steady_clock::now() + 10s;
    while (!done() && steady_clock::now() < give_up) {
        const auto next = server.flush(steady_clock::now());
        loop.run_until(std::min(next, steady_clock::now() + 10ms));
    }
    return done();
}

/// Answers a body with the status that it names.
bool answer_status(const Message& message, std::string& out) {
    out += "HTTP/1.1 " + std::string(message.body.substr(0, 3)) + " X\r\nContent-Length: 2\r\n\r\nok";
    return true;
}

TEST(Wire, every_request_gets_its_own_answer_at_once_and_after_a_delay) {
    for (const Duration delay : {Duration::zero(), Duration(5ms)}) {
        Loop loop;
        Server server(loop, 0, delay, answer_status);
        std::map<std::uint32_t, int> answers;
        Pool pool(loop, server.port(), 4, [&](std::uint32_t tag, int status) { answers[tag] = status; });
        pool.open_all();
        constexpr std::uint32_t all = 200;
        std::uint32_t sent = 0;
        ASSERT_TRUE(turn_until(loop, server, [&] {
            for (; sent < all && pool.has_room(); ++sent)
                pool.send(request(std::to_string(200 + sent) + std::string(sent * 50, 'x')), sent);
            return answers.size() == all;
        }));
        for (std::uint32_t tag = 0; tag < all; ++tag)
            EXPECT_EQ(answers[tag], static_cast<int>(200 + tag));
        EXPECT_EQ(pool.busy(), 0);
    }
}

TEST(Wire, requests_in_one_piece_or_in_bytes_are_the_same_requests) {
    const auto two = request("201 one") + request("202 two");
    for (const std::size_t piece : {two.size(), std::size_t{1}, std::size_t{7}}) {
        Loop loop;
        std::vector<std::string> bodies;
        Server server(loop, 0, Duration::zero(), [&](const Message& message, std::string& out) {
            bodies.emplace_back(message.body);
            return answer_status(message, out);
        });
        const int client = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        for (std::size_t from = 0; from < two.size(); from += piece) {
            const auto cut = two.substr(from, piece);
            ASSERT_EQ(::send(client, cut.data(), cut.size(), 0), static_cast<ssize_t>(cut.size()));
            loop.run_until(steady_clock::now() + 1ms);
        }
        EXPECT_TRUE(turn_until(loop, server, [&] { return bodies.size() == 2; })) << piece;
        EXPECT_EQ(bodies, (std::vector<std::string>{"201 one", "202 two"}));
        ::close(client);
    }
}

TEST(Wire, a_connection_that_breaks_is_told_and_the_next_request_goes_on_a_new_one) {
    Loop loop;
    auto server = std::make_unique<Server>(loop, 0, Duration(1h), answer_status);
    const auto port = server->port();
    std::vector<int> answers;
    Pool pool(loop, port, 1, [&](std::uint32_t, int status) { answers.push_back(status); });
    pool.send(request("200"), 0);
    loop.run_until(steady_clock::now() + 100ms);
    loop.run_until(steady_clock::now() + 100ms);
    server.reset();  // hangs up with the answer still owed
    server = std::make_unique<Server>(loop, port, Duration::zero(), answer_status);
    EXPECT_TRUE(turn_until(loop, *server, [&] { return answers.size() == 1; }));
    pool.send(request("207"), 1);
    EXPECT_TRUE(turn_until(loop, *server, [&] { return answers.size() == 2; }));
    EXPECT_EQ(answers, (std::vector{0, 207}));
}

TEST(Wire, a_port_that_is_taken_is_named) {
    Loop loop;
    const Server server(loop, 0, Duration::zero(), answer_status);
    try {
        const Server second(loop, server.port(), Duration::zero(), answer_status);
        ADD_FAILURE() << "two servers listen on one port";
    } catch (const std::system_error& error) {
        EXPECT_NE(
            std::string(error.what()).find("bind 127.0.0.1:" + std::to_string(server.port())),
            std::string::npos
        ) << error.what();
    }
}

}  // namespace
