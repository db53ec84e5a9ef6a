#include "gateway/import/csv.hpp"
#include "gateway/import/dossier_rows.hpp"
#include "tests/support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace gateway::importing;
using testing::ElementsAre;

std::vector<std::vector<std::string>> rows_of(std::string_view content) {
    CsvReader reader(content);
    std::vector<std::vector<std::string>> rows;
    while (auto row = reader.next())
        rows.push_back(row->fields);
    return rows;
}

TEST(Csv, reads_quotes_doubled_quotes_and_line_breaks) {
    const auto rows = rows_of("a,b\r\n\"x, y\",\"say \"\"hi\"\"\n again\"\r\n");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_THAT(rows[1], ElementsAre("x, y", "say \"hi\"\n again"));
}

TEST(Csv, knows_semicolons_and_a_byte_order_mark) {
    EXPECT_THAT(rows_of("\xEF\xBB\xBFMã hồ sơ;Trạng thái\n1;2,5\n")[1], ElementsAre("1", "2,5"));
}

TEST(Csv, rows_know_their_line_and_empty_ones_are_skipped) {
    CsvReader reader("a,b\n\n,\n\"x\ny\",z\n1,2");
    EXPECT_EQ(reader.next()->line, 1);
    EXPECT_EQ(reader.next()->line, 4);
    EXPECT_EQ(reader.next()->line, 6);
    EXPECT_FALSE(reader.next().has_value());
}

TEST(Csv, a_quote_that_never_closes_is_told_with_its_line) {
    CsvReader reader("a\n\"b\nc\n");
    while (reader.next()) {
    }
    EXPECT_EQ(reader.unclosed_quote(), 2);
}

const std::vector<std::string> vietnamese{"Mã hồ sơ",       "Trạng thái",   "Đơn vị xử lý",
                                          "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả",
                                          "Số điện thoại",  "Hình thức trả"};

TEST(DossierRows, vietnamese_headers_and_values_are_understood) {
    const auto columns = Columns::find(vietnamese);
    ASSERT_TRUE(columns.has_value());
    const auto event = event_from_row(
        {"H09-1", "Đã trả kết quả", "Xã Hội Nghĩa", "03/01/2018 08:30", "05/01/2018", "04/01/2018 10:00",
         "0912345678", "Bưu điện"},
        *columns
    );
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->status, notify::Status::returned);
    EXPECT_EQ(event->return_by, notify::Channel::post);
    EXPECT_EQ(event->at, *config::parse_time("2018-01-04T10:00:00+07:00"));
}

TEST(DossierRows, the_same_row_is_the_same_event_and_a_changed_row_is_another) {
    const auto columns = *Columns::find(vietnamese);
    const std::vector<std::string> row{"H09-1", "2", "25915", "03/01/2018", "", "", "", ""};
    auto changed = row;
    changed[1] = "9";
    EXPECT_EQ(event_from_row(row, columns)->event_id, event_from_row(row, columns)->event_id);
    EXPECT_NE(event_from_row(row, columns)->event_id, event_from_row(changed, columns)->event_id);
}

TEST(DossierRows, what_a_file_has_no_column_for_stays_as_it_is) {
    testing_support::World world;
    world.accept(world.event(2));
    const auto columns = *Columns::find({"code", "status", "commune", "received_at", "procedure_name"});
    const auto code = world.event(2).dossier;
    auto event = event_from_row({code.str(), "9", "25915", "03/01/2018", "khai sinh"}, columns);
    ASSERT_TRUE(event.has_value());
    event->at = world.now;
    world.accept(*event);
    const auto dossier = *world.run(world.store().dossier(code));
    EXPECT_EQ(dossier.status, notify::Status::finished);
    EXPECT_EQ(dossier.phone->national(), "0912345678");
    EXPECT_EQ(dossier.procedure.code, "1.001193");
    EXPECT_EQ(world.messages().back().situation, "result_ready");
    EXPECT_TRUE(world.recount_agrees());
}

TEST(DossierRows, every_bad_cell_is_named_by_its_column) {
    const auto event = event_from_row({"", "12", "", "mai", "", "", "", "bay"}, *Columns::find(vietnamese));
    ASSERT_FALSE(event.has_value());
    std::vector<std::string> columns;
    for (const auto& error : event.error())
        columns.push_back(error.column);
    EXPECT_THAT(
        columns, ElementsAre("Mã hồ sơ", "Trạng thái", "Đơn vị xử lý", "Hình thức trả", "Ngày tiếp nhận")
    );
}

TEST(DossierRows, missing_and_doubled_columns_are_named) {
    const auto columns = Columns::find({"code", "Mã hồ sơ", "status"});
    ASSERT_FALSE(columns.has_value());
    EXPECT_THAT(
        columns.error(),
        ElementsAre(
            testing::HasSubstr("column 2 (Mã hồ sơ)"), testing::HasSubstr("no column commune"),
            testing::HasSubstr("no column received_at")
        )
    );
}

}  // namespace
