// The words that a peer speaks: Hồi Âm with its provider profile "generic", Kannel 1.4.5 with sendsms towards
// the application and an HTTP SMSC of system-type kannel towards the telecom. A slot is a message's number;
// its phone is made from it, so the sink finds the slot again in whatever comes.
#pragma once

#include "tests/bench/load/options.hpp"

#include <memory>
#include <optional>

namespace bench::load {

class Peer {
public:
    enum class Kind { sms, told, service, other };
    /// A request that the peer made of the sink.
    struct Received {
        Kind kind = Kind::other;
        std::uint32_t slot = 0;
    };

    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;

    /// One message to be sent.
    virtual std::string order(std::uint32_t slot) const = 0;
    /// The citizen's SMS.
    virtual std::string inbound(std::uint32_t slot) const = 0;
    /// What must be there before the citizen of these slots can answer; empty: nothing.
    virtual std::string survey(std::uint32_t from, std::uint32_t to) const = 0;
    /// Reads a request and appends the answer to it. An SMS's report address is kept.
    virtual Received take(std::string_view start_line, std::string_view body, std::string& answer) = 0;
    /// The telecom's report about a delivered message.
    virtual std::string report(std::uint32_t slot) const = 0;
    /// Whether the application is told of a report by a request of its own.
    virtual bool tells() const = 0;
};

std::unique_ptr<Peer> peer_for(const Options& options);

}  // namespace bench::load
