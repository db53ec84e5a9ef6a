#include "tests/bench/load/wire.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

namespace bench::load {
namespace {

constexpr std::size_t chunk = 64 * 1024;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void no_delay(int descriptor) {
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// What does not fit into the socket's buffer waits here: only whole batches of events are that large.
bool write_all(int descriptor, std::string_view data) {
    while (!data.empty()) {
        const auto n = ::send(descriptor, data.data(), data.size(), MSG_NOSIGNAL);
        if (n > 0) {
            data.remove_prefix(static_cast<std::size_t>(n));
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
        pollfd writable{descriptor, POLLOUT, 0};
        if (::poll(&writable, 1, 10'000) <= 0) return false;
    }
    return true;
}

/// What one side has sent and nobody has taken yet.
struct Inbox {
    std::string data;
    bool closed = false;

    void fill(int descriptor) {
        static std::array<char, chunk> read;
        const auto n = ::recv(descriptor, read.data(), read.size(), MSG_DONTWAIT);
        if (n > 0) data.append(read.data(), static_cast<std::size_t>(n));
        closed = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    }
};

std::string place(std::string_view what, std::uint16_t port) {
    return fmt::format("{} 127.0.0.1:{}", what, port);
}

std::size_t content_length(std::string_view head) {
    for (const std::string_view name : {"\r\nContent-Length:", "\r\ncontent-length:"}) {
        auto at = head.find(name);
        if (at == std::string_view::npos) continue;
        at = head.find_first_not_of(' ', at + name.size());
        std::size_t length = 0;
        if (at != std::string_view::npos)
            std::from_chars(head.data() + at, head.data() + head.size(), length);
        return length;
    }
    return 0;
}

/// The first message in `data`, if it is whole, and its size.
std::optional<Message> first_message(std::string_view data, std::size_t& size) {
    const auto end = data.find("\r\n\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const auto head = data.substr(0, end);
    const auto length = content_length(head);
    if (data.size() < end + 4 + length) return std::nullopt;
    size = end + 4 + length;
    return Message{head.substr(0, head.find("\r\n")), data.substr(end + 4, length)};
}

int status_of(std::string_view start_line) {
    int status = 0;
    if (start_line.size() > 9)
        std::from_chars(start_line.data() + 9, start_line.data() + start_line.size(), status);
    return status;
}

}  // namespace

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("epoll_create1");
}

Loop::~Loop() {
    ::close(epoll_);
}

void Loop::watch(int descriptor, Watched* watched) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = watched;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

void Loop::run_until(Instant deadline) const {
    using std::chrono::nanoseconds;
    const auto left = std::max<nanoseconds>(deadline - std::chrono::steady_clock::now(), nanoseconds::zero());
    const timespec wait{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    std::array<epoll_event, 256> events{};
    const int n = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < n; ++i)
        static_cast<Watched*>(events[static_cast<std::size_t>(i)].data.ptr)->ready();
}

struct Pool::Connection : Watched {
    explicit Connection(Pool& owner) : pool(owner) {}
    ~Connection() override {
        if (descriptor >= 0) ::close(descriptor);
    }
    void ready() override { pool.read(*this); }

    Pool& pool;
    int descriptor = -1;
    std::uint32_t tag = 0;
    bool busy = false;
    Inbox inbox;
};

Pool::Pool(const Loop& loop, std::uint16_t port, int connections, Answered answered)
    : loop_(loop), port_(port), answered_(std::move(answered)) {
    for (int i = 0; i < connections; ++i)
        idle_.push_back(connections_.emplace_back(std::make_unique<Connection>(*this)).get());
}

Pool::~Pool() = default;

void Pool::connect(Connection& connection) {
    const auto address = loopback(port_);
    connection.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection.descriptor < 0) fail("socket");
    if (::connect(connection.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        fail(place("connect", port_));
    no_delay(connection.descriptor);
    loop_.watch(connection.descriptor, &connection);
}

void Pool::open_all() {
    for (auto& connection : connections_) {
        if (connection->descriptor < 0) connect(*connection);
        loop_.run_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    }
}

void Pool::send(std::string_view request, std::uint32_t tag) {
    auto& connection = *idle_.back();
    idle_.pop_back();
    connection.tag = tag;
    connection.busy = true;
    if (connection.descriptor < 0) connect(connection);
    if (!write_all(connection.descriptor, request)) finish(connection, 0);
}

void Pool::read(Connection& connection) {
    if (connection.descriptor < 0) return;  // closed since epoll spoke of it
    auto& inbox = connection.inbox;
    inbox.fill(connection.descriptor);
    std::size_t size = 0;
    const auto answer = first_message(inbox.data, size);
    if (answer) {
        const int status = status_of(answer->start_line);
        inbox.data.erase(0, size);
        if (connection.busy) finish(connection, status);
        return;
    }
    if (!inbox.closed) return;
    if (connection.busy) return finish(connection, 0);
    ::close(connection.descriptor);  // the other side let an idle connection go
    connection.descriptor = -1;
    inbox = {};
}

void Pool::finish(Connection& connection, int status) {
    if (status == 0) {
        ::close(connection.descriptor);
        connection.descriptor = -1;
        connection.inbox = {};
    }
    connection.busy = false;
    idle_.push_back(&connection);
    answered_(connection.tag, status);
}

struct Server::Connection : Watched {
    Connection(Server& owner, int accepted) : server(owner), descriptor(accepted) {}
    ~Connection() override {
        if (descriptor >= 0) ::close(descriptor);
    }
    void ready() override { server.read(*this); }

    Server& server;
    int descriptor;
    Inbox inbox;
    std::string out;
};

Server::Server(const Loop& loop, std::uint16_t port, Duration delay, Handler handler)
    : loop_(loop), delay_(delay), handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener_ < 0) fail("socket");
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto address = loopback(port);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0) fail(place("bind", port));
    if (::listen(listener_, 4096) != 0) fail(place("listen", port));
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    loop_.watch(listener_, this);
}

Server::~Server() {
    ::close(listener_);
}

void Server::ready() {
    while (true) {
        const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0) return;
        no_delay(accepted);
        auto& connection = *connections_.emplace_back(std::make_unique<Connection>(*this, accepted));
        loop_.watch(accepted, &connection);
    }
}

void Server::read(Connection& connection) {
    if (connection.descriptor < 0) return;  // closed since epoll spoke of it
    auto& inbox = connection.inbox;
    inbox.fill(connection.descriptor);
    std::size_t size = 0, taken = 0;
    while (const auto request = first_message(std::string_view(inbox.data).substr(taken), size)) {
        taken += size;
        connection.out.clear();
        if (handler_(*request, connection.out) && delay_ > Duration::zero())
            later_.push_back({std::chrono::steady_clock::now() + delay_, &connection, connection.out});
        else
            write_all(connection.descriptor, connection.out);
    }
    inbox.data.erase(0, taken);
    if (!inbox.closed) return;
    ::close(connection.descriptor);
    connection.descriptor = -1;
}

Instant Server::flush(Instant now) {
    while (!later_.empty() && later_.front().due <= now) {
        const auto& later = later_.front();
        if (later.connection->descriptor >= 0) write_all(later.connection->descriptor, later.answer);
        later_.pop_front();
    }
    return later_.empty() ? Instant::max() : later_.front().due;
}

}  // namespace bench::load
