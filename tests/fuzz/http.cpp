// The real HTTP server on loopback with the whole interface behind it: the input is what a client writes on
// one connection before it closes its side. Whatever it is, the server answers in HTTP/1.1 or hangs up, never
// with 500, and lets go of the connection.
#include "gateway/http/server.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/fake_ports.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using fuzz::check;

struct Served {
    fuzz::FakeWorld world;
    gateway::http::Server server;

    Served() : server(world.context.get_executor(), loopback(), world.handler()) {
        asio::co_spawn(world.context, server.run(), asio::detached);
    }
    static config::Server loopback() {
        config::Server settings;
        settings.port = 0;
        settings.body_limit = 64 * 1024;
        return settings;
    }
};

void run_until(asio::io_context& context, const auto& done) {
    constexpr int most_steps = 100'000;
    for (int i = 0; i < most_steps && !done(); ++i)
        context.run_one_for(std::chrono::seconds(3));
    check(done(), "the server lets go of a client that has closed its side");
}

std::string exchange(Served& served, std::string_view sent) {
    auto& context = served.world.context;
    tcp::socket client(context);
    client.connect({asio::ip::address_v4::loopback(), served.server.port()});
    std::string received;
    bool written = false, closed = false;
    asio::async_write(client, asio::buffer(sent), [&](boost::system::error_code, std::size_t) {
        boost::system::error_code ignored;
        client.shutdown(tcp::socket::shutdown_send, ignored);
        written = true;
    });
    asio::async_read(client, asio::dynamic_buffer(received), [&](boost::system::error_code, std::size_t) {
        closed = true;
    });
    run_until(context, [&] { return written && closed; });
    client.close();
    run_until(context, [&] { return served.server.connections() == 0; });
    return received;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Served served;
    if (size > 256 * 1024) return 0;
    const auto received = exchange(served, fuzz::text_of(data, size));
    if (received.empty()) return 0;
    check(received.starts_with("HTTP/1."), "an answer is HTTP");
    check(!received.starts_with("HTTP/1.1 500"), "no request makes an endpoint throw");
    return 0;
}
