#include "tests/sim/telecom.hpp"

#include <fmt/format.h>

#include <array>

namespace sim {
namespace {

using std::chrono::milliseconds;

constexpr auto repeat_window = std::chrono::minutes{5};

milliseconds from_seconds(double seconds) {
    return milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

double within(double low, double high, double share) {
    return low + (high - low) * share;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    constexpr std::array<std::string_view, 9> names{"accepted", "duplicate", "repeated_text",
                                                    "throttle", "transient", "credit",
                                                    "config",   "content",   "recipient"};
    return names[static_cast<std::size_t>(verdict)];
}

std::string_view to_string(ReportKind kind) {
    constexpr std::array<std::string_view, 4> names{"pending", "delivered", "undelivered", "rejected"};
    return names[static_cast<std::size_t>(kind)];
}

std::optional<Verdict> Telecom::refusal(const Submission& submission, const std::string& attempt) const {
    if (lot_.chance(behaviour_.refuse, {"refuse", submission.phone})) return Verdict::recipient;
    const std::array<std::pair<Verdict, double>, 5> rates{{
        {Verdict::throttle, behaviour_.throttle},
        {Verdict::transient, behaviour_.transient},
        {Verdict::credit, behaviour_.credit},
        {Verdict::config, behaviour_.config},
        {Verdict::content, behaviour_.content},
    }};
    auto share = lot_.share({"refusal", attempt});
    for (const auto& [verdict, rate] : rates) {
        if (share < rate) return verdict;
        share -= rate;
    }
    return std::nullopt;
}

bool Telecom::repeats(const Submission& submission) const {
    if (!submission.refuses_repeats) return false;
    const auto found = last_text_.find(submission.phone + '\n' + submission.text);
    return found != last_text_.end() && now_ - found->second < repeat_window;
}

Judgement Telecom::submit(const Submission& submission) {
    const auto key = submission.provider + '\n' + submission.request_id;
    const auto identity = submission.request_id.empty() ? submission.phone + submission.text : key;
    const auto attempt = fmt::format("{}#{}", identity, attempts_[identity]++);
    Judgement judgement;
    judgement.delay = milliseconds(static_cast<std::int64_t>(
        within(behaviour_.latency_min, behaviour_.latency_max, lot_.share({"latency", attempt}))
    ));
    const auto known = submission.deduplicated ? by_request_.find(key) : by_request_.end();
    if (known != by_request_.end()) {
        auto& message = messages_[known->second];
        ++message.submitted;
        ++message.duplicates_refused;
        message.changed += message.text != submission.text || message.phone != submission.phone;
        judgement.verdict = Verdict::duplicate;
        judgement.id = message.id;
    } else if (lot_.chance(behaviour_.reset, {"reset", attempt})) {
        judgement.verdict = Verdict::transient;
        judgement.dropped = true;
    } else if (const auto refused = refusal(submission, attempt)) {
        judgement.verdict = *refused;
    } else if (repeats(submission)) {
        judgement.verdict = Verdict::repeated_text;
    } else {
        judgement.id = fmt::format("{:016x}", lot_.number({"id", attempt}));
        judgement.dropped = lot_.chance(behaviour_.lost, {"lost", attempt});
        const auto index = keep(
            {.provider = submission.provider,
             .request_id = submission.request_id,
             .id = judgement.id,
             .phone = submission.phone,
             .text = submission.text,
             .report_url = submission.report_url,
             .at = now_}
        );
        if (on_accepted) on_accepted(messages_[index]);
        plan_reports(index);
    }
    ++verdicts_[std::string(judgement.dropped ? "dropped" : to_string(judgement.verdict))];
    return judgement;
}

std::size_t Telecom::keep(Message message) {
    const auto index = messages_.size();
    if (!message.request_id.empty()) by_request_[message.provider + '\n' + message.request_id] = index;
    last_text_[message.phone + '\n' + message.text] = message.at;
    messages_.push_back(std::move(message));
    return index;
}

void Telecom::restore(Message message) {
    plan_reports(keep(std::move(message)));
}

void Telecom::plan_reports(std::size_t index) {
    const auto message = messages_[index];
    const auto share = [&](std::string_view what) { return lot_.share({what, message.id}); };
    const auto fails = share("undelivered") < behaviour_.undelivered;
    const auto arrives =
        message.at + from_seconds(within(behaviour_.report_min, behaviour_.report_max, share("report")));
    if (citizen && !fails) {
        if (auto planned = citizen(message, arrives))
            plan(arrives + planned->after, std::move(planned->reply));
    }
    if (share("no report") < behaviour_.no_report) return;
    auto reported = arrives;
    if (share("late") < behaviour_.late_report) {
        reported += from_seconds(within(behaviour_.late_min, behaviour_.late_max, share("late by")));
    }
    const auto kind = !fails                    ? ReportKind::delivered
                      : share("rejected") < 0.3 ? ReportKind::rejected
                                                : ReportKind::undelivered;
    plan(reported, Report{index, kind});
    if (share("duplicate") < behaviour_.duplicate_report)
        plan(reported + milliseconds{20}, Report{index, kind});
    if (share("reorder") < behaviour_.reorder)
        plan(reported + milliseconds{40}, Report{index, ReportKind::pending});
}

void Telecom::plan(TimePoint at, std::variant<Report, Reply> what) {
    due_.push({at, order_++, std::move(what)});
    if (on_planned) on_planned();
}

std::optional<TimePoint> Telecom::next_due() const {
    if (due_.empty()) return std::nullopt;
    return due_.top().at;
}

std::vector<Due> Telecom::take_due(TimePoint until) {
    std::vector<Due> taken;
    while (!due_.empty() && due_.top().at <= until) {
        taken.push_back(due_.top());
        due_.pop();
        if (const auto* report = std::get_if<Report>(&taken.back().what);
            report && report->kind != ReportKind::pending) {
            messages_[report->message].state = to_string(report->kind);
        }
    }
    return taken;
}

}  // namespace sim
