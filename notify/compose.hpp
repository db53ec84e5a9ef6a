// Makes the text of an SMS from a registered text and the values of its variables: chooses the fullest text
// whose variables are all known, cuts variables at their registered length, and drops accents where the
// situation says so or where that takes fewer parts. Pure; called inside a store's step and by previews.
#pragma once

#include "config/catalogue.hpp"
#include "notify/sms/parts.hpp"

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace notify {

using Variables = std::map<std::string, std::string, std::less<>>;

struct Text {
    std::string content;
    bool ucs2 = false;
    int parts = 1;
};

/// The error names every variable that was missing.
std::expected<Text, std::string> compose(
    const config::SituationTexts& situation, const Variables& variables, const config::Catalogue& catalogue,
    const sms::PartLimits& limits = {}
);

/// The text with each {name} replaced by its value, which is cut at the length registered for it.
std::string fill(std::string_view text, const Variables& variables, const config::Catalogue& catalogue);

/// The text as it will be sent: without accents unless they are wanted and cost nothing more.
Text encode(std::string content, config::Accents accents, const sms::PartLimits& limits = {});

}  // namespace notify
