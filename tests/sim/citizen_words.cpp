#include "tests/sim/citizen_words.hpp"

#include <array>
#include <cctype>
#include <utility>

#include "notify/sms/unaccent.hpp"

namespace sim {
namespace {

using Words = std::string_view;

constexpr std::array<Words, 13> very_satisfied{
    "rất hài lòng",
    "Rất tốt, cảm ơn",
    "tuyệt vời",
    "hài lòng lắm",
    "quá tốt luôn",
    "Tôi rất hài lòng",
    "rất hài lòng, cán bộ nhiệt tình",
    "5 sao, rất tốt",
    "năm",
    "số 5",
    "mức 5",
    "10 điểm rất hài lòng",
    "quá hài lòng"
};
constexpr std::array<Words, 13> satisfied{
    "hài lòng", "tốt",    "Tôi hài lòng",  "ok",     "hài lòng nhé",     "bốn",
    "số 4",     "4 điểm", "cũng hài lòng", "ok tốt", "hài lòng, cảm ơn", "cán bộ làm tốt",
    "hl"
};
constexpr std::array<Words, 8> neutral{"bình thường", "cũng bình thường", "tạm được", "bth", "ba",
                                       "số 3",        "bình thường thôi", "cũng được"};
constexpr std::array<Words, 9> dissatisfied{
    "không hài lòng",
    "chưa hài lòng",
    "không hài lòng lắm",
    "tôi chưa hài lòng",
    "không tốt",
    "số 2",
    "mức 2",
    "tệ",
    "không được hài lòng"
};
constexpr std::array<Words, 8> very_dissatisfied{
    "rất không hài lòng",    "quá tệ", "rất tệ",     "số 1 rất không hài lòng",
    "rất là không hài lòng", "mức 1",  "tệ quá sức", "quá kém"
};

constexpr std::array<Words, 12> late{
    "trễ hẹn cả tuần mới có",
    "hẹn 3 ngày mà 10 ngày mới xong",
    "trả kết quả trễ",
    "quá hạn trong giấy hẹn mà không xin lỗi",
    "sai hẹn hoài",
    "tới ngày hẹn lên vẫn chưa có",
    "hồ sơ trễ so với phiếu hẹn",
    "làm chậm hơn ngày hẹn",
    "hẹn rồi lại hẹn lại",
    "trễ hạn nhiều ngày",
    "tới hẹn chưa ký xong",
    "giao kết quả không đúng hẹn"
};
constexpr std::array<Words, 8> waiting{
    "chờ lâu quá",
    "ngồi đợi cả buổi sáng",
    "xếp hàng quá lâu",
    "đông mà có một người làm nên đợi lâu",
    "đợi 2 tiếng mới tới lượt",
    "bốc số rồi mà chờ hoài",
    "chờ đợi mất thời gian",
    "phải ngồi chờ rất lâu ở quầy"
};
constexpr std::array<Words, 9> attitude{
    "cán bộ khó chịu",    "thái độ không tốt",      "nhân viên hách dịch",
    "nói chuyện cộc lốc", "cô tiếp nhận cau có",    "quát dân",
    "thái độ thờ ơ",      "tiếp dân không niềm nở", "vừa làm vừa bấm điện thoại không ngó tới dân"
};
constexpr std::array<Words, 7> guidance{
    "hướng dẫn không rõ",           "mỗi lần nói một kiểu", "không hướng dẫn gì hết",
    "hướng dẫn không đầy đủ",       "hướng dẫn khó hiểu",   "người này chỉ vầy người kia chỉ khác",
    "không chỉ rõ cách ghi tờ khai"
};
constexpr std::array<Words, 7> trips{
    "đi lại nhiều lần",
    "phải lên xuống 4 lần",
    "chạy tới chạy lui hoài",
    "đi tới đi lui mấy lần mới xong",
    "bắt đi từ phường lên thị xã rồi về lại phường",
    "đi 3 lần mới nộp được",
    "mất công đi lại nhiều"
};
constexpr std::array<Words, 7> paperwork{
    "đòi thêm giấy tờ",
    "giấy tờ rườm rà",
    "thủ tục rắc rối quá",
    "bắt photo công chứng lại hết",
    "yêu cầu giấy tờ ngoài quy định",
    "nhiều giấy tờ không cần thiết",
    "bắt xin thêm giấy xác nhận"
};
constexpr std::array<Words, 6> fees{
    "thu phí cao",          "thu tiền không có biên lai", "phí không giống bảng niêm yết",
    "lệ phí không rõ ràng", "thu tiền photo mắc quá",     "không đưa biên lai thu tiền"
};
constexpr std::array<Words, 6> bribery{"phải có phong bì mới nhanh",  "gợi ý bồi dưỡng",
                                       "ai quen biết thì làm trước",  "nhũng nhiễu đòi tiền ngoài",
                                       "đưa thêm tiền thì xong liền", "có tiền lót tay mới làm"};
constexpr std::array<Words, 7> errors{"ghi sai tên con tôi",  "sai ngày sinh phải làm lại",
                                      "in sai số chứng minh", "làm mất giấy tờ của tôi",
                                      "kết quả sai chính tả", "sai số thửa đất",
                                      "ghi nhầm họ tên"};
constexpr std::array<Words, 6> absence{
    "tới giờ làm mà không có ai", "cán bộ đi vắng hoài", "3 giờ chiều đã nghỉ",
    "quầy không có người trực",   "mở cửa trễ",          "người ký đi họp không ai ký thay"
};
constexpr std::array<Words, 6> facilities{"nóng quá không có quạt", "thiếu ghế ngồi",  "không có chỗ để xe",
                                          "máy lấy số hư",          "phòng chật chội", "nhà vệ sinh dơ"};
constexpr std::array<Words, 5> online{
    "nộp qua mạng không được", "trang web lỗi hoài", "hệ thống báo lỗi không nộp được",
    "phần mềm hư phải chờ", "nộp trực tuyến mà vẫn bắt mang bản giấy vì mạng lỗi"
};
constexpr std::array<Words, 6> no_response{
    "gọi điện không ai nghe máy", "hỏi mà không trả lời",          "không báo cho dân biết hồ sơ tới đâu",
    "phản ánh không ai trả lời",  "điện thoại hoài không bắt máy", "không thông báo gì cho tôi"
};
constexpr std::array<Words, 4> other{
    "trụ sở xa quá", "thứ bảy không làm việc", "giá đền bù đất thấp", "quy định thay đổi hoài"
};

constexpr std::array<ReasonPhrases, 14> reasons{{
    {"late", late},
    {"waiting", waiting},
    {"attitude", attitude},
    {"guidance", guidance},
    {"trips", trips},
    {"paperwork", paperwork},
    {"fees", fees},
    {"bribery", bribery},
    {"errors", errors},
    {"absence", absence},
    {"facilities", facilities},
    {"online", online},
    {"no_response", no_response},
    {"other", other},
}};

constexpr std::array<Words, 8> nonsense{"alo",    "ai vậy",     "?",  "gọi lại cho tôi",
                                        "cảm ơn", "tin gì đây", "dạ", "gửi nhầm rồi"};
constexpr std::array<Words, 4> opt_outs{"TC", "tc", "từ chối", "tu choi"};
constexpr std::array<Words, 5> lookups{
    "hồ sơ tôi tới đâu rồi", "hồ sơ của tôi xong chưa", "ho so toi toi dau roi", "hs của tui tới đâu r",
    "cho hỏi hồ sơ tôi khi nào có"
};

constexpr std::array<std::pair<Words, Words>, 12> teencode{{
    {"không", "ko"},
    {"được", "dc"},
    {"rồi", "r"},
    {"người", "ng"},
    {"nhiều", "nhìu"},
    {"nhân viên", "nv"},
    {"hồ sơ", "hs"},
    {"cán bộ", "cb"},
    {"bình thường", "bth"},
    {"hài lòng", "hl"},
    {"quá", "wá"},
    {"hướng dẫn", "hd"},
}};

std::string in_teencode(std::string_view phrase) {
    std::string text(phrase);
    for (const auto& [standard, short_form] : teencode) {
        for (auto at = text.find(standard); at != std::string::npos;
             at = text.find(standard, at + short_form.size())) {
            text.replace(at, standard.size(), short_form);
        }
    }
    return text;
}

std::string in_capitals(std::string text) {
    for (auto& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

std::span<const std::string_view> score_phrases(int score) {
    switch (score) {
        case 1:
            return very_dissatisfied;
        case 2:
            return dissatisfied;
        case 3:
            return neutral;
        case 4:
            return satisfied;
        default:
            return very_satisfied;
    }
}

std::span<const ReasonPhrases> reason_phrases() {
    return reasons;
}

std::span<const std::string_view> nonsense_phrases() {
    return nonsense;
}

std::span<const std::string_view> opt_out_phrases() {
    return opt_outs;
}

std::span<const std::string_view> lookup_phrases() {
    return lookups;
}

std::string typed(std::string_view phrase, const Lot& lot, std::string_view citizen) {
    // How somebody types is a habit: it depends on the citizen alone.
    const auto habit = lot.share({"typing", citizen});
    if (habit < 0.34) return std::string(phrase);
    if (habit < 0.74) return notify::sms::unaccent(phrase);
    if (habit < 0.86) return in_teencode(phrase);
    if (habit < 0.95) return notify::sms::unaccent(in_teencode(phrase));
    return in_capitals(notify::sms::unaccent(phrase));
}

}  // namespace sim
