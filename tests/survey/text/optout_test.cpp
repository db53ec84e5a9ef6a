#include <gtest/gtest.h>

#include "tests/survey/text/shipped_reader.hpp"

namespace {

TEST(OptOut, the_keyword_or_a_plain_wish_to_stop_is_honoured) {
    for (const auto* reply :
         {"TC", "tc nha", "t/c nhe", "Từ chối", "stop", "HUY", "dung nhan tin nua",
          "Đừng gửi tin cho tôi nữa", "khoi danh gia", "toi khong tham gia", "xin mien danh gia",
          "ngưng nhắn tin", "thoi khoi danh gia", "cho tui từ chối nghen, già rồi hông rành mấy cái này",
          "thoi mien nhe, khong danh gia gi het", "toi khong muon nhan tin tu so nay nua"}) {
        EXPECT_EQ(outcome_of(shipped_reader().read_score(reply)), "optout") << reply;
        EXPECT_EQ(outcome_of(shipped_reader().read_reason(reply)), "optout") << reply;
    }
}

TEST(OptOut, no_ordinary_sentence_with_its_words_silences_anyone) {
    for (const auto* reply :
         {"can bo tu choi nhan ho so",
          "dung hen",
          "đúng hẹn",
          "huy ho so giup toi",
          "dung lam mat thoi gian cua dan nua",
          "tu choi nhan ho so la sao",
          "ngung cap nuoc",
          "dung",
          "bi tu choi",
          "tc la gi",
          "TC?",
          "từ chối tiếp dân",
          "khong tra loi",
          "khong nhan duoc tin nhan",
          "khong nhan tin cho dan",
          "ho so bi tu choi",
          "dừng đèn đỏ",
          "khong tham gia bao hiem",
          "huy ket qua",
          "đừng để dân chờ nữa",
          "thoi",
          "khong",
          "xa tu choi",
          "ngung mang hoai",
          "khong duoc nhan tin bao",
          "dung goi dan len hoai nua",
          "tu choi cap so",
          "4 tu choi",
          "phien qua",
          "khong danh gia duoc vi chua xong",
          "đừng hách dịch nữa",
          "khoi noi cung biet",
          "dung nhan tien nua",
          "dung nhan phong bi nua",
          "đừng gửi hồ sơ qua huyện nữa",
          "khong ai tra loi gi ca",
          "không trả lời gì hết",
          "cho toi mien phi",
          "dung gui giay ve huyen nua",
          "bo so nay di toi cho so khac",
          "tc 5"}) {
        EXPECT_NE(outcome_of(shipped_reader().read_score(reply)), "optout") << reply;
        EXPECT_NE(outcome_of(shipped_reader().read_reason(reply)), "optout") << reply;
    }
}

TEST(OptOut, coming_back_is_understood) {
    EXPECT_EQ(outcome_of(shipped_reader().read_score("DK")), "optin");
    EXPECT_EQ(outcome_of(shipped_reader().read_score("dang ky lai")), "optin");
}

}  // namespace
