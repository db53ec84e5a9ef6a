#include "config/questionnaire.hpp"

#include "config/toml_section.hpp"

namespace config {
namespace {

std::vector<int> values_of(Section& section, std::string_view key) {
    std::vector<int> values;
    const auto* const node = section.node(key);
    const auto* const array = node ? node->as_array() : nullptr;
    if (!array || !array->is_homogeneous(toml::node_type::integer)) {
        section.problem(key, "must be a list of scale values, as [4, 5]");
        return values;
    }
    for (const auto& each : *array)
        values.push_back(static_cast<int>(each.as_integer()->get()));
    return values;
}

QuestionnaireTexts texts_of(Section section) {
    QuestionnaireTexts texts;
    texts.score = section.required_text("score", "{organisation}: … {dossier} … {options}. {how}.");
    texts.score_again = section.required_text("score_again", "… {options}. {how}.");
    texts.remind = section.required_text("remind", "… {dossier} … {options}. {how}.");
    texts.reason = section.required_text("reason", "… {how}.");
    texts.reason_again = section.required_text("reason_again", "… {how}.");
    texts.thanks = section.text_or("thanks", "");
    texts.thanks_dissatisfied = section.text_or("thanks_dissatisfied", "");
    texts.to_person = section.text_or("to_person", "");
    texts.opted_out = section.required_text("opted_out", "… {how_in}.");
    texts.opted_in = section.required_text("opted_in", "…");
    for (const auto* const key : {"score", "score_again", "remind", "reason", "reason_again"})
        if (const auto text = section.text_or(key, ""); text.find("{how}") == std::string::npos)
            section.problem(
                key, "must hold {how}: a question always names the number, keyword and cost of the reply"
            );
    section.done();
    return texts;
}

HowTexts how_of(Section section) {
    HowTexts how;
    how.with_keyword = section.required_text("with_keyword", "Soạn {keyword} … gửi {number} ({cost})");
    how.plain = section.required_text("plain", "Trả lời gửi {number} ({cost})");
    how.in_with_keyword = section.required_text("in_with_keyword", "soạn {keyword} DK gửi {number}");
    how.in_plain = section.required_text("in_plain", "nhắn DK gửi {number}");
    how.free = section.text_or("free", "miễn phí");
    section.done();
    return how;
}

}  // namespace

std::expected<Questionnaire, std::vector<std::string>> parse_questionnaire(
    std::string_view content, std::string_view file
) {
    Problems problems;
    const auto table = parse_toml(content, file, problems);
    if (!table) return std::unexpected(problems);
    Section root(*table, "", file, problems);
    Questionnaire questionnaire;
    questionnaire.name = root.required_text("name", "sipas");
    questionnaire.version = root.required_text("version", "2026-11");
    questionnaire.title = root.text_or("title", questionnaire.name);
    questionnaire.satisfied = values_of(root, "satisfied");
    questionnaire.dissatisfied = values_of(root, "dissatisfied");
    for (auto& option : root.tables("option")) {
        auto& added = questionnaire.options.emplace_back();
        added.key = option.required_text("key", "1");
        added.label = option.required_text("label", "Rất không hài lòng");
        added.value = static_cast<int>(option.number_or("value", 0, 1, 5));
        option.done();
    }
    if (questionnaire.options.size() != 5)
        root.problem("option", "the scale has the five values 1 to 5 of SIPAS");
    if (auto texts = root.table("texts"))
        questionnaire.texts = texts_of(*texts);
    else
        root.problem("texts", "is missing");
    if (auto how = root.table("how"))
        questionnaire.how = how_of(*how);
    else
        root.problem("how", "is missing");
    root.done();
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return questionnaire;
}

}  // namespace config
