#include "notify/sms/parts.hpp"

#include <gtest/gtest.h>

#include "tests/notify/fixture.hpp"

using notify::sms::Encoding;
using notify::sms::measure;
using notify::sms::Size;

namespace {

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

}  // namespace

TEST(Parts, agree_with_the_public_test_suites) {
    const auto vectors = fixture::load("sms/segment_vectors.json");
    for (const auto& vector : vectors.at("vectors").as_array()) {
        const auto size = measure(fixture::text(vector, "text"));
        EXPECT_EQ(to_string(size.encoding), fixture::text(vector, "encoding")) << vector.at("id");
        EXPECT_EQ(size.units, vector.at("units").as_int64()) << vector.at("id");
        EXPECT_EQ(size.parts, vector.at("parts").as_int64()) << vector.at("id");
    }
}

TEST(Parts, one_accent_makes_the_whole_text_ucs2) {
    EXPECT_EQ(measure("Ho so cua Ong/Ba"), (Size{Encoding::gsm7, 16, 1}));
    EXPECT_EQ(measure("Hồ so cua Ong/Ba"), (Size{Encoding::ucs2, 16, 1}));
}

TEST(Parts, an_escape_pair_is_never_split) {
    // 152 plain, then a pair that would sit on septets 153 and 154.
    EXPECT_EQ(measure(repeated("x", 152) + "€" + repeated("x", 151)), (Size{Encoding::gsm7, 305, 2}));
    EXPECT_EQ(measure(repeated("x", 152) + "€" + repeated("x", 152)), (Size{Encoding::gsm7, 306, 3}));
}

TEST(Parts, a_surrogate_pair_is_never_split) {
    EXPECT_EQ(measure(repeated("ế", 66) + "🚀" + repeated("ế", 65)), (Size{Encoding::ucs2, 133, 2}));
    EXPECT_EQ(measure(repeated("ế", 66) + "🚀" + repeated("ế", 66)), (Size{Encoding::ucs2, 134, 3}));
}

TEST(Parts, follow_the_limits_of_the_provider) {
    const notify::sms::PartLimits advertising{.gsm7_single = 122, .gsm7_multi = 134};
    EXPECT_EQ(measure(repeated("x", 122), advertising).parts, 1);
    EXPECT_EQ(measure(repeated("x", 135)).parts, 1);
    EXPECT_EQ(measure(repeated("x", 135), advertising).parts, 2);
}

TEST(Parts, bytes_that_are_not_utf8_are_counted_and_do_no_harm) {
    EXPECT_EQ(measure("\xff\xc3"), (Size{Encoding::ucs2, 2, 1}));
    EXPECT_EQ(measure("\xe1\xba").parts, 1);
}
