#include "tests/bench/load/run.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <random>

namespace bench::load {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t pause_when_busy = 5'000'000;  // ns, before a refused request is repeated
// Kannel loses a report that overtakes its own bookkeeping, and no real telecom delivers as fast.
constexpr std::int64_t report_after = 100'000'000;
constexpr auto quiet = 300ms;  // after the last sign of life, the work behind it is done
constexpr std::uint32_t surveys_per_request = 100;
constexpr auto longest_turn = 50ms;

double own_cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double seconds(std::int64_t ns) {
    return static_cast<double>(ns) / 1e9;
}

double per_1000(double cpu, std::uint32_t n) {
    return n == 0 ? 0 : cpu * 1000 / n;
}

}  // namespace

Run::Run(const Options& options)
    : options_(options),
      peer_(peer_for(options)),
      ledger_(options.messages),
      asked_(options.direction == Direction::in ? options.messages : 0),
      sink_(
          loop_, options.direction == Direction::accept ? std::uint16_t{} : options.sink_port,
          std::chrono::milliseconds(options.delay_ms),
          [this](const Message& request, std::string& answer) { return take(request, answer); }
      ),
      orders_(
          loop_, options.direction == Direction::in ? options.hook_port : options.port, options.connections,
          [this](std::uint32_t index, int status) { answered(index, status); }
      ),
      reports_(loop_, options.hook_port, options.connections, [this](std::uint32_t index, int status) {
          report_answered(index, status);
      }) {}

bool Run::go() {
    start_ = std::chrono::steady_clock::now();
    give_up_ = start_ + std::chrono::seconds(options_.limit_s);
    if (options_.direction == Direction::in) prepare_surveys();
    const auto fed = feed();
    const bool later = options_.reports == Reports::in_order || options_.reports == Reports::random;
    const auto reported = later ? report_all() : Phase{};
    print(fed, reported);
    const bool accepting = options_.direction == Direction::accept;
    return (accepting ? ledger_.accepts : ledger_.arrivals) == options_.messages &&
           (options_.reports == Reports::none || ledger_.reports == options_.messages) &&
           surveys_refused_ == 0;
}

// hoiam's citizens can only answer what they were asked.
void Run::prepare_surveys() {
    Pool desk(loop_, options_.port, 4, [this](std::uint32_t, int status) {
        surveys_refused_ += status != 202;
    });
    if (peer_->survey(0, 1).empty()) return;
    for (std::uint32_t from = 0; from < options_.messages; from += surveys_per_request) {
        if (!turn_until([&] { return desk.has_room(); })) return;
        const auto to = std::min(from + surveys_per_request, options_.messages);
        desk.send(peer_->survey(options_.first + from, options_.first + to), 0);
    }
    turn_until([&] { return desk.busy() == 0 && questions_ >= options_.messages; });
    settle();
}

Run::Phase Run::feed() {
    orders_.open_all();
    if (options_.reports != Reports::none) reports_.open_all();
    const auto before = cost_of(options_.processes);
    start_ = std::chrono::steady_clock::now();
    last_ = 0;
    feeding_ = true;
    turn_until([this] { return fed(); });
    const auto end = last_;
    feeding_ = false;
    settle();
    return {seconds(end), cost_of(options_.processes).cpu_seconds - before.cpu_seconds};
}

Run::Phase Run::report_all() {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < options_.messages; ++i)
        if (ledger_.arrived[i] != 0) order.push_back(i);
    std::mt19937_64 random(options_.seed);
    if (options_.reports == Reports::random) std::ranges::shuffle(order, random);
    const auto before = cost_of(options_.processes);
    const auto began = now();
    for (const auto index : order)
        to_report_.emplace_back(began, index);
    turn_until([&] { return ledger_.reports >= order.size(); });
    const auto end = last_;
    settle();
    return {seconds(end - began), cost_of(options_.processes).cpu_seconds - before.cpu_seconds};
}

bool Run::fed() const {
    if (ledger_.accepts + ledger_.refused < options_.messages) return false;
    if (options_.direction == Direction::accept) return true;
    if (ledger_.arrivals + ledger_.refused < options_.messages) return false;
    return options_.reports != Reports::at_once || ledger_.reports >= ledger_.arrivals;
}

template <typename Done>
bool Run::turn_until(Done done) {
    while (!done()) {
        if (std::chrono::steady_clock::now() > give_up_) return false;
        turn();
    }
    return true;
}

// The work behind the last answer (a commit, an acknowledgement) belongs to the cost.
void Run::settle() {
    turn_until([this] { return now() - last_ > std::chrono::nanoseconds(quiet).count(); });
}

void Run::turn() {
    const auto instant = std::chrono::steady_clock::now();
    const auto time = (instant - start_).count();
    auto deadline = std::min(instant + longest_turn, sink_.flush(instant));
    if (feeding_) send_due(time);
    send_reports(time);
    if (!again_.empty()) deadline = std::min(deadline, start_ + Duration(again_.front().first));
    if (!to_report_.empty() && reports_.has_room())
        deadline = std::min(deadline, start_ + Duration(to_report_.front().first));
    if (feeding_ && next_ < options_.messages && orders_.has_room())
        deadline = std::min(deadline, start_ + Duration(due(next_)));
    loop_.run_until(deadline);
}

std::int64_t Run::due(std::uint32_t index) const {
    return options_.rate > 0 ? static_cast<std::int64_t>(index * 1e9 / options_.rate) : 0;
}

void Run::send_due(std::int64_t now) {
    while (orders_.has_room() && !again_.empty() && again_.front().first <= now) {
        const auto index = again_.front().second;
        again_.pop_front();
        send_one(index);
    }
    while (orders_.has_room() && next_ < options_.messages && due(next_) <= now) {
        ledger_.intended[next_] = options_.rate > 0 ? due(next_) : now;
        send_one(next_++);
    }
}

void Run::send_one(std::uint32_t index) {
    const auto slot = options_.first + index;
    orders_.send(options_.direction == Direction::in ? peer_->inbound(slot) : peer_->order(slot), index);
}

void Run::answered(std::uint32_t index, int status) {
    last_ = now();
    if (status >= 200 && status < 300) {
        if (Ledger::note(ledger_.accepted, index, last_)) ++ledger_.accepts;
    } else if (status == 503 || status == 0) {
        ++(status == 0 ? ledger_.broken : ledger_.busy);
        again_.emplace_back(last_ + pause_when_busy, index);
    } else {
        ++ledger_.refused;
    }
}

bool Run::take(const Message& request, std::string& answer) {
    const auto received = peer_->take(request.start_line, request.body, answer);
    const auto index = received.slot - options_.first;
    last_ = now();
    if (received.kind == Peer::Kind::sms) take_sms(index);
    if (received.kind == Peer::Kind::told) note_report(index);
    return received.kind == Peer::Kind::sms;
}

void Run::take_sms(std::uint32_t index) {
    if (!feeding_ && options_.direction == Direction::in) {
        if (Ledger::note(asked_, index, std::max<std::int64_t>(last_, 1))) ++questions_;
        return;
    }
    if (!Ledger::note(ledger_.arrived, index, last_)) {
        ++ledger_.repeated;
        return;
    }
    ++ledger_.arrivals;
    if (options_.reports == Reports::at_once) to_report_.emplace_back(last_ + report_after, index);
}

void Run::send_reports(std::int64_t now) {
    while (!to_report_.empty() && reports_.has_room() && to_report_.front().first <= now) {
        const auto index = to_report_.front().second;
        to_report_.pop_front();
        reports_.send(peer_->report(options_.first + index), index);
    }
}

void Run::report_answered(std::uint32_t index, int status) {
    last_ = now();
    if (status < 200 || status >= 300) {
        ++ledger_.busy;
        to_report_.emplace_back(last_ + pause_when_busy, index);
    } else if (!peer_->tells()) {
        note_report(index);
    }
}

void Run::note_report(std::uint32_t index) {
    if (Ledger::note(ledger_.reported, index, last_)) ++ledger_.reports;
}

void Run::print(const Phase& fed, const Phase& reported) const {
    const auto sent = options_.direction == Direction::accept ? ledger_.accepts : ledger_.arrivals;
    const auto cost = cost_of(options_.processes);
    fmt::print(
        R"({{"messages":{},"accepted":{},"arrived":{},"reported":{},"refused":{},"busy":{},"broken":{},"repeated":{},)",
        options_.messages, ledger_.accepts, ledger_.arrivals, ledger_.reports, ledger_.refused, ledger_.busy,
        ledger_.broken, ledger_.repeated
    );
    fmt::print(
        R"("seconds":{:.3f},"rate":{:.1f},"cpu_s_per_1000":{:.4f},)", fed.wall,
        sent / std::max(fed.wall, 1e-9), per_1000(fed.cpu, sent)
    );
    if (reported.wall > 0)
        fmt::print(
            R"("reports_per_s":{:.1f},"reports_cpu_s_per_1000":{:.4f},)", ledger_.reports / reported.wall,
            per_1000(reported.cpu, ledger_.reports)
        );
    fmt::print(
        R"("accept_ms":{},"arrive_ms":{},)", latencies(ledger_.intended, ledger_.accepted),
        latencies(ledger_.intended, ledger_.arrived)
    );
    fmt::print(
        R"("resident_mib":{:.1f},"driver_us_per_message":{:.1f},"seed":{}}})"
        "\n",
        cost.resident_mib, own_cpu() * 1e6 / std::max(sent, 1U), options_.seed
    );
}

}  // namespace bench::load
