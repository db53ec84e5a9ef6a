#include <gtest/gtest.h>

#include "tests/survey/text/shipped_reader.hpp"

namespace {

struct Case {
    const char* reply;
    const char* reasons;
};

void expect_reasons(std::initializer_list<Case> cases) {
    for (const auto& [reply, reasons] : cases) {
        auto reading = shipped_reader().read_reason(reply);
        EXPECT_EQ(joined(reading.reasons), reasons) << reply << " by rule " << reading.rule;
    }
}

TEST(ReasonReading, each_reason_is_known_with_and_without_accents) {
    expect_reasons(
        {{"trễ hẹn", "late"},
         {"cho lau wa troi", "waiting"},
         {"thái độ hách dịch", "attitude"},
         {"huong dan ko ro", "guidance"},
         {"đi tới đi lui 6 lần", "trips"},
         {"thu tuc ruom ra", "paperwork"},
         {"lệ phí cao", "fees"},
         {"doi phong bi", "bribery"},
         {"ghi sai tên", "errors"},
         {"khong co ai o quay", "absence"},
         {"nong qua khong co quat", "facilities"},
         {"web khong vao duoc", "online"},
         {"goi khong ai nghe may", "no_response"},
         {"xét hộ nghèo không công bằng", "other"}}
    );
}

TEST(ReasonReading, a_denied_reason_is_none) {
    expect_reasons(
        {{"khong phai tre hen ma la thai do", "attitude"},
         {"ko bi tre, ko bi sai, chi la phong doi nong", "facilities"},
         {"Không ai đòi tiền bạc gì, nhưng giấy tờ nhiều quá", "paperwork"},
         {"Tôi không nói cán bộ nhũng nhiễu, tôi nói lệ phí không rõ ràng", "fees"},
         {"thủ tục không rườm rà, hẹn thì trễ", "late"}}
    );
}

// Reading all of it would not end here.
TEST(ReasonReading, of_a_reply_without_end_the_beginning_counts) {
    std::string endless = "tre hen. ";
    for (int i = 0; i < 2'000'000; ++i)
        endless += "tc+";
    EXPECT_EQ(joined(shipped_reader().read_reason(endless + " le phi cao").reasons), "late");
    EXPECT_EQ(joined(shipped_reader().read_score(endless + " le phi cao").reasons), "late");
}

TEST(ReasonReading, praise_beside_a_complaint_is_left_out) {
    expect_reasons(
        {{"Cán bộ dễ thương nhưng trả kết quả trễ cả tuần", "late"},
         {"phí đúng, cán bộ vui vẻ, chỉ là mạng lỗi", "online"}}
    );
}

TEST(ReasonReading, several_reasons_stand_in_the_order_of_the_catalogue) {
    expect_reasons(
        {{"Nóng, đợi lâu, nhân viên thì quạu", "waiting,attitude,facilities"},
         {"In nhầm địa chỉ mà còn bắt dân đóng phí làm lại", "fees,errors"}}
    );
}

TEST(ReasonReading, an_acquaintance_served_first_is_bribery_and_in_the_queue_also_waiting) {
    expect_reasons({{"co quen moi nhanh", "bribery"}, {"nguoi quen vo sau lam truoc", "waiting,bribery"}});
}

TEST(ReasonReading, accents_tell_late_from_young) {
    expect_reasons({{"cán bộ trễ", "late"}, {"cán bộ còn trẻ", ""}});
}

TEST(ReasonReading, anger_refusal_and_second_thoughts_are_no_reason) {
    expect_reasons(
        {{"buc xuc qua troi", ""},
         {"ko", ""},
         {"Tui bấm lộn á, tui hài lòng mà", ""},
         {"số 2", ""},
         {"khong co ly do gi", ""}}
    );
}

TEST(ReasonReading, an_opt_out_and_a_lookup_are_recognised_here_too) {
    EXPECT_EQ(outcome_of(shipped_reader().read_reason("TC")), "optout");
    EXPECT_EQ(outcome_of(shipped_reader().read_reason("dung nhan tin nua")), "optout");
    EXPECT_EQ(outcome_of(shipped_reader().read_reason("vay chung nao toi lay duoc so")), "lookup");
}

TEST(ReasonReading, words_without_accents_do_not_stand_for_rarer_ones) {
    expect_reasons(
        {{"toi la nguoi gia", ""},        // là, not la
         {"cho toi hoi", ""},             // cho tôi, not chờ tới
         {"cam on", ""},                  // cảm ơn, not câm, ồn
         {"len lay duoc chua", ""},       // a question
         {"co giay chua", ""},            // có, not cò
         {"bi can bo quat", "attitude"},  // quát
         {"khong ai nghe", "no_response"}}
    );
}

TEST(ReasonReading, a_place_before_a_denial_is_no_denial) {
    expect_reasons({{"hỏi ở đâu cũng không ai trả lời", "no_response"}, {"trễ thì không trễ", ""}});
}

}  // namespace
