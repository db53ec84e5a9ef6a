// A telecom provider as a port: hands one message over and says what came back. The implementation is
// provider/profile_provider.hpp, which interprets a profile; tests have their own. On the I/O thread.
#pragma once

#include "notify/message.hpp"
#include "notify/outcome.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace notify {

class Provider {
public:
    virtual ~Provider() = default;
    virtual const std::string& name() const = 0;
    /// Never throws for what a telecom may do: silence and rubbish are outcomes too.
    virtual boost::asio::awaitable<Outcome> send(Outbound message) = 0;
};

}  // namespace notify
