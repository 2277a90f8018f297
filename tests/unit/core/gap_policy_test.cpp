#include "gcstreamd/core/gap_policy.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {

void PrintTo(const Hole& hole, std::ostream* out) {
  *out << hole.from << ".." << hole.to;
}

namespace {

using namespace std::chrono_literals;

IntegrityConfig with(unsigned resumes_per_minute = 6, std::uint64_t threshold = 1) {
  IntegrityConfig config;
  config.max_resumes_per_minute = resumes_per_minute;
  config.gap_threshold = threshold;
  return config;
}

/// A decision in a few words: `new resume`, `new lost=not_filled filled=5..6`.
std::string told(const GapPolicy::Decision& decision) {
  std::string text = decision.newly_found ? "new " : "known ";
  text += decision.resume ? "resume" : "lost=" + std::string(decision.cause);
  if (decision.filled)
    text += " filled=" + std::to_string(decision.filled->from) + ".." +
            std::to_string(decision.filled->to);
  return text;
}

TEST(GapPolicy, AHoleLeadsToAResume) {
  GapPolicy policy(with());
  EXPECT_FALSE(policy.pending());
  EXPECT_EQ(told(policy.on_hole({5, 7}, at(0s))), "new resume");
  EXPECT_TRUE(policy.pending());
}

TEST(GapPolicy, AFilledHoleIsToldOnceItsLastNumberCame) {
  GapPolicy policy(with());
  policy.on_hole({5, 7}, at(0s));
  EXPECT_EQ(policy.on_delivered(5), std::nullopt);
  EXPECT_EQ(policy.on_delivered(6), std::nullopt);
  EXPECT_EQ(policy.on_delivered(7), (Hole{5, 7}));
  EXPECT_FALSE(policy.pending());
  EXPECT_EQ(policy.on_delivered(8), std::nullopt);
}

TEST(GapPolicy, WithoutAHoleNothingIsFilled) {
  GapPolicy policy(with());
  EXPECT_EQ(policy.on_delivered(1), std::nullopt);
}

TEST(GapPolicy, FromOnePositionAResumeIsAskedForOnce) {
  GapPolicy policy(with());
  policy.on_hole({5, 7}, at(0s));
  EXPECT_EQ(told(policy.on_hole({5, 7}, at(1s))), "known lost=not_filled");
  EXPECT_FALSE(policy.pending());
}

TEST(GapPolicy, APartFilledIsToldAndTheRestIsAskedForFromItsOwnPosition) {
  GapPolicy policy(with());
  policy.on_hole({5, 8}, at(0s));
  EXPECT_EQ(policy.on_delivered(5), std::nullopt);
  EXPECT_EQ(policy.on_delivered(6), std::nullopt);
  EXPECT_EQ(told(policy.on_hole({7, 8}, at(1s))), "known resume filled=5..6");
  EXPECT_EQ(told(policy.on_hole({7, 8}, at(2s))), "known lost=not_filled");
}

TEST(GapPolicy, AHoleThatGrewIsStillNotAskedForTwice) {
  GapPolicy policy(with());
  policy.on_hole({5, 7}, at(0s));
  EXPECT_EQ(told(policy.on_hole({5, 20}, at(1s))), "new lost=not_filled");
  EXPECT_FALSE(policy.pending());
}

TEST(GapPolicy, AHoleBehindAFilledPartIsNewAndAskedFor) {
  GapPolicy policy(with());
  policy.on_hole({5, 7}, at(0s));
  policy.on_delivered(5);
  EXPECT_EQ(told(policy.on_hole({6, 9}, at(1s))), "new resume filled=5..5");
  EXPECT_EQ(policy.on_delivered(9), (Hole{6, 9}));
}

TEST(GapPolicy, TheSmallerHoleAfterAResumeIsKnown) {
  GapPolicy policy(with());
  policy.on_hole({5, 9}, at(0s));
  EXPECT_EQ(told(policy.on_hole({5, 6}, at(1s))), "known lost=not_filled");
}

TEST(GapPolicy, TheBudgetHoldsForAnyMinute) {
  GapPolicy policy(with(2));
  EXPECT_TRUE(policy.on_hole({10, 10}, at(0s)).resume);
  EXPECT_TRUE(policy.on_hole({20, 20}, at(30s)).resume);
  EXPECT_EQ(told(policy.on_hole({30, 30}, at(59999ms))).substr(0, 22), "new lost=resume_budget");
  EXPECT_TRUE(policy.on_hole({40, 40}, at(60s)).resume);  // the first one is a minute ago
  EXPECT_FALSE(policy.on_hole({50, 50}, at(89999ms)).resume);
  EXPECT_TRUE(policy.on_hole({60, 60}, at(90s)).resume);
}

TEST(GapPolicy, TellsBeforehandWhetherAHoleWouldBeLost) {
  GapPolicy policy(with(1));
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(policy.would_lose({10, 10}, at(0s)));  // asking uses up nothing
  EXPECT_TRUE(policy.on_hole({10, 10}, at(0s)).resume);
  EXPECT_TRUE(policy.would_lose({10, 12}, at(1s)));
  EXPECT_TRUE(policy.would_lose({20, 20}, at(59s)));
  EXPECT_FALSE(policy.would_lose({20, 20}, at(60s)));
  EXPECT_TRUE(GapPolicy(with(6, 3)).would_lose({5, 6}, at(0s)));
}

TEST(GapPolicy, AHoleThatWasLostUsesUpNoBudget) {
  GapPolicy policy(with(1));
  policy.on_hole({10, 10}, at(0s));
  for (SequenceNumber n = 20; n < 30; n += 2)
    EXPECT_FALSE(policy.on_hole({n, n}, at(10s)).resume);
  EXPECT_TRUE(policy.on_hole({40, 40}, at(60s)).resume);
}

TEST(GapPolicy, WithoutABudgetEveryHoleIsLost) {
  GapPolicy policy(with(0));
  EXPECT_EQ(told(policy.on_hole({5, 5}, at(0s))), "new lost=resume_budget");
  EXPECT_EQ(told(policy.on_hole({7, 7}, at(24h))), "new lost=resume_budget");
}

TEST(GapPolicy, HolesUnderTheThresholdAreLost) {
  GapPolicy policy(with(6, 3));
  EXPECT_EQ(told(policy.on_hole({5, 6}, at(0s))), "new lost=below_threshold");
  EXPECT_EQ(told(policy.on_hole({8, 10}, at(0s))), "new resume");
}

TEST(GapPolicy, RecordModeNeverResumes) {
  IntegrityConfig config = with();
  config.on_gap = IntegrityConfig::OnGap::record;
  GapPolicy policy(config);
  EXPECT_EQ(told(policy.on_hole({5, 500}, at(0s))), "new lost=on_gap_record");
  EXPECT_FALSE(policy.pending());
  EXPECT_EQ(told(policy.on_hole({600, 600}, at(0s))), "new lost=on_gap_record");
}

TEST(GapPolicy, ANewEpochForgetsWhatWasMissing) {
  GapPolicy policy(with());
  policy.on_hole({5, 7}, at(0s));
  policy.forget();
  EXPECT_FALSE(policy.pending());
  EXPECT_EQ(policy.on_delivered(7), std::nullopt);
  EXPECT_EQ(told(policy.on_hole({5, 7}, at(1s))), "new resume");
}

TEST(Hole, CountsBothEnds) {
  EXPECT_EQ((Hole{5, 5}).count(), 1U);
  EXPECT_EQ((Hole{1, kMaxNumber}).count(), kMaxNumber);
}

}  // namespace
}  // namespace gcstreamd
