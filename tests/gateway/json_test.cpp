#include "gateway/api/event_json.hpp"
#include "gateway/api/national_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace {

using namespace gateway::api;
using testing::ElementsAre;

const auto now = *config::parse_time("2018-01-20T09:00:00+07:00");

std::vector<std::string> pointers(const std::vector<notify::Remark>& remarks) {
    std::vector<std::string> result;
    for (const auto& remark : remarks)
        result.push_back(remark.pointer + " " + remark.code);
    return result;
}

TEST(EventJson, reads_every_field) {
    const auto event = event_from(boost::json::parse(
        R"({"event_id":"e1","dossier":"H09-1","status":6,"at":"2018-01-03T08:30:00+07:00",
        "commune":"25915","procedure":{"code":"1.001193","name":"Khai sinh","field":"Hộ tịch"},"applicant":{"name":"A","phone":"0912345678"},
        "submitted_by":"online","return_by":"post","received_at":"2018-01-03T08:00:00+07:00","due_at":"2018-01-05T16:30:00+07:00",
        "amount":1500000,"reason":"r","tracking_code":"T","new_due_at":"2018-01-09T16:30:00+07:00","unknown":null})"
    ));
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->status, notify::Status::payment_due);
    EXPECT_EQ(event->procedure->field, "Hộ tịch");
    EXPECT_EQ(event->submitted_by, notify::Channel::online);
    EXPECT_EQ(event->amount, "1.500.000");
    EXPECT_EQ(event->new_due_at, *config::parse_time("2018-01-09T16:30:00+07:00"));
}

TEST(EventJson, all_mistakes_come_at_once_with_their_pointers) {
    const auto event = event_from(boost::json::parse(
        R"({"dossier":"has space","status":"2","at":"soon","applicant":{"phone":12},"return_by":"bird"})"
    ));
    ASSERT_FALSE(event.has_value());
    EXPECT_THAT(
        pointers(event.error()),
        ElementsAre(
            "/event_id missing", "/at bad_time", "/status wrong_type", "/dossier bad_code",
            "/applicant/phone wrong_type", "/return_by unknown_value"
        )
    );
}

TEST(EventJson, what_is_no_object_is_refused) {
    EXPECT_FALSE(event_from(boost::json::parse("[1]")).has_value());
    EXPECT_FALSE(event_from(boost::json::parse("null")).has_value());
}

TEST(NationalJson, a_dossier_is_read_with_its_strings_and_dates) {
    const auto event = national_event_from(
        NationalService::sync_dossier,
        boost::json::parse(
            R"({"MaHoSo":"000.00.01.H09-190115-0001","MaTTHC":"1.001193","TenTTHC":"Đăng ký khai sinh",
        "ChuHoSo":"NGUYEN VAN A","SoDienThoai":"0900000000","NgayTiepNhan":"20180115083000","NgayHenTra":"2018-01-15 16:30:00",
        "NgayKetThucXuLy":"2018-01-15T10:00:00.000+07:00","TrangThaiHoSo":"9","HinhThuc":"1","DonViXuLy":"UBND phường Uyên Hưng"})"
        ),
        now
    );
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->status, notify::Status::finished);
    EXPECT_EQ(event->at, *config::parse_time("20180115100000"));
    EXPECT_EQ(event->submitted_by, notify::Channel::post);
    EXPECT_EQ(event->commune, "UBND phường Uyên Hưng");
}

TEST(NationalJson, an_empty_number_is_none_that_was_given) {
    const auto event = national_event_from(
        NationalService::sync_dossier,
        boost::json::parse(
            R"({"MaHoSo":"H-1","DonViXuLy":"25888","NgayTiepNhan":"20180115083000","TrangThaiHoSo":"2","SoDienThoai":""})"
        ),
        now
    );
    ASSERT_TRUE(event.has_value());
    EXPECT_FALSE(event->phone.has_value());
}

TEST(NationalJson, a_supplement_says_what_is_missing_and_the_new_date_counts_when_the_clock_runs_again) {
    const auto item = [](const char* status) {
        return boost::json::parse(
            std::string(
                R"({"MaHoSo":"H-1","DonViXuLy":"25888","NgayTiepNhan":"20180115083000","TrangThaiHoSo":")"
            ) +
            status +
            R"(","DanhSachHoSoBoSung":[{"NoiDungBoSung":"sổ hộ khẩu","NgayBoSung":"20180116090000","NgayHenTraMoi":"20180125163000"}]})"
        );
    };
    const auto stopped = national_event_from(NationalService::sync_dossier, item("5"), now);
    EXPECT_EQ(stopped->missing_papers, "sổ hộ khẩu");
    EXPECT_FALSE(stopped->new_due_at.has_value());
    EXPECT_EQ(stopped->at, *config::parse_time("20180116090000"));
    EXPECT_TRUE(national_event_from(NationalService::sync_dossier, item("4"), now)->new_due_at.has_value());
}

TEST(NationalJson, the_same_item_is_the_same_event) {
    const auto item =
        boost::json::parse(R"({"MaHoSo":"H-1","TrangThai":"4","ThoiDiemXuLy":"20180116090000"})");
    const auto id = national_event_from(NationalService::update_progress, item, now)->event_id;
    EXPECT_EQ(
        national_event_from(NationalService::update_progress, item, now + std::chrono::hours(1))->event_id, id
    );
}

TEST(NationalJson, unpaid_fees_are_summed) {
    const auto event = national_event_from(
        NationalService::sync_dossier,
        boost::json::parse(R"({"MaHoSo":"H-1","TrangThaiHoSo":6,"DonViXuLy":"25888",
        "DanhSachLePhi":[{"Gia":"8000","TrangThaiThanhToan":"0"},{"Gia":150000},{"Gia":"99","TrangThaiThanhToan":"1"}]})"
        ),
        now
    );
    EXPECT_EQ(event->amount, "158.000");
}

std::optional<std::string> amount_of(const std::string& fees) {
    return national_event_from(
               NationalService::sync_dossier,
               boost::json::parse(
                   R"({"MaHoSo":"H-1","TrangThaiHoSo":6,"DonViXuLy":"25888","DanhSachLePhi":[)" + fees + "]}"
               ),
               now
    )
        ->amount;
}

TEST(NationalJson, a_price_is_read_whole_or_not_at_all) {
    EXPECT_EQ(amount_of(R"({"Gia":150000.0})"), "150.000");
    EXPECT_EQ(amount_of(R"({"Gia":"1.500.000"})"), "1.500.000");
    EXPECT_EQ(amount_of(R"({"Gia":"8000"},{"Gia":"theo bieu"})"), std::nullopt);
    EXPECT_EQ(amount_of(R"({"Gia":"1.5"})"), std::nullopt);
    EXPECT_EQ(amount_of(R"({"Gia":9223372036854775807},{"Gia":9223372036854775807})"), std::nullopt);
}

TEST(NationalJson, an_appointment_that_a_supplement_moved_stays_moved) {
    for (const auto* const status : {"4", "9", "10"}) {
        const auto event = national_event_from(
            NationalService::sync_dossier,
            boost::json::parse(
                std::string(
                    R"({"MaHoSo":"H-1","DonViXuLy":"25888","NgayHenTra":"20180118163000","TrangThaiHoSo":")"
                ) +
                status + R"(","DanhSachHoSoBoSung":[{"NgayHenTraMoi":"20180125163000"}]})"
            ),
            now
        );
        EXPECT_EQ(event->due_at, *config::parse_time("20180125163000")) << status;
    }
}

TEST(NationalJson, mistakes_are_named_by_the_national_field) {
    const auto event = national_event_from(
        NationalService::sync_dossier, boost::json::parse(R"({"TrangThaiHoSo":"77","NgayTra":"bao gio"})"),
        now
    );
    ASSERT_FALSE(event.has_value());
    EXPECT_THAT(
        pointers(event.error()),
        testing::IsSupersetOf({"/MaHoSo missing", "/TrangThaiHoSo unknown_value", "/NgayTra bad_time"})
    );
}

}  // namespace
