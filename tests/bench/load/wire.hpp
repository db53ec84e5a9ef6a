// HTTP/1.1 as plainly as a benchmark can speak it: one epoll set on one thread, whole requests written at
// once, answers found by their Content-Length. The driver, the telecom and the daemon share two cores, so
// this side must cost little. A Pool is a client with so many keep-alive connections, one open request on
// each; a Server answers at once or after a constant time. Only for loopback and for peers that behave.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench::load {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

class Watched {
public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;
    virtual void ready() = 0;
};

class Loop {
public:
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();
    void watch(int descriptor, Watched* watched) const;
    /// Serves what is ready; returns at the deadline when nothing is.
    void run_until(Instant deadline) const;

private:
    int epoll_;
};

/// A request or an answer that has come whole; the views last until the handler returns.
struct Message {
    std::string_view start_line, body;
};

class Pool {
public:
    /// Told of every answer; status 0: the connection broke first.
    using Answered = std::function<void(std::uint32_t tag, int status)>;

    Pool(const Loop& loop, std::uint16_t port, int connections, Answered answered);
    ~Pool();
    bool has_room() const { return !idle_.empty(); }
    /// Opens all connections one after the other: Kannel's queue of new ones holds few.
    void open_all();
    int busy() const { return static_cast<int>(connections_.size() - idle_.size()); }
    void send(std::string_view request, std::uint32_t tag);

private:
    struct Connection;
    void connect(Connection& connection);
    void read(Connection& connection);
    void finish(Connection& connection, int status);

    const Loop& loop_;
    std::uint16_t port_;
    Answered answered_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Connection*> idle_;
};

class Server : public Watched {
public:
    /// Appends the whole answer to `out`; true: after the delay, false: at once.
    using Handler = std::function<bool(const Message& request, std::string& out)>;

    Server(const Loop& loop, std::uint16_t port, Duration delay, Handler handler);
    ~Server() override;
    std::uint16_t port() const { return port_; }
    void ready() override;
    /// Sends the answers whose time has come; when the next one's comes.
    Instant flush(Instant now);

private:
    struct Connection;
    struct Later {
        Instant due;
        Connection* connection;
        std::string answer;
    };
    void read(Connection& connection);

    const Loop& loop_;
    Duration delay_;
    Handler handler_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;  // kept when closed: a late answer may name one
    std::deque<Later> later_;
};

}  // namespace bench::load
