// How well the shipped lexicon reads the labelled replies (see tests/data/replies). The figures are floors:
// replies nobody has seen yet are read a little worse than these.
#include <gtest/gtest.h>

#include <algorithm>

#include "survey/text/letters.hpp"
#include "tests/survey/text/shipped_reader.hpp"

namespace {

struct Tally {
    int right = 0;
    int all = 0;
    int found = 0;   // reasons both stated and read
    int extra = 0;   // read, not stated
    int missed = 0;  // stated, not read
    int false_optouts = 0;

    double accuracy() const { return static_cast<double>(right) / all; }
    double f1() const { return 2.0 * found / (2.0 * found + extra + missed); }
};

void count_reasons(Tally& tally, const LabelledReply& reply, const survey::text::Reading& reading) {
    int both = static_cast<int>(std::ranges::count_if(reading.reasons, [&](const std::string& code) {
        return reply.reasons.contains(code);
    }));
    tally.found += both;
    tally.extra += static_cast<int>(reading.reasons.size()) - both;
    tally.missed += static_cast<int>(reply.reasons.size()) - both;
}

std::string as_typed(const std::string& text) {
    return text;
}

// The same reply from a thumb that leaves the accents out.
std::string without_accents(const std::string& text) {
    std::string plain;
    for (const auto& letter : survey::text::letters_of(text)) {
        if (letter.code < 0x80) plain += static_cast<char>(letter.code);
    }
    return plain;
}

Tally read_scores(const std::string& file, std::string (*typed)(const std::string&) = as_typed) {
    Tally tally;
    for (const auto& reply : labelled_replies(file, true)) {
        auto reading = shipped_reader().read_score(typed(reply.text));
        ++tally.all;
        tally.right += outcome_of(reading) == reply.outcome ? 1 : 0;
        tally.false_optouts += outcome_of(reading) == "optout" && reply.outcome != "optout" ? 1 : 0;
        count_reasons(tally, reply, reading);
    }
    return tally;
}

Tally read_reasons(const std::string& file, std::string (*typed)(const std::string&) = as_typed) {
    Tally tally;
    for (const auto& reply : labelled_replies(file, false)) {
        auto reading = shipped_reader().read_reason(typed(reply.text));
        ++tally.all;
        tally.false_optouts += reading.disposition == survey::text::Disposition::optout ? 1 : 0;
        count_reasons(tally, reply, reading);
    }
    return tally;
}

TEST(ReadingAccuracy, at_least_98_percent_of_the_sample_scores_are_right_and_nobody_is_silenced) {
    auto tally = read_scores("sample-score.tsv");
    ASSERT_EQ(tally.all, 120);
    EXPECT_GE(tally.accuracy(), 0.98);
    EXPECT_GE(tally.f1(), 0.94);
    EXPECT_EQ(tally.false_optouts, 0);
}

TEST(ReadingAccuracy, at_least_98_percent_of_our_own_scores_are_right_and_nobody_is_silenced) {
    auto tally = read_scores("own-score.tsv");
    ASSERT_GE(tally.all, 1300);
    EXPECT_GE(tally.accuracy(), 0.98);
    EXPECT_GE(tally.f1(), 0.94);
    EXPECT_EQ(tally.false_optouts, 0);
}

TEST(ReadingAccuracy, the_sample_reasons_reach_a_micro_f1_of_096) {
    auto tally = read_reasons("sample-reason.tsv");
    ASSERT_EQ(tally.all, 150);
    EXPECT_GE(tally.f1(), 0.96);
    EXPECT_EQ(tally.false_optouts, 0);
}

TEST(ReadingAccuracy, our_own_reasons_reach_a_micro_f1_of_096) {
    auto tally = read_reasons("own-reason.tsv");
    ASSERT_GE(tally.all, 1300);
    EXPECT_GE(tally.f1(), 0.96);
    EXPECT_EQ(tally.false_optouts, 0);
}

TEST(ReadingAccuracy, the_same_replies_without_their_accents_are_read_nearly_as_well) {
    auto scores = read_scores("own-score.tsv", without_accents);
    EXPECT_GE(scores.accuracy(), 0.96);
    EXPECT_EQ(scores.false_optouts, 0);
    auto reasons = read_reasons("own-reason.tsv", without_accents);
    EXPECT_GE(reasons.f1(), 0.95);
    EXPECT_EQ(reasons.false_optouts, 0);
}

}  // namespace
