#include "tests/sim/town.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <stdexcept>

#include "tests/sim/times.hpp"

namespace sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr int tries = 60;
constexpr auto pause_between_tries = 250ms;

}  // namespace

Town::Town(
    asio::io_context& context, TownSettings settings, const Year& year, std::uint64_t seed, Telecom& telecom,
    Desk& desk, Journal& journal
)
    : context_(context),
      settings_(std::move(settings)),
      telecom_(telecom),
      desk_(desk),
      journal_(journal),
      client_(context),
      events_(events_of(year, seed)),
      now_(settings_.start) {
    telecom_.on_accepted = [this](const Message& message) { journal_.append(message); };
}

// Plans again what follows from the SMS of earlier runs, and leaves out what was done up to the mark.
void Town::take_up() {
    now_ = journal_.mark().value_or(settings_.start);
    for (const auto& message : journal_.messages())
        telecom_.restore(message);
    for (const auto& due : telecom_.take_due(now_))
        count_reply(due);
    telecom_.set_now(now_);
    while (next_event_ < events_.size() && events_[next_event_].at <= now_)
        ++next_event_;
}

TimePoint Town::next_tick() const {
    auto next = settings_.until;
    if (next_event_ < events_.size()) next = std::min(next, events_[next_event_].at);
    if (const auto due = telecom_.next_due()) next = std::min(next, *due);
    if (daemon_due_) next = std::min(next, *daemon_due_);
    const auto grid = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.grid);
    const auto past = next.time_since_epoch() % grid;
    if (past.count() != 0) next += grid - past;
    const auto since = now_.time_since_epoch();
    return std::max(next, TimePoint{since - since % grid + grid});
}

asio::awaitable<void> Town::run() {
    take_up();
    co_await meet_daemon();
    if (daemon_now_ < now_) co_await set_clock(now_);
    while (!stopping_ && now_ < settings_.until) {
        const auto at = std::min(next_tick(), settings_.until);
        co_await tick(at);
        now_ = at;
        journal_.set_mark(now_);
        report_progress();
    }
    client_.close();
}

asio::awaitable<void> Town::tick(TimePoint at) {
    telecom_.set_now(at);
    const auto first = next_event_;
    while (next_event_ < events_.size() && events_[next_event_].at <= at)
        ++next_event_;
    const auto due = telecom_.take_due(at);
    std::vector<Job> reports;
    std::vector<Job> replies;
    for (auto from = first; from < next_event_; from += settings_.batch) {
        const auto to = std::min(from + settings_.batch, next_event_);
        reports.push_back([this, from, to] { return send_events(from, to); });
    }
    for (const auto& item : due) {
        count_reply(item);
        const bool report = std::holds_alternative<Report>(item.what);
        (report ? reports : replies).push_back([this, &item] { return send_due(item); });
    }
    // The daemon's clock first, so that nothing it is told lies in its future.
    const bool told = !reports.empty() || !replies.empty();
    if (told && daemon_now_ < at) co_await set_clock(at);
    co_await together(std::move(reports));
    co_await together(std::move(replies));
    co_await set_clock(at);
    ++ticks_;
}

// A few at a time; alone where there is only one.
asio::awaitable<void> Town::together(std::vector<Job> jobs) {
    std::size_t next = 0;
    const auto workers = std::min(jobs.size(), settings_.connections);
    std::size_t running = workers;
    std::exception_ptr failure;
    asio::steady_timer all_done(context_, asio::steady_timer::time_point::max());
    for (std::size_t i = 1; i < workers; ++i) {
        asio::co_spawn(context_, work(jobs, next), [&](std::exception_ptr error) {
            if (error) failure = error;
            if (--running == 0) all_done.cancel();
        });
    }
    std::exception_ptr own_failure;
    try {
        co_await work(jobs, next);
    } catch (...) {
        own_failure = std::current_exception();
    }
    if (workers > 0 && --running > 0) co_await all_done.async_wait(token);
    if (own_failure) std::rethrow_exception(own_failure);
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Town::work(const std::vector<Job>& jobs, std::size_t& next) {
    while (next < jobs.size()) {
        const auto& job = jobs[next++];
        co_await job();
    }
}

HttpCall Town::daemon_call(std::string method, std::string_view path, std::string body) const {
    HttpCall call{std::move(method), settings_.daemon + std::string(path), {}, std::move(body)};
    call.headers.emplace_back("Authorization", "Bearer " + settings_.key);
    if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
    return call;
}

// Waits out a daemon that starts, restarts or is too busy.
asio::awaitable<HttpResult> Town::ask(HttpCall call) {
    HttpResult result;
    for (int attempt = 0; attempt < tries && !(stopping_ && attempt > 2); ++attempt) {
        result = co_await client_.send(call, 120s);
        if (result.status != 0 && result.status < 500) break;
        asio::steady_timer pause(context_, pause_between_tries);
        co_await pause.async_wait(token);
    }
    if (result.status == 0) throw std::runtime_error("the daemon does not answer: " + result.error);
    co_return result;
}

asio::awaitable<void> Town::set_clock(TimePoint at) {
    // After a restart the daemon may be ahead of the mark; its clock never goes back.
    const boost::json::object body{{"now", rfc3339(std::max(at, daemon_now_))}};
    const auto result = co_await ask(daemon_call("POST", "/v1/clock", boost::json::serialize(body)));
    const auto answer = json_object(result.body);
    const auto now = answer ? parse_rfc3339(text_of(*answer, "now")) : std::nullopt;
    if (!result.ok() || !now) {
        throw std::runtime_error(fmt::format("POST /v1/clock answered {}: {}", result.status, result.body));
    }
    daemon_now_ = *now;
    daemon_due_ = parse_rfc3339(text_of(*answer, "next_due"));
}

asio::awaitable<void> Town::meet_daemon() {
    const auto result = co_await ask(daemon_call("GET", "/v1/clock", {}));
    const auto answer = json_object(result.body);
    const auto now = answer ? parse_rfc3339(text_of(*answer, "now")) : std::nullopt;
    if (!result.ok() || !now) {
        throw std::runtime_error(fmt::format(
            "GET /v1/clock answered {}: {}; the daemon must run with --virtual-clock", result.status,
            result.body
        ));
    }
    daemon_now_ = *now;
    daemon_due_ = parse_rfc3339(text_of(*answer, "next_due"));
}

asio::awaitable<void> Town::send_events(std::size_t from, std::size_t to) {
    std::string body = "[";
    for (auto i = from; i < to; ++i)
        body += (i == from ? "" : ",") + events_[i].json;
    body += "]";
    const auto result = co_await ask(daemon_call("POST", "/v1/dossier-events", std::move(body)));
    if (!result.ok()) {
        throw std::runtime_error(
            fmt::format("POST /v1/dossier-events answered {}: {}", result.status, result.body)
        );
    }
    const auto answer = json_object(result.body);
    const auto* rejected = answer ? answer->if_contains("rejected") : nullptr;
    if (!rejected || !rejected->is_array() || rejected->get_array().empty()) co_return;
    if (rejected_ == 0 && on_progress)
        on_progress("rejected: " + boost::json::serialize(rejected->get_array().front()));
    rejected_ += rejected->get_array().size();
}

asio::awaitable<void> Town::send_due(const Due& due) {
    auto call = desk_.call_for(due);
    if (!call) co_return;
    // The daemon's public address may be another than the one it is reached by here.
    const auto path = call->url.find('/', call->url.find("://") + 3);
    call->url = settings_.daemon + (path == std::string::npos ? "/" : call->url.substr(path));
    const auto result = co_await ask(*std::move(call));
    desk_.called(due, result);
    if (result.ok()) co_return;
    if (hook_failures_++ == 0 && on_progress) {
        on_progress(fmt::format("a webhook was answered {}: {}", result.status, result.body));
    }
}

void Town::count_reply(const Due& due) {
    const auto* reply = std::get_if<Reply>(&due.what);
    if (!reply) return;
    ++replies_[reply->kind];
    journal_.append_reply(due.at, *reply);
}

void Town::report_progress() {
    const auto wall = std::chrono::steady_clock::now();
    if (!on_progress || wall - last_progress_ < 1s) return;
    last_progress_ = wall;
    std::uint64_t replies = 0;
    for (const auto& [kind, count] : replies_)
        replies += count;
    on_progress(fmt::format(
        "{} events {}/{} SMS {} replies {} ticks {}", rfc3339(now_).substr(0, 10), next_event_,
        events_.size(), telecom_.messages().size(), replies, ticks_
    ));
}

std::string Town::summary() const {
    std::uint64_t delivered = 0;
    std::map<Question, std::uint64_t> questions;
    for (const auto& message : telecom_.messages()) {
        delivered += message.state == "delivered" ? 1 : 0;
        ++questions[Citizens::question_in(message.text)];
    }
    const auto count = [&](Question question) {
        const auto found = questions.find(question);
        return found == questions.end() ? 0 : found->second;
    };
    std::string kinds;
    std::uint64_t replies = 0;
    for (const auto& [kind, number] : replies_) {
        kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", kind, number);
        replies += number;
    }
    return fmt::format(
        "until {}: {} events ({} rejected), {} SMS sent ({} score questions, {} texts with a reason, {} "
        "others), "
        "{} delivered, {} replies ({}), {} webhooks failed",
        rfc3339(now_).substr(0, 10), next_event_, rejected_, telecom_.messages().size(),
        count(Question::score), count(Question::reason), count(Question::none), delivered, replies, kinds,
        hook_failures_
    );
}

}  // namespace sim
