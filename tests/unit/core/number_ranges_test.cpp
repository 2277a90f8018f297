#include "gcstreamd/core/number_ranges.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace gcstreamd {
namespace {

using testing::ElementsAre;

TEST(NumberRanges, AdjacentOnesAreJoined) {
  NumberRanges ranges;
  for (SequenceNumber number : {1U, 2U, 3U, 7U, 8U, 6U, 5U})
    EXPECT_EQ(ranges.add({number, number}), 0U);
  EXPECT_THAT(ranges.first(9), ElementsAre(Hole{1, 3}, Hole{5, 8}));
  EXPECT_EQ(ranges.add({4, 4}), 0U);
  EXPECT_THAT(ranges.first(9), ElementsAre(Hole{1, 8}));
  EXPECT_EQ(ranges.count(), 8U);
}

TEST(NumberRanges, TellsHowManyWereThereBefore) {
  NumberRanges ranges;
  ranges.add({10, 19});
  ranges.add({30, 39});
  EXPECT_EQ(ranges.add({15, 34}), 10U);
  EXPECT_EQ(ranges.add({10, 39}), 30U);
  EXPECT_EQ(ranges.count(), 30U);
  EXPECT_EQ(ranges.lowest(), 10U);
  EXPECT_EQ(ranges.highest(), 39U);
}

TEST(NumberRanges, AnInvertedRangeAddsNothing) {
  NumberRanges ranges;
  EXPECT_EQ(ranges.add({5, 4}), 0U);
  EXPECT_TRUE(ranges.empty());
}

TEST(NumberRanges, BeyondTheBoundNumbersAreOnlyCounted) {
  NumberRanges ranges(2);
  ranges.add({1, 1});
  ranges.add({3, 3});
  EXPECT_TRUE(ranges.exact());
  ranges.add({5, 6});
  EXPECT_FALSE(ranges.exact());
  EXPECT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges.count(), 4U);
  ranges.add({4, 4});
  EXPECT_THAT(ranges.first(9), ElementsAre(Hole{1, 1}, Hole{3, 4}));
}

TEST(NumberRanges, AgreesWithASetOfNumbers) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    NumberRanges ranges;
    std::set<SequenceNumber> numbers;
    for (int i = 0; i < 30; ++i) {
      const SequenceNumber from = 1 + random() % 60;
      const Hole hole{from, from + random() % 8};
      std::uint64_t before = 0;
      for (SequenceNumber number = hole.from; number <= hole.to; ++number)
        before += numbers.insert(number).second ? 0U : 1U;
      ASSERT_EQ(ranges.add(hole), before);
    }
    std::set<SequenceNumber> held;
    for (const Hole& range : ranges.first(100))
      for (SequenceNumber number = range.from; number <= range.to; ++number)
        ASSERT_TRUE(held.insert(number).second);
    ASSERT_EQ(held, numbers);
    ASSERT_EQ(ranges.count(), numbers.size());
  }
}

}  // namespace
}  // namespace gcstreamd
