#include <gtest/gtest.h>

#include "tests/survey/text/shipped_reader.hpp"

namespace {

struct Case {
    const char* reply;
    const char* outcome;
};

void expect_outcomes(std::initializer_list<Case> cases) {
    for (const auto& [reply, outcome] : cases) {
        auto reading = shipped_reader().read_score(reply);
        EXPECT_EQ(outcome_of(reading), outcome) << reply << " by rule " << reading.rule;
    }
}

TEST(ScoreReading, a_number_or_number_word_alone_is_the_score) {
    expect_outcomes(
        {{"4", "4"},
         {"5!!!", "5"},
         {"số 4 nha em", "4"},
         {"2 nghe con", "2"},
         {"năm", "5"},
         {"Ba", "3"},
         {"tư", "4"},
         {"mot", "1"},
         {"4/5", "4"},
         {"5*", "5"},
         {"muc 2", "2"}}
    );
}

TEST(ScoreReading, other_known_scales_are_converted) {
    expect_outcomes({{"10/10", "5"}, {"100 diem", "5"}, {"5 sao", "5"}, {"0 diem", "1"}});
}

TEST(ScoreReading, numbers_on_no_known_scale_are_unclear) {
    expect_outcomes({{"7", "unclear"}, {"12", "unclear"}, {"0", "unclear"}, {"so 6", "unclear"}});
}

TEST(ScoreReading, two_scores_are_unclear) {
    expect_outcomes(
        {{"3-4", "unclear"},
         {"1 hay 2 gi cung duoc", "unclear"},
         {"1 2 3", "unclear"},
         {"hs dat thi 4 con giay khai sinh thi 2", "unclear"}}
    );
}

TEST(ScoreReading, a_correction_counts) {
    expect_outcomes(
        {{"4, a lon, 2 moi dung", "2"},
         {"3 à nhầm 4", "4"},
         {"5 chu khong phai 1 nha", "5"},
         {"Lon roi khong phai 1 dau. 5 nha e, rat vui long", "5"},
         {"luc nay nhan nham 1, dung la 5", "5"}}
    );
}

TEST(ScoreReading, counts_inside_a_complaint_are_no_score) {
    expect_outcomes(
        {{"di 3 lan moi xong", "2"},
         {"cho 2 tieng", "2"},
         {"8h chua mo cua", "2"},
         {"2 di 3 lan", "2"},
         {"5. co o quay so 3 huong dan ky lam", "5"}}
    );
}

TEST(ScoreReading, words_of_the_scale_are_read_with_negation_and_degree) {
    expect_outcomes(
        {{"rất hài lòng", "5"},
         {"hai long", "4"},
         {"hong hai long nghen", "2"},
         {"hok hai long lam", "2"},
         {"rat 0 hai long", "1"},
         {"hoan toan khong hai long", "1"},
         {"không hài lòng chút nào", "1"},
         {"khong the hai long hon", "5"},
         {"khong co gi khong hai long", "4"},
         {"bt", "3"},
         {"tam tam z thoi", "3"},
         {"chưa hài lòng", "2"}}
    );
}

TEST(ScoreReading, a_number_that_contradicts_the_words_is_unclear) {
    expect_outcomes(
        {{"1 rat hai long", "unclear"}, {"5 rat khong hai long", "unclear"}, {"4 te qua", "unclear"}}
    );
}

TEST(ScoreReading, praise_is_4_and_5_when_intensified) {
    expect_outcomes(
        {{"tot", "4"},
         {"ok", "4"},
         {"👍", "4"},
         {"khong phan nan gi", "4"},
         {"rat tot", "5"},
         {"tuyệt vời", "5"},
         {"khong che vao dau duoc", "5"}}
    );
}

TEST(ScoreReading, complaint_is_2_and_1_when_intensified) {
    expect_outcomes(
        {{"te", "2"},
         {"ko tot", "2"},
         {"tre hen", "2"},
         {"qua te", "1"},
         {"không thể chấp nhận được", "1"},
         {"😡", "2"}}
    );
}

TEST(ScoreReading, thanks_assent_and_noise_are_unclear) {
    expect_outcomes(
        {{"cam on nha", "unclear"},
         {"da", "unclear"},
         {"hhjkk", "unclear"},
         {"?", "unclear"},
         {"", "unclear"},
         {"ok da nhan", "unclear"},
         {"hong biet danh gia sao", "unclear"}}
    );
}

TEST(ScoreReading, a_question_for_the_dossier_is_a_lookup) {
    expect_outcomes(
        {{"ho so xong chua", "lookup"},
         {"000.25.18.H09-181203-0012", "lookup"},
         {"bao h co giay khai sinh", "lookup"},
         {"Sổ đỏ của tôi chừng nào lấy được?", "lookup"}}
    );
}

TEST(ScoreReading, other_matters_go_to_a_person) {
    expect_outcomes(
        {{"nham so roi", "other"},
         {"Đường vô ấp 5 ngập hoài, bao giờ mới sửa", "other"},
         {"Thu 7 xa co lam viec khong em", "other"},
         {"ngung cap nuoc hoai", "other"}}
    );
}

TEST(ScoreReading, a_score_keeps_the_reasons_beside_it) {
    auto reading = shipped_reader().read_score("4. Hai long nhung ngoi cho hoi lau");
    EXPECT_EQ(outcome_of(reading), "4");
    EXPECT_EQ(joined(reading.reasons), "waiting");
}

TEST(ScoreReading, every_reading_names_its_rule_and_the_version_of_the_lexicon) {
    EXPECT_EQ(shipped_reader().read_score("hai long").rule, "scale.4: {sat}");
    EXPECT_TRUE(shipped_reader().version().starts_with("1-"));
}

TEST(ScoreReading, a_number_put_right_in_the_same_breath_is_the_score) {
    expect_outcomes(
        {{"5 nhe toi bam nham", "5"},
         {"Số 2 á lộn số 4", "4"},
         {"1 bam nham", "unclear"},
         {"5 phay 5", "unclear"},
         {"-5", "unclear"}}
    );
}

TEST(ScoreReading, a_matter_nobody_listed_goes_to_a_person_and_thanks_do_not) {
    expect_outcomes(
        {{"Toi o Thuan An, khong phai Hoi Nghia", "other"},
         {"Nha toi mat dien tu sang toi gio", "other"},
         {"Cảm ơn UBND xã", "unclear"},
         {"cam on", "unclear"},
         {"Cháu nó đi làm chưa về, tối tui kêu nó nhắn", "unclear"}}
    );
}

TEST(ScoreReading, a_question_for_the_dossier_is_a_lookup_whatever_it_is_about) {
    expect_outcomes(
        {{"co giay chua", "lookup"},
         {"cho hoi ho so toi khi nao co", "lookup"},
         {"hồ sơ vay vốn của tôi duyệt chưa", "lookup"},
         {"so hong chung nao lay duoc", "lookup"},
         {"len lay duoc chua", "lookup"}}
    );
}

}  // namespace
