#include "gcstreamd/core/coverage_days.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// So long after the start of 2026-11-23.
WallTime when(std::chrono::microseconds more) {
  return WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + more;
}

TEST(TimeWindowsTest, TouchingOnesAreJoined) {
  TimeWindows windows;
  windows.add({when(1h), when(2h)});
  windows.add({when(3h), when(4h)});
  windows.add({when(2h), when(3h)});
  windows.add({when(9h), when(8h)});
  EXPECT_EQ(windows.all().size(), 1U);
  EXPECT_EQ(windows.within({when(0h), when(24h)}), 3h);
  EXPECT_EQ(windows.within({when(90min), when(3h)}), 90min);
  EXPECT_EQ(windows.within({when(5h), when(6h)}), 0s);
}

TEST(TimeWindowsTest, BeyondTheBoundItSaysSo) {
  TimeWindows windows(1);
  windows.add({when(1h), when(2h)});
  EXPECT_TRUE(windows.exact());
  windows.add({when(3h), when(4h)});
  EXPECT_FALSE(windows.exact());
  EXPECT_EQ(windows.within({when(0h), when(24h)}), 1h);
}

TEST(TimeWindowsTest, AreWhatAListOfMinutesWouldBe) {
  std::mt19937 random(5);
  TimeWindows windows;
  std::vector<bool> minutes(300);
  for (int i = 0; i < 60; ++i) {
    const auto from = static_cast<unsigned>(random() % 290);
    const auto to = from + static_cast<unsigned>(random() % 10);
    windows.add({when(std::chrono::minutes(from)), when(std::chrono::minutes(to))});
    for (unsigned minute = from; minute < to; ++minute)
      minutes[minute] = true;
    const auto count = std::count(minutes.begin() + 50, minutes.begin() + 200, true);
    ASSERT_EQ(windows.within({when(50min), when(200min)}), std::chrono::minutes(count));
  }
}

TEST(CoverageDaysTest, EachDayIsLiveBackfilledOrMissing) {
  CoverageDays coverage;
  coverage.gap({when(23h), when(26h)});
  coverage.filled({when(23h), when(25h)});
  coverage.filled({when(2h), when(3h)});
  const auto days = coverage.days({when(6h), when(48h)});
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].day, std::chrono::sys_days{std::chrono::year{2026} / 11 / 23});
  EXPECT_EQ(days[0].live, 17h);
  EXPECT_EQ(days[0].backfilled, 1h);
  EXPECT_EQ(days[0].missing, 0h);
  EXPECT_EQ(days[1].live, 22h);
  EXPECT_EQ(days[1].backfilled, 1h);
  EXPECT_EQ(days[1].missing, 1h);
}

TEST(CoverageDaysTest, ALogWithoutGapsIsLive) {
  const CoverageDays coverage;
  EXPECT_FALSE(coverage.any());
  const auto days = coverage.days({when(0h), when(24h)});
  ASSERT_EQ(days.size(), 1U);
  EXPECT_EQ(days[0].live, 24h);
  EXPECT_THAT(coverage.days({when(1h), when(1h)}), IsEmpty());
}

TEST(CoverageDaysTest, AnEndlessLogIsBounded) {
  const CoverageDays coverage;
  EXPECT_EQ(coverage.days({WallTime{}, when(0h)}).size(), CoverageDays::kMostDays);
}

}  // namespace
}  // namespace gcstreamd
