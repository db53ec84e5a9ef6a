// How fast one provider may be used: a token bucket of messages per second. Pure arithmetic over given times,
// so that tests need no clock. Used by the dispatcher, one bucket per provider, on the I/O thread.
#pragma once

#include "config/civil_time.hpp"

#include <algorithm>

namespace notify {

class TokenBucket {
public:
    /// Holds up to one second's worth of tokens, at least one.
    TokenBucket(double rate, config::Time now)
        : rate_(rate), most_(std::max(1.0, rate)), tokens_(most_), at_(now) {}

    int available(config::Time now) {
        refill(now);
        return static_cast<int>(tokens_);
    }
    void take(int count) { tokens_ -= count; }

    /// When the next token is there.
    config::Time next(config::Time now) {
        refill(now);
        if (tokens_ >= 1) return now;
        return now + config::Duration(static_cast<config::Duration::rep>((1 - tokens_) / rate_ * 1000) + 1);
    }

private:
    void refill(config::Time now) {
        if (now > at_)
            tokens_ = std::min(most_, tokens_ + std::chrono::duration<double>(now - at_).count() * rate_);
        at_ = now;  // also when the wall clock was set back
    }

    double rate_, most_, tokens_;
    config::Time at_;
};

}  // namespace notify
