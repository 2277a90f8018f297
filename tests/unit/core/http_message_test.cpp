#include "gcstreamd/core/http_message.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

TEST(ParseRetryAfter, TakesSecondsUpToADay) {
  EXPECT_EQ(parse_retry_after("0"), 0s);
  EXPECT_EQ(parse_retry_after("1"), 1s);
  EXPECT_EQ(parse_retry_after("120"), 120s);
  EXPECT_EQ(parse_retry_after("86400"), 86400s);
}

TEST(ParseRetryAfter, IsEmptyForAnythingElse) {
  for (std::string_view text : {"", " ", "-1", "+1", "1.5", "1s", " 1", "1 ", "0x10", "86401",
                                "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "soon"})
    EXPECT_FALSE(parse_retry_after(text)) << text;
}

}  // namespace
}  // namespace gcstreamd
