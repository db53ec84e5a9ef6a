// The shipped lexicon's reader, made once for all tests, and the labelled replies under tests/data/replies.
#pragma once

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "survey/text/reader.hpp"

inline const config::Lexicon& shipped_lexicon_or_throw() {
    static const config::Lexicon lexicon = [] {
        auto loaded = config::shipped_lexicon();
        if (!loaded) throw std::runtime_error{loaded.error().front()};
        return *loaded;
    }();
    return lexicon;
}

inline const survey::text::Reader& shipped_reader() {
    static const survey::text::Reader reader{shipped_lexicon_or_throw()};
    return reader;
}

// As the labelling guide writes outcomes: "1" to "5", or the disposition.
inline std::string outcome_of(const survey::text::Reading& reading) {
    return reading.score ? std::to_string(reading.score->value())
                         : std::string{survey::text::name_of(reading.disposition)};
}

inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ",") + word;
    return text;
}

struct LabelledReply {
    std::string id;
    std::string text;
    std::string outcome;  // empty for replies to the question for reasons
    std::set<std::string> reasons;
};

inline std::vector<LabelledReply> labelled_replies(const std::string& name, bool with_outcome) {
    std::ifstream file{std::string{HOIAM_TEST_DATA} + "/replies/" + name};
    std::vector<LabelledReply> replies;
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream fields{line};
        LabelledReply reply;
        std::string reasons;
        std::getline(fields, reply.id, '\t');
        std::getline(fields, reply.text, '\t');
        if (with_outcome) std::getline(fields, reply.outcome, '\t');
        std::getline(fields, reasons, '\t');
        std::istringstream codes{reasons};
        for (std::string code; std::getline(codes, code, ',');)
            reply.reasons.insert(code);
        replies.push_back(std::move(reply));
    }
    return replies;
}
