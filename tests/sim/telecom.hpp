// The simulated telecom behind all protocols: it judges what is submitted, remembers every accepted SMS, and
// plans the delivery reports and the citizens' replies that follow. It has no clock of its own: whoever
// drives it says what time it is and takes what is due, so it runs by the steady clock or by a virtual one
// alike. Every fate is drawn from the seed and the message, never from order or time. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tests/sim/behaviour.hpp"
#include "tests/sim/lot.hpp"

namespace sim {

using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

enum class Verdict {
    accepted,
    duplicate,
    repeated_text,
    throttle,
    transient,
    credit,
    config,
    content,
    recipient
};

struct Submission {
    std::string provider;
    std::string request_id;  // empty where the protocol has none
    std::string phone;       // 84…
    std::string text;
    std::string report_url;
    bool deduplicated = false;     // the provider knows a request id again
    bool refuses_repeats = false;  // the provider refuses the same text to the same number within 5 minutes
};

struct Judgement {
    Verdict verdict = Verdict::accepted;
    std::string id;  // the provider's message id
    bool dropped = false;
    std::chrono::milliseconds delay{0};
};

struct Message {
    std::string provider;
    std::string request_id;
    std::string id;
    std::string phone;
    std::string text;
    std::string report_url;
    TimePoint at;
    int submitted = 1;           // times the same request arrived
    int duplicates_refused = 0;  // of which answered as duplicates
    int changed = 0;             // of which had another text or number: must never happen
    std::string state = "accepted";
};

enum class ReportKind { pending, delivered, undelivered, rejected };

struct Report {
    std::size_t message;
    ReportKind kind;
};

struct Reply {
    std::string provider;
    std::string id;    // unique, the same after a restart
    std::string from;  // 84…
    std::string text;
    std::string kind;   // score, words, nonsense, opt_out, lookup, reason, by_hand
    std::string label;  // what the citizen meant; the daemon never sees it
};

struct Due {
    TimePoint at;
    std::uint64_t order;
    std::variant<Report, Reply> what;

    bool operator>(const Due& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
};

struct PlannedReply {
    std::chrono::seconds after;
    Reply reply;
};

class Telecom {
public:
    Telecom(std::uint64_t seed, Behaviour behaviour) : lot_(seed), behaviour_(behaviour) {}

    Judgement submit(const Submission& submission);

    void set_now(TimePoint now) { now_ = now; }
    TimePoint now() const { return now_; }
    std::optional<TimePoint> next_due() const;
    std::vector<Due> take_due(TimePoint until);
    void plan(TimePoint at, std::variant<Report, Reply> what);

    // Takes a message back from a journal: the same reports and replies are planned again.
    void restore(Message message);

    const std::vector<Message>& messages() const { return messages_; }
    Message& message(std::size_t index) { return messages_[index]; }
    Behaviour& behaviour() { return behaviour_; }
    const std::unordered_map<std::string, std::uint64_t>& verdicts() const { return verdicts_; }

    std::function<void(const Message&)> on_accepted;  // before the answer goes out
    std::function<std::optional<PlannedReply>(const Message&, TimePoint)>
        citizen;  // asked when an SMS arrives
    std::function<void()> on_planned;

private:
    std::optional<Verdict> refusal(const Submission&, const std::string& attempt) const;
    std::size_t keep(Message message);
    void plan_reports(std::size_t index);
    bool repeats(const Submission&) const;

    Lot lot_;
    Behaviour behaviour_;
    TimePoint now_{};
    std::vector<Message> messages_;
    std::unordered_map<std::string, std::size_t> by_request_;
    std::unordered_map<std::string, int> attempts_;
    std::unordered_map<std::string, TimePoint> last_text_;
    std::unordered_map<std::string, std::uint64_t> verdicts_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    std::uint64_t order_ = 0;
};

std::string_view to_string(Verdict);
std::string_view to_string(ReportKind);

}  // namespace sim
