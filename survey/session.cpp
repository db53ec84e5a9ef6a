#include "survey/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace survey {
namespace {

constexpr std::array session_names{"asked", "reason", "answered", "expired", "refused", "person"};
constexpr std::array taken_names{"score",  "reasons", "unclear", "optout",     "optin",
                                 "lookup", "other",   "late",    "no_session", "not_mobile"};

}  // namespace

std::string_view to_string(SessionState state) {
    return session_names[static_cast<std::size_t>(state)];
}
std::string_view to_string(Taken taken) {
    return taken_names[static_cast<std::size_t>(taken)];
}

bool open(SessionState state) {
    return state == SessionState::asked || state == SessionState::reason;
}

std::vector<notify::Count> counts(const Session& session, const config::Questionnaire& questionnaire) {
    std::vector<notify::Count> result;
    const auto add = [&](std::string measure) {
        result.push_back({session.month, session.unit, session.procedure, std::move(measure)});
    };
    add("invited");
    if (session.delivered) add("delivered");
    if (!session.answer) return result;
    const int score = session.answer->score.value();
    add("answered");
    add(fmt::format("score_{}", score));
    const auto& low = questionnaire.dissatisfied;
    if (std::ranges::find(low, score) != low.end()) add("dissatisfied");
    for (const auto& reason : session.answer->reasons)
        add("reason_" + reason);
    return result;
}

}  // namespace survey
