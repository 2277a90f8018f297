#include "gcstreamd/core/latency_histogram.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogramTest, TheBoundsGrow) {
  EXPECT_TRUE(std::is_sorted(LatencyHistogram::kBounds.begin(), LatencyHistogram::kBounds.end()));
}

TEST(LatencyHistogramTest, ABoundBelongsToTheBucketThatItEnds) {
  LatencyHistogram histogram;
  histogram.observe(5ms);
  histogram.observe(5001us);
  EXPECT_EQ(histogram.buckets()[0], 1U);
  EXPECT_EQ(histogram.buckets()[1], 1U);
}

TEST(LatencyHistogramTest, WhatIsLongerThanAllBoundsIsCountedToo) {
  LatencyHistogram histogram;
  histogram.observe(24h);
  EXPECT_EQ(histogram.buckets().back(), 1U);
  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.sum(), 24h);
  EXPECT_EQ(histogram.quantile(0.5), 300s);
}

TEST(LatencyHistogramTest, AClockThatIsBehindMakesNoNegativeLatency) {
  LatencyHistogram histogram;
  histogram.observe(-3s);
  EXPECT_EQ(histogram.sum(), 0s);
  EXPECT_EQ(histogram.buckets()[0], 1U);
}

TEST(LatencyHistogramTest, AllBucketsTogetherAreTheCount) {
  LatencyHistogram histogram;
  for (int ms = 0; ms < 2000; ms += 7)
    histogram.observe(std::chrono::milliseconds(ms));
  const auto& buckets = histogram.buckets();
  EXPECT_EQ(std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0}), histogram.count());
}

TEST(LatencyHistogramTest, AQuantileIsInterpolatedWithinItsBucket) {
  LatencyHistogram histogram;
  EXPECT_FALSE(histogram.quantile(0.5));
  for (int i = 0; i < 10; ++i)
    histogram.observe(60ms);  // between 50 and 100
  EXPECT_EQ(histogram.quantile(0.5), 75ms);
  EXPECT_EQ(histogram.quantile(1), 100ms);
}

}  // namespace
}  // namespace gcstreamd
