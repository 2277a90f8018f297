#include "gcstreamd/core/time_format.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

TEST(FormatTime, IsUtcWithMicrosecondsAndZ) {
  EXPECT_EQ(format_time(wall()), "2026-11-23T18:44:55.000000Z");
  EXPECT_EQ(format_time(wall(123456us)), "2026-11-23T18:44:55.123456Z");
  EXPECT_EQ(format_time(wall(7us)), "2026-11-23T18:44:55.000007Z");
  EXPECT_EQ(format_time(WallTime{}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(WallTime{} - 1us), "1969-12-31T23:59:59.999999Z");
}

struct Case {
  std::string_view text;
  std::string_view utc;
};

class ParseTime : public testing::TestWithParam<Case> {};

TEST_P(ParseTime, Understands) {
  const auto time = parse_time(GetParam().text);
  ASSERT_TRUE(time) << GetParam().text;
  EXPECT_EQ(format_time(*time), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3339, ParseTime,
    testing::Values(Case{"2026-11-23T18:44:55Z", "2026-11-23T18:44:55.000000Z"},
                    Case{"2026-11-23T18:44:55.1Z", "2026-11-23T18:44:55.100000Z"},
                    Case{"2026-11-23T18:44:55.123Z", "2026-11-23T18:44:55.123000Z"},
                    Case{"2026-11-23T18:44:55.123456Z", "2026-11-23T18:44:55.123456Z"},
                    Case{"2026-11-23T18:44:55.1234569999999999999999Z",
                         "2026-11-23T18:44:55.123456Z"},
                    Case{"2026-11-23t18:44:55z", "2026-11-23T18:44:55.000000Z"},
                    Case{"2026-11-23 18:44:55Z", "2026-11-23T18:44:55.000000Z"},
                    Case{"2026-11-23T18:44:55+00:00", "2026-11-23T18:44:55.000000Z"},
                    Case{"2026-11-23T18:44:55-00:00", "2026-11-23T18:44:55.000000Z"},
                    Case{"2026-11-23T18:44:55+01:00", "2026-11-23T17:44:55.000000Z"},
                    Case{"2026-11-23T18:44:55-05:30", "2026-11-24T00:14:55.000000Z"},
                    Case{"2026-11-23T00:10:00+05:45", "2026-11-22T18:25:00.000000Z"},
                    Case{"2026-11-23T18:44:55+23:59", "2026-11-22T18:45:55.000000Z"},
                    Case{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"},
                    Case{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000000Z"},
                    Case{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"},
                    Case{"1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000000Z"},
                    Case{"1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870000Z"},
                    Case{"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
                    Case{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"}));

class NotATime : public testing::TestWithParam<std::string_view> {};

TEST_P(NotATime, IsEmpty) {
  EXPECT_FALSE(parse_time(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3339, NotATime,
    testing::Values("", "x", "2026", "2026-11-23", "2026-11-23T18:44", "2026-11-23T18:44:55",
                    "2026-11-23T18:44:55.Z", "2026-11-23T18:44:55,5Z", "2026-11-23T18:44:55ZZ",
                    "2026-11-23T18:44:55Z ", " 2026-11-23T18:44:55Z", "2026-11-23T18:44:55+0100",
                    "2026-11-23T18:44:55+01", "2026-11-23T18:44:55+1:00",
                    "2026-11-23T18:44:55+01:0", "2026-11-23T18:44:55+24:00",
                    "2026-11-23T18:44:55+00:60", "2026-11-23T18:44:55-99:99",
                    "2026-13-23T18:44:55Z", "2026-00-23T18:44:55Z", "2026-11-31T18:44:55Z",
                    "2026-11-00T18:44:55Z", "2026-02-29T18:44:55Z", "1900-02-29T18:44:55Z",
                    "2026-11-23T24:00:00Z", "2026-11-23T18:60:55Z", "2026-11-23T18:44:61Z",
                    "26-11-23T18:44:55Z", "2026-1-23T18:44:55Z", "+026-11-23T18:44:55Z",
                    "2026/11/23T18:44:55Z", "20261123T184455Z", "2026-11-23T18:44:55\xff",
                    "2026-11-23T18:44:5:Z", "1700000000"));

TEST(ParseTime, ReadsWhatFormatTimeWrites) {
  for (std::int64_t micros = 1; micros < std::int64_t{1} << 55; micros *= 3)
    EXPECT_EQ(parse_time(format_time(WallTime{} + std::chrono::microseconds(micros))),
              WallTime{} + std::chrono::microseconds(micros));
}

}  // namespace
}  // namespace gcstreamd
