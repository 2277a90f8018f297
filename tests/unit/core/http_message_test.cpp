#include "gcstreamd/core/http_message.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

std::optional<std::chrono::seconds> wait_of(std::string_view value, std::string_view date = "") {
  return parse_retry_after(value, date, wall());
}

TEST(ParseRetryAfter, TakesSecondsUpToADay) {
  EXPECT_EQ(wait_of("0"), 0s);
  EXPECT_EQ(wait_of("1"), 1s);
  EXPECT_EQ(wait_of("120"), 120s);
  EXPECT_EQ(wait_of("86400"), 86400s);
  EXPECT_EQ(wait_of("86401"), 86400s);
  EXPECT_EQ(wait_of("9223372036854775807"), 86400s);
  EXPECT_EQ(wait_of("99999999999999999999"), 86400s);
}

TEST(ParseRetryAfter, ADateCountsFromTheGivenTime) {
  EXPECT_EQ(wait_of("Mon, 23 Nov 2026 18:46:00 GMT"), 65s);
  EXPECT_EQ(wait_of("Monday, 23-Nov-26 18:46:00 GMT"), 65s);
  EXPECT_EQ(wait_of("Mon Nov 23 18:46:00 2026"), 65s);
}

TEST(ParseRetryAfter, ADateCountsFromTheAnswersOwnDateWhereItHasOne) {
  constexpr auto kValue = "Mon, 23 Nov 2026 10:00:30 GMT";
  EXPECT_EQ(wait_of(kValue, "Mon, 23 Nov 2026 10:00:00 GMT"), 30s);
  EXPECT_EQ(wait_of(kValue, "Monday, 23-Nov-26 09:59:00 GMT"), 90s);
  EXPECT_EQ(wait_of("Mon, 23 Nov 2026 18:45:00 GMT", "some day"), 5s);
}

TEST(ParseRetryAfter, ATimeThatIsOverMeansAtOnceAndAFarOneADay) {
  EXPECT_EQ(wait_of("Fri, 31 Dec 1999 23:59:59 GMT"), 0s);
  EXPECT_EQ(wait_of("Tue, 24 Nov 2026 18:44:56 GMT"), 24h);
  EXPECT_EQ(wait_of("Fri, 31 Dec 9999 23:59:59 GMT"), 24h);
}

TEST(ParseRetryAfter, IsEmptyForAnythingElse) {
  for (std::string_view text : {"", " ", "-1", "+1", "1.5", "1s", " 1", "1 ", "0x10", "soon",
                                "Mon, 23 Nov 2026 18:46:00", "2026-11-23T18:46:00Z"})
    EXPECT_FALSE(wait_of(text)) << text;
}

TEST(StatusWords, NameARedirectsHostAndNothingElseOfIt) {
  EXPECT_EQ(status_words(503, ""), "HTTP 503");
  EXPECT_EQ(status_words(201, "https://a.example/"), "HTTP 201");
  EXPECT_EQ(status_words(301, ""), "HTTP 301");
  EXPECT_EQ(status_words(301, "/login?t=secret"), "HTTP 301, a redirect that is not followed");
  EXPECT_EQ(status_words(307, "https://a.example/x?t=secret"),
            "HTTP 307, a redirect to a.example that is not followed");
  EXPECT_EQ(status_words(307, "https://" + std::string(9000, 'a') + "/"),
            "HTTP 307, a redirect that is not followed");
}

}  // namespace
}  // namespace gcstreamd
