// One run: the driver that feeds the peer, the sink that plays the telecom (and Kannel's application), and
// the telecom's reports, all on one thread. On schedule, a latency counts from the instant at which the
// message should have gone out, also when the peer was too slow to take it then (no coordinated omission).
#pragma once

#include "tests/bench/load/ledger.hpp"
#include "tests/bench/load/peer.hpp"
#include "tests/bench/load/wire.hpp"

namespace bench::load {

class Run {
public:
    explicit Run(const Options& options);
    /// Prints the figures as one JSON object; false when something did not arrive in time.
    bool go();

private:
    struct Phase {  // what a phase cost, in seconds
        double wall = 0, cpu = 0;
    };

    void prepare_surveys();
    Phase feed();
    Phase report_all();
    void print(const Phase& fed, const Phase& reported) const;

    void turn();
    void settle();
    template <typename Done>
    bool turn_until(Done done);
    void send_due(std::int64_t now);
    void send_one(std::uint32_t index);
    void send_reports(std::int64_t now);
    void answered(std::uint32_t index, int status);
    void report_answered(std::uint32_t index, int status);
    bool take(const Message& request, std::string& answer);
    void take_sms(std::uint32_t index);
    void note_report(std::uint32_t index);
    std::int64_t now() const { return (std::chrono::steady_clock::now() - start_).count(); }
    std::int64_t due(std::uint32_t index) const;
    bool fed() const;

    Options options_;
    Loop loop_;
    std::unique_ptr<Peer> peer_;
    Ledger ledger_;
    std::vector<std::int64_t> asked_;  // when the citizen got the question
    Server sink_;
    Pool orders_, reports_;
    Instant start_, give_up_;
    std::uint32_t next_ = 0, questions_ = 0, surveys_refused_ = 0;
    std::deque<std::pair<std::int64_t, std::uint32_t>> again_, to_report_;  // not before, index
    std::int64_t last_ = 0;                                                 // when something last happened
    bool feeding_ = false;
};

}  // namespace bench::load
