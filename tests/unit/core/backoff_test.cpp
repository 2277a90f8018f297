#include "gcstreamd/core/backoff.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr BackoffOptions kPlain{1000ms, 60000ms, Jitter::none};
constexpr BackoffOptions kJittered{1000ms, 60000ms, Jitter::equal};

TEST(Backoff, WithoutJitterDoublesUpToTheMaximum) {
  Backoff backoff(kPlain, 1);
  std::vector<milliseconds> delays;
  for (int i = 0; i < 9; ++i)
    delays.push_back(backoff.next());
  EXPECT_THAT(delays, testing::ElementsAre(1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 32000ms,
                                           60000ms, 60000ms, 60000ms));
}

TEST(Backoff, WithJitterStaysBetweenHalfAndAllForManySeeds) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Backoff backoff(kJittered, seed);
    Backoff full(kPlain, 0);
    for (int attempt = 1; attempt <= 12; ++attempt) {
      const auto most = full.next();
      const auto delay = backoff.next();
      ASSERT_GE(delay, most / 2) << "seed " << seed << ", attempt " << attempt;
      ASSERT_LE(delay, most) << "seed " << seed << ", attempt " << attempt;
    }
  }
}

TEST(Backoff, JitterReachesBothHalvesOfItsRange) {
  int low = 0;
  int high = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto delay = Backoff(kJittered, seed).next();
    low += delay < 750ms ? 1 : 0;
    high += delay >= 750ms ? 1 : 0;
  }
  EXPECT_GT(low, 50);
  EXPECT_GT(high, 50);
}

TEST(Backoff, TheSameSeedGivesTheSameDelays) {
  Backoff one(kJittered, 42);
  Backoff other(kJittered, 42);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(one.next(), other.next());
}

TEST(Backoff, AtAttemptOneHundredTheMaximumStillHolds) {
  Backoff backoff({1ms, 24h, Jitter::none}, 1);
  milliseconds last{0};
  for (int i = 0; i < 100; ++i)
    last = backoff.next();
  EXPECT_EQ(last, milliseconds(24h));
  EXPECT_EQ(backoff.attempts(), 100U);
}

TEST(Backoff, ABaseOverTheMaximumIsCutToIt) {
  Backoff backoff({5000ms, 2000ms, Jitter::none}, 1);
  EXPECT_EQ(backoff.next(), 2000ms);
  EXPECT_EQ(backoff.next(), 2000ms);
}

TEST(Backoff, OneMillisecondIsNeverJitteredToNothing) {
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    EXPECT_EQ(Backoff({1ms, 1ms, Jitter::equal}, seed).next(), 1ms);
}

TEST(Backoff, ResetBeginsAtTheBaseAgain) {
  Backoff backoff(kPlain, 1);
  EXPECT_EQ(backoff.attempts(), 0U);
  backoff.next();
  backoff.next();
  EXPECT_EQ(backoff.attempts(), 2U);
  backoff.reset();
  EXPECT_EQ(backoff.attempts(), 0U);
  EXPECT_EQ(backoff.next(), 1000ms);
}

TEST(Backoff, TheLongestDelayCountsNoAttempt) {
  Backoff backoff(kJittered, 1);
  EXPECT_EQ(backoff.longest(), 60000ms);
  EXPECT_EQ(backoff.attempts(), 0U);
}

}  // namespace
}  // namespace gcstreamd
