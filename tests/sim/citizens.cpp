#include "tests/sim/citizens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "notify/sms/unaccent.hpp"
#include "tests/sim/citizen_words.hpp"
#include "tests/sim/times.hpp"

namespace sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes wakes{6 * 60 + 30};
constexpr minutes sleeps{21 * 60 + 45};

struct Habit {
    std::string_view commune;
    double dissatisfaction;                   // beside the others
    std::array<std::string_view, 3> reasons;  // what goes wrong there
};

constexpr std::array<Habit, 12> habits{{
    {"25888", 0.9, {"waiting", "facilities", "waiting"}},
    {"25891", 1.0, {"waiting", "guidance", "paperwork"}},
    {"25912", 1.1, {"paperwork", "trips", "paperwork"}},
    {"25915", 1.8, {"attitude", "waiting", "bribery"}},
    {"25920", 0.8, {"guidance", "errors", "waiting"}},
    {"25921", 1.2, {"guidance", "guidance", "trips"}},
    {"25924", 0.6, {"online", "waiting", "no_response"}},
    {"25930", 0.5, {"absence", "absence", "other"}},
    {"25933", 0.9, {"errors", "paperwork", "guidance"}},
    {"25936", 1.0, {"absence", "fees", "waiting"}},
    {"25937", 0.8, {"absence", "trips", "other"}},
    {"25939", 1.5, {"trips", "attitude", "no_response"}},
}};

const Habit& habit_of(std::string_view commune) {
    const auto found = std::ranges::find(habits, commune, &Habit::commune);
    return found == habits.end() ? habits[1] : *found;
}

std::string folded(std::string_view text) {
    auto plain = notify::sms::unaccent(text);
    std::ranges::transform(plain, plain.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return plain;
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

template <class List>
auto pick(const List& list, std::uint64_t number) {
    return list[number % list.size()];
}

}  // namespace

Citizens::Citizens(std::uint64_t seed, CitizenSettings settings, Truth truth)
    : lot_(seed ^ 0xC171235U), settings_(std::move(settings)), truth_(std::move(truth)) {}

Question Citizens::question_in(std::string_view text) {
    if (has(text, "1=") && has(text, "5=")) return Question::score;
    if (has(folded(text), "ly do")) return Question::reason;
    return Question::none;
}

DossierTruth Citizens::truth_of(const Message& message) const {
    if (truth_) {
        if (auto known = truth_(message)) return *std::move(known);
    }
    return {
        .dossier = message.phone,
        .commune = std::string(pick(habits, lot_.number({"commune", message.phone})).commune),
        .late = lot_.chance(0.05, {"late", message.phone}),
        .refused = false
    };
}

std::optional<PlannedReply> Citizens::receive(const Message& message, TimePoint at) {
    if (opted_out_[message.phone]) return std::nullopt;
    auto& memory = memories_[message.phone];
    std::optional<Reply> answer;
    switch (question_in(message.text)) {
        case Question::score: {
            auto about = truth_of(message);
            if (about.dossier != memory.about.dossier) memory = Memory{.about = std::move(about)};
            answer = answer_score(message, memory);
            break;
        }
        case Question::reason:
            answer = answer_reason(message, memory);
            break;
        case Question::none:
            answer = answer_notice(message);
            break;
    }
    if (!answer) return std::nullopt;
    return PlannedReply{thinking_time(message, at), *std::move(answer)};
}

std::optional<Reply> Citizens::answer_score(const Message& message, Memory& memory) {
    if (memory.answered) return std::nullopt;
    ++memory.asked;
    auto answers = settings_.answers * (memory.about.late ? 1.15 : 1.0);
    if (memory.asked > 1) answers = memory.nonsense ? 0.65 : settings_.answers * 0.3;
    const auto share = lot_.share({"responds", message.phone, message.request_id, memory.about.dossier});
    if (share < answers) {
        memory.answered = true;
        memory.score = score_of(message, memory.about);
        std::string label;
        auto text = score_text(message, memory.about, memory.score, label);
        const auto* kind = std::isdigit(static_cast<unsigned char>(text.front())) ? "score" : "words";
        return reply(message, std::move(text), kind, label);
    }
    const auto which = lot_.number({"which", message.phone, message.request_id});
    const auto write = [&](auto phrases) { return typed(pick(phrases, which), lot_, message.phone); };
    if (share < answers + 0.008) {
        memory.nonsense = true;
        return reply(message, write(nonsense_phrases()), "nonsense", "unclear");
    }
    if (share < answers + 0.011) {
        opted_out_[message.phone] = true;
        return reply(message, std::string(pick(opt_out_phrases(), which)), "opt_out", "optout");
    }
    if (share < answers + 0.015) return reply(message, write(lookup_phrases()), "lookup", "lookup");
    return std::nullopt;
}

int Citizens::score_of(const Message& message, const DossierTruth& about) const {
    const auto factor = habit_of(about.commune).dissatisfaction;
    double low = 0.0080 * factor;
    double middle = 0.005;
    if (about.late) {
        low = std::min(0.33 * std::sqrt(factor), 0.6);
        middle = 0.14;
    } else if (about.refused) {
        low = 0.34;
        middle = 0.15;
    }
    const auto share = lot_.share({"score", message.phone, about.dossier});
    if (share < low * 0.4) return 1;
    if (share < low) return 2;
    if (share < low + middle) return 3;
    return lot_.chance(0.56, {"four", message.phone, about.dossier}) ? 4 : 5;
}

std::string Citizens::score_text(
    const Message& message, const DossierTruth& about, int score, std::string& label
) const {
    const auto style = lot_.share({"style", message.phone, message.request_id});
    const auto which = lot_.number({"phrase", message.phone, message.request_id});
    label = std::to_string(score);
    if (style < 0.60) return label;
    if (style < 0.68) {
        constexpr std::array<std::string_view, 6> tails{" nha", ".", " điểm", " nhé em", "!", " - cảm ơn"};
        return label + typed(pick(tails, which), lot_, message.phone);
    }
    if (score <= 2 && style < 0.85) {
        std::string reasons;
        auto text = fmt::format("{} {}", score, reasons_text(message, about, reasons));
        label += " " + reasons;
        return text;
    }
    return typed(pick(score_phrases(score), which), lot_, message.phone);
}

std::optional<Reply> Citizens::answer_reason(const Message& message, Memory& memory) {
    const bool asked = memory.answered && memory.score <= 2 && !memory.reason_given;
    if (!asked) return answer_notice(message);
    memory.reason_given = true;
    if (!lot_.chance(0.78, {"explains", message.phone, message.request_id})) return std::nullopt;
    std::string labels;
    auto text = reasons_text(message, memory.about, labels);
    return reply(message, std::move(text), "reason", labels);
}

std::string Citizens::reason_label(const Message& message, const DossierTruth& about, std::string_view which)
    const {
    const auto share = lot_.share({"reason", which, message.phone, about.dossier});
    if (about.late && which == "first") return share < 0.85 ? "late" : "no_response";
    if (share < 0.62)
        return std::string(pick(habit_of(about.commune).reasons, lot_.number({which, message.phone})));
    constexpr std::array<std::string_view, 13> all{"waiting",    "attitude", "guidance",    "trips",
                                                   "paperwork",  "fees",     "errors",      "absence",
                                                   "facilities", "online",   "no_response", "other",
                                                   "bribery"};
    return std::string(pick(all, lot_.number({"any", which, message.phone})));
}

std::string Citizens::reasons_text(const Message& message, const DossierTruth& about, std::string& labels)
    const {
    const auto phrase = [&](const std::string& label) {
        const auto& set = *std::ranges::find(reason_phrases(), label, &ReasonPhrases::label);
        return pick(set.phrases, lot_.number({"reason phrase", label, message.phone, message.request_id}));
    };
    labels = reason_label(message, about, "first");
    std::string text(phrase(labels));
    const auto second = reason_label(message, about, "second");
    if (second != labels && lot_.chance(0.3, {"two", message.phone, message.request_id})) {
        constexpr std::array<std::string_view, 4> joints{", ", " và ", ". ", ", lại còn "};
        text += pick(joints, lot_.number({"joint", message.phone}));
        text += phrase(second);
        labels += "," + second;
    }
    return typed(text, lot_, message.phone);
}

std::optional<Reply> Citizens::answer_notice(const Message& message) {
    const auto share = lot_.share({"notice", message.phone, message.request_id});
    const auto which = lot_.number({"which", message.phone, message.request_id});
    if (share < 0.004)
        return reply(message, typed(pick(lookup_phrases(), which), lot_, message.phone), "lookup", "lookup");
    if (share < 0.0048) {
        opted_out_[message.phone] = true;
        return reply(message, std::string(pick(opt_out_phrases(), which)), "opt_out", "optout");
    }
    return std::nullopt;
}

Reply Citizens::reply(const Message& message, std::string text, std::string kind, std::string label) const {
    // On a shared short code some type the keyword first, as the text asked, and some do not.
    if (!settings_.keyword.empty() && lot_.chance(0.6, {"keyword", message.phone})) {
        text = settings_.keyword + " " + text;
    }
    return {
        .provider = message.provider,
        .id = fmt::format("mo{:016x}", lot_.number({"reply", message.id, message.phone})),
        .from = message.phone,
        .text = std::move(text),
        .kind = std::move(kind),
        .label = std::move(label)
    };
}

std::chrono::seconds Citizens::thinking_time(const Message& message, TimePoint at) const {
    const auto share = lot_.share({"thinks", message.phone, message.request_id});
    if (settings_.within)
        return seconds(static_cast<std::int64_t>(share * static_cast<double>(settings_.within->count())));
    // Half of them within 25 minutes, a few the next day.
    const auto wait = seconds(static_cast<std::int64_t>(60 + 1440 * std::pow(share / (1.02 - share), 1.3)));
    const auto moment = time_of_day(at + wait);
    if (moment >= wakes && moment < sleeps) return wait;
    const auto until_morning = moment < wakes ? wakes - moment : wakes + hours{24} - moment;
    return wait + until_morning +
           seconds(static_cast<std::int64_t>(5400 * lot_.share({"morning", message.phone})));
}

}  // namespace sim
