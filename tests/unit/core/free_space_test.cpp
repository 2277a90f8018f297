#include "gcstreamd/core/free_space.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Level = FreeSpaceWatch::Level;

/// A file system of 1000 blocks that is looked at once a minute.
class FreeSpace : public testing::Test {
 protected:
  static constexpr std::uint64_t kBlock = 1U << 20U;

  std::optional<FreeSpaceWatch::News> on(std::uint64_t per_mille) {
    minutes_ += 1min;
    return watch_.on({per_mille * kBlock, 1000 * kBlock}, at(minutes_));
  }
  std::optional<Level> told(std::uint64_t per_mille) {
    const auto news = on(per_mille);
    return news ? std::optional(news->level) : std::nullopt;
  }

  FreeSpaceWatch watch_;
  std::chrono::minutes minutes_{0};
};

TEST_F(FreeSpace, EnoughIsNoNews) {
  EXPECT_EQ(told(1000), std::nullopt);
  EXPECT_EQ(told(100), std::nullopt);
}

TEST_F(FreeSpace, EachLevelIsToldOnce) {
  EXPECT_EQ(told(99), Level::low);
  EXPECT_EQ(told(98), std::nullopt);
  EXPECT_EQ(told(30), std::nullopt);
  EXPECT_EQ(told(29), Level::critical);
  EXPECT_EQ(told(0), std::nullopt);
}

TEST_F(FreeSpace, WhatIsNearlyFullAtOnceIsToldAsThatAlone) {
  EXPECT_EQ(told(10), Level::critical);
  EXPECT_EQ(told(35), std::nullopt);
}

TEST_F(FreeSpace, ALittleUpAndDownIsNotToldAgain) {
  EXPECT_EQ(told(99), Level::low);
  EXPECT_EQ(told(120), std::nullopt);
  EXPECT_EQ(told(99), std::nullopt);
  EXPECT_EQ(told(29), Level::critical);
  EXPECT_EQ(told(40), std::nullopt);
  EXPECT_EQ(told(29), std::nullopt);
}

TEST_F(FreeSpace, AfterARiseItIsToldAgain) {
  EXPECT_EQ(told(99), Level::low);
  EXPECT_EQ(told(121), Level::fine);
  EXPECT_EQ(told(99), Level::low);
  EXPECT_EQ(told(29), Level::critical);
  EXPECT_EQ(told(41), std::nullopt);
  EXPECT_EQ(watch_.level(), Level::low);
  EXPECT_EQ(told(29), Level::critical);
  EXPECT_EQ(told(900), Level::fine);
}

TEST_F(FreeSpace, WhatHasNoSizeIsNotJudged) {
  EXPECT_EQ(watch_.on({0, 0}, at(0s)), std::nullopt);
  EXPECT_EQ(watch_.level(), Level::fine);
}

TEST_F(FreeSpace, ASteadyFallTellsWhenItIsFull) {
  on(500);
  EXPECT_EQ(watch_.until_full(), std::nullopt);
  on(490);
  EXPECT_EQ(watch_.until_full(), 49min);
  for (std::uint64_t free = 480; free >= 100; free -= 10)
    on(free);
  const auto news = on(90);
  ASSERT_TRUE(news);
  ASSERT_TRUE(news->until_full);
  EXPECT_NEAR(static_cast<double>(news->until_full->count()), 540, 2);
}

TEST_F(FreeSpace, WhatDoesNotFallIsNeverFull) {
  on(500);
  on(500);
  EXPECT_EQ(watch_.until_full(), std::nullopt);
  on(510);
  EXPECT_EQ(watch_.until_full(), std::nullopt);
}

TEST_F(FreeSpace, OneBurstIsSmoothed) {
  for (int i = 0; i < 60; ++i)
    on(500);
  on(440);
  const auto left = watch_.until_full();
  ASSERT_TRUE(left);
  EXPECT_GT(*left, 60min);  // at the rate of that minute alone: 7 minutes
}

TEST_F(FreeSpace, AFallThatTakesYearsIsNone) {
  on(500);
  minutes_ += 24h * 365;
  on(499);
  EXPECT_EQ(watch_.until_full(), std::nullopt);
}

TEST_F(FreeSpace, ALookAtTheSameMomentHasNoRate) {
  watch_.on({500, 1000}, at(0s));
  watch_.on({400, 1000}, at(0s));
  EXPECT_EQ(watch_.until_full(), std::nullopt);
  watch_.on({390, 1000}, at(1s));
  EXPECT_EQ(watch_.until_full(), 39s);
}

TEST_F(FreeSpace, TheWordsSayWhereHowMuchAndWhatToDo) {
  on(109);
  const auto low = on(99);
  ASSERT_TRUE(low);
  EXPECT_EQ(describe(*low, "/var/log/e"),
            "/var/log/e: 9.9 % free (99.0 MiB of 1000.0 MiB), full in about 9 min");
  EXPECT_THAT(std::string(hint(*low)), HasSubstr("rotate.keep"));
  const auto critical = on(9);
  ASSERT_TRUE(critical);
  EXPECT_THAT(std::string(hint(*critical)), HasSubstr("now"));
  const auto fine = on(500);
  ASSERT_TRUE(fine);
  EXPECT_EQ(describe(*fine, "/x"), "/x: 50.0 % free (500.0 MiB of 1000.0 MiB)");
  EXPECT_EQ(hint(*fine), "");
}

TEST(FreeSpaceWords, TimesAndSizesAreThoseThatPeopleUse) {
  FreeSpaceWatch::News news{Level::low, {0, 5ULL << 40U}, 90s};
  EXPECT_EQ(describe(news, "/x"), "/x: 0.0 % free (0.0 KiB of 5.0 TiB), full in about 90 s");
  news.until_full = 5h;
  EXPECT_THAT(describe(news, "/x"), HasSubstr("about 5 h"));
  news.until_full = 24h * 9;
  EXPECT_THAT(describe(news, "/x"), HasSubstr("about 9 days"));
}

}  // namespace
}  // namespace gcstreamd
