// The texts that citizens read about their dossier (config/messages.toml): one entry per situation, each with
// its registered texts from the fullest to the barest, and the longest each variable may become.
// Loaded once at start by the loader; constant afterwards, so any thread may read it.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <vector>

namespace config {

enum class Accents { never, automatic, always };

struct SituationTexts {
    std::vector<std::string> texts;
    Accents accents = Accents::never;
    bool on = true;
    bool counter = true;  // also for dossiers handed in at the counter
};

struct Catalogue {
    std::string version;
    std::map<std::string, std::size_t, std::less<>> variables;  // name → longest, in characters
    std::map<std::string, SituationTexts, std::less<>> situations;
};

std::expected<Catalogue, std::vector<std::string>> parse_catalogue(
    std::string_view content, std::string_view file
);

/// The names in braces of a text, in order: "{dossier}: {reason}" → dossier, reason.
std::vector<std::string_view> placeholders(std::string_view text);

}  // namespace config
