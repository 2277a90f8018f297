#include "gcstreamd/core/trend.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

class TrendTest : public testing::Test {
 protected:
  void tick(std::uint64_t delivered, std::chrono::milliseconds when) {
    trend_.on_tick(delivered, latency_, now_at(when));
  }

  Trend trend_;
  LatencyHistogram latency_;
};

TEST_F(TrendTest, AStepHasWhatTheCountersGrewBy) {
  tick(100, 0s);
  latency_.observe(10ms);
  latency_.observe(30ms);
  tick(600, 5s);
  ASSERT_EQ(trend_.points().size(), 1U);
  EXPECT_DOUBLE_EQ(trend_.points()[0].rate, 100);
  EXPECT_DOUBLE_EQ(trend_.points()[0].latency_ms.value(), 20);
  EXPECT_EQ(trend_.end(), wall(5s));
}

TEST_F(TrendTest, TicksWithinAStepAddNothing) {
  for (int s = 0; s < 5; ++s)
    tick(1, std::chrono::seconds(s));
  EXPECT_TRUE(trend_.points().empty());
}

TEST_F(TrendTest, ATickThatIsALittleEarlyEndsTheStep) {
  tick(0, 0s);
  tick(49, 4900ms);
  ASSERT_EQ(trend_.points().size(), 1U);
  EXPECT_DOUBLE_EQ(trend_.points()[0].rate, 10);
}

TEST_F(TrendTest, ALateTickDividesByTheTimeThatWas) {
  tick(0, 0s);
  tick(100, 20s);
  EXPECT_DOUBLE_EQ(trend_.points().at(0).rate, 5);
}

TEST_F(TrendTest, WithoutEventsThereIsARateOfZeroAndNoLatency) {
  tick(7, 0s);
  tick(7, 5s);
  EXPECT_EQ(trend_.points().at(0).rate, 0);
  EXPECT_FALSE(trend_.points().at(0).latency_ms);
}

TEST_F(TrendTest, TheOldestIsForgotten) {
  for (std::size_t step = 0; step < Trend::kMost + 10; ++step)
    tick(step * step, std::chrono::seconds(5 * step));
  ASSERT_EQ(trend_.points().size(), Trend::kMost);
  const double newest = 2 * static_cast<double>(Trend::kMost + 9) - 1;
  EXPECT_DOUBLE_EQ(trend_.points().back().rate, newest / 5);
}

}  // namespace
}  // namespace gcstreamd
