// Simulated citizens. Each incoming SMS is read as a person would read it: a score question (it shows "1="
// and "5="), a reason question ("ly do", after a low score), or a notice; some people answer, hours later and
// in waking hours, each in his own way of typing. Who is dissatisfied depends on the commune and much more on
// whether the dossier was late. All of it is drawn from the seed, the phone and the request id, so the same
// messages in the same order bring the same replies. The telecom asks on its thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "tests/sim/lot.hpp"
#include "tests/sim/telecom.hpp"

namespace sim {

struct DossierTruth {
    std::string dossier;
    std::string commune;
    bool late = false;
    bool refused = false;  // not accepted or stopped: there was no result
};

struct CitizenSettings {
    std::string keyword = "TANUYEN";
    double answers = 0.35;                         // share of the survey questions that are answered
    std::optional<std::chrono::seconds> within{};  // answer so soon at any hour, instead of hours later
};

enum class Question { score, reason, none };

class Citizens {
public:
    // truth tells what a message is about, or nothing if nobody knows.
    using Truth = std::function<std::optional<DossierTruth>(const Message&)>;

    Citizens(std::uint64_t seed, CitizenSettings settings, Truth truth);

    std::optional<PlannedReply> receive(const Message& message, TimePoint at);

    static Question question_in(std::string_view text);

private:
    struct Memory {
        DossierTruth about;
        int asked = 0;
        bool answered = false;
        bool nonsense = false;
        int score = 0;
        bool reason_given = false;
    };

    std::optional<Reply> answer_score(const Message&, Memory&);
    std::optional<Reply> answer_reason(const Message&, Memory&);
    std::optional<Reply> answer_notice(const Message&);
    int score_of(const Message&, const DossierTruth&) const;
    std::string score_text(const Message&, const DossierTruth&, int score, std::string& label) const;
    std::string reasons_text(const Message&, const DossierTruth&, std::string& labels) const;
    std::string reason_label(const Message&, const DossierTruth&, std::string_view which) const;
    Reply reply(const Message&, std::string text, std::string kind, std::string label) const;
    std::chrono::seconds thinking_time(const Message&, TimePoint at) const;
    DossierTruth truth_of(const Message&) const;

    Lot lot_;
    CitizenSettings settings_;
    Truth truth_;
    std::unordered_map<std::string, Memory> memories_;  // by phone
    std::unordered_map<std::string, bool> opted_out_;
};

}  // namespace sim
