// What a reply asks for when it is no answer: an end to messages, messages again, a dossier's status, or
// something a person must read. Opting out is judged strictly: a false one silences a citizen.
// Called by Reader before and beside the reading of score and reasons. Pure.
#pragma once

#include <optional>
#include <string>

#include "survey/text/phrasebook.hpp"
#include "survey/text/reader.hpp"

namespace survey::text {

struct Request {
    Disposition disposition = Disposition::unclear;
    std::string rule;
};

// Opt-out or opt-in, or nothing.
std::optional<Request> find_consent(const Phrasebook& book, const Study& study);

// Lookup, or another matter, or nothing.
std::optional<Request> find_request(const Phrasebook& book, const Study& study);

// Any other question, or nothing.
std::optional<Request> find_question(const Phrasebook& book, const Study& study);

}  // namespace survey::text
