// Lexicon: what people write, as data. The operator's lexicon.toml (spellings, word sets, phrases) and
// reasons.toml (the catalogue of reasons and their phrases), read once at start and handed to
// survey::text::Reader, which gives the phrases their meaning.
// The form of both files is described in their heads. Loading returns every mistake at once, each with its
// file and line and with what would be right. Plain values: any thread may read them.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace config {

// One spelling people use, and the words it stands for: "ko" is "khong", "rkhl" is "rat khong hai long".
struct Spelling {
    std::string written;
    std::string meant;
};

struct Phrase {
    std::string pattern;
    int line = 0;
};

struct Reason {
    std::string code;
    std::string label;    // Vietnamese, for citizens and officers
    std::string meaning;  // English, for whoever maintains the catalogue
    bool sensitive = false;
    std::vector<Phrase> phrases;
};

struct Lexicon {
    std::string version;  // as the file says, with a checksum of both files
    std::vector<Spelling> spellings;
    std::vector<Spelling> corrections;  // of several words: "hia long" is "hai long"
    std::vector<std::string> onsets;    // of Vietnamese syllables, unaccented
    std::vector<std::string> rimes;
    std::vector<std::string> tolerant;  // phrases in which one wrong letter is forgiven
    std::map<std::string, std::string, std::less<>> sets;
    std::map<std::string, std::vector<Phrase>, std::less<>> phrases;  // by purpose, "scale.4"
    std::vector<Reason> reasons;                                      // in the order of the catalogue
};

struct LexiconFile {
    std::string_view name;
    std::string_view content;
};

std::expected<Lexicon, std::vector<std::string>> load_lexicon(LexiconFile lexicon, LexiconFile reasons);

// The lexicon that comes with Hồi Âm.
std::expected<Lexicon, std::vector<std::string>> shipped_lexicon();

}  // namespace config
