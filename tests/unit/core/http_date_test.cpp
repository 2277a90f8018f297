#include "gcstreamd/core/http_date.hpp"

#include <gmock/gmock.h>

#include "gcstreamd/core/time_format.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

std::string read(std::string_view text, WallTime now = wall()) {
  const auto time = parse_http_date(text, now);
  return time ? format_time(*time).substr(0, 19) : "none";
}

TEST(HttpDate, HasThreeForms) {
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:49:37 GMT"), "1994-11-06T08:49:37");
  EXPECT_EQ(read("Sunday, 06-Nov-94 08:49:37 GMT"), "1994-11-06T08:49:37");
  EXPECT_EQ(read("Sun Nov  6 08:49:37 1994"), "1994-11-06T08:49:37");
  EXPECT_EQ(read("Wed Nov 16 08:49:37 1994"), "1994-11-16T08:49:37");
}

TEST(HttpDate, ReadsEveryMonthAndTheEndsOfADay) {
  EXPECT_EQ(read("Thu, 29 Feb 2024 00:00:00 GMT"), "2024-02-29T00:00:00");
  EXPECT_EQ(read("Sat, 01 May 2027 23:59:59 GMT"), "2027-05-01T23:59:59");
  EXPECT_EQ(read("Sat, 31 Dec 2016 23:59:60 GMT"), "2017-01-01T00:00:00");
  for (const char* month :
       {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})
    EXPECT_NE(read(std::string("Mon, 01 ") + month + " 2026 00:00:00 GMT"), "none") << month;
}

TEST(HttpDate, TwoDigitsOfAYearAreOfThisCenturyUpToFiftyYearsAhead) {
  EXPECT_EQ(read("Sunday, 06-Nov-30 08:49:37 GMT"), "2030-11-06T08:49:37");
  EXPECT_EQ(read("Sunday, 06-Nov-76 08:49:37 GMT"), "2076-11-06T08:49:37");
  EXPECT_EQ(read("Sunday, 06-Nov-77 08:49:37 GMT"), "1977-11-06T08:49:37");
}

class NotAnHttpDate : public testing::TestWithParam<std::string_view> {};

TEST_P(NotAnHttpDate, IsEmpty) {
  EXPECT_EQ(read(GetParam()), "none");
}

INSTANTIATE_TEST_SUITE_P(
    Texts, NotAnHttpDate,
    testing::Values("", "now", "1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                    "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
                    "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
                    "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
                    "Sun, 30 Feb 2025 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
                    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
                    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
                    "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
                    "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
                    "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 08:49:37", "Sun, 06 Nov"));

}  // namespace
}  // namespace gcstreamd
