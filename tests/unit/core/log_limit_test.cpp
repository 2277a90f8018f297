#include "gcstreamd/core/log_limit.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

using std::chrono::seconds;

class LogLimitTest : public ::testing::Test {
 protected:
  static SteadyTime at(int s) { return SteadyTime{} + seconds(1000 + s); }
  unsigned admitted(std::string_view kind, int times, SteadyTime now) {
    unsigned count = 0;
    for (int i = 0; i < times; ++i)
      count += limit_.admit(kind, now) ? 1U : 0U;
    return count;
  }

  LogLimit limit_;
};

TEST_F(LogLimitTest, SoManyOfAKindAreWrittenAndTheRestCounted) {
  EXPECT_EQ(admitted("invalid_event", 500, at(0)), LogLimit::kMost);
  EXPECT_TRUE(limit_.over(at(59)).empty());
  const auto left = limit_.over(at(60));
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].kind, "invalid_event");
  EXPECT_EQ(left[0].count, 500U - LogLimit::kMost);
  EXPECT_TRUE(limit_.over(at(61)).empty());
}

TEST_F(LogLimitTest, KindsDoNotTakeEachOthersPlace) {
  admitted("invalid_event", 500, at(0));
  EXPECT_TRUE(limit_.admit("events_lost", at(0)));
}

TEST_F(LogLimitTest, AfterItsMinuteAKindIsWrittenAgain) {
  admitted("connection_error", 20, at(0));
  limit_.over(at(60));
  EXPECT_EQ(admitted("connection_error", 20, at(60)), LogLimit::kMost);
}

TEST_F(LogLimitTest, WhatComesBeforeTheCountIsToldIsCountedWithIt) {
  admitted("connection_error", 20, at(0));
  EXPECT_FALSE(limit_.admit("connection_error", at(60)));
  EXPECT_EQ(limit_.over(at(60)).at(0).count, 21U - LogLimit::kMost);
}

TEST_F(LogLimitTest, WhatComesNowAndThenIsNeverLeftOut) {
  for (int minute = 0; minute < 100; ++minute)
    EXPECT_EQ(admitted("token_refreshed", 10, at(minute * 60)), 10U);
  EXPECT_TRUE(limit_.over(at(100 * 60)).empty());
}

TEST_F(LogLimitTest, TheLastMinuteIsToldAtTheEnd) {
  admitted("invalid_event", 12, at(0));
  const auto left = limit_.finish();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].count, 2U);
  EXPECT_TRUE(limit_.finish().empty());
}

}  // namespace
}  // namespace gcstreamd
