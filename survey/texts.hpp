// The SMS of a survey conversation: question, repeat, reason, thanks, opt-out. Every question names the
// number, the keyword and the cost of the reply. Pure; used by the decisions on invitations and replies.
#pragma once

#include "survey/session.hpp"

namespace survey {

/// Which text of the questionnaire, and how it is kept apart from the others of the same dossier.
struct Wording {
    std::string_view text;
    std::string_view situation;  // survey_score, survey_reason …
    std::string key;
    notify::Lane lane = notify::Lane::reply;
};

/// `dossier` may be empty for texts that name none. A reply goes out at once, a question within the hours.
notify::Draft draft(
    const Wording& wording, const notify::PhoneNumber& phone, const std::string& dossier, const Rules& rules,
    Time now
);

}  // namespace survey
