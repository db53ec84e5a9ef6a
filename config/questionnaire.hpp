// A questionnaire as data: the scale with its labels, which values count as satisfied, which ask for a
// reason, and every text the conversation needs. Loaded once at start; constant afterwards.
#pragma once

#include <expected>
#include <string>
#include <vector>

namespace config {

struct QuestionnaireOption {
    std::string key, label;
    int value = 0;
};

struct QuestionnaireTexts {
    std::string score, score_again, remind, reason, reason_again, thanks, thanks_dissatisfied, to_person,
        opted_out, opted_in;
};

/// How to answer, by whether a keyword must stand first.
struct HowTexts {
    std::string with_keyword, plain, in_with_keyword, in_plain, free;
};

struct Questionnaire {
    std::string name, version, title;
    std::vector<QuestionnaireOption> options;
    std::vector<int> satisfied, dissatisfied;
    QuestionnaireTexts texts;
    HowTexts how;
};

std::expected<Questionnaire, std::vector<std::string>> parse_questionnaire(
    std::string_view content, std::string_view file
);

}  // namespace config
