// The HTTP server: accepts connections on one address, reads requests within limits of size and time, hands
// them to one handler and writes its answers. Slow, half-open and oversized clients are let go of; when too
// many are connected, new ones wait in the kernel's queue. Beast lives only in the .cpp. On the I/O thread.
#pragma once

#include "config/settings.hpp"
#include "gateway/http/router.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace gateway::http {

class Server {
public:
    /// Binds at once; throws boost::system::system_error when the address cannot be had.
    Server(boost::asio::any_io_executor executor, const config::Server& settings, Handler handler);
    ~Server();

    std::uint16_t port() const;
    boost::asio::awaitable<void> run();
    /// Stops accepting and lets go of idle connections; requests under way are answered.
    void stop();
    int connections() const;

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace gateway::http
