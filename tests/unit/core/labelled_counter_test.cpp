#include "gcstreamd/core/labelled_counter.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

std::uint64_t value_of(const LabelledCounter& counter, std::string_view label) {
  for (const auto& count : counter.counts())
    if (count.label == label)
      return count.value;
  ADD_FAILURE() << label << " is not there";
  return 0;
}

TEST(LabelledCounterTest, EachLabelHasItsOwnCount) {
  LabelledCounter counter;
  counter.add("a");
  counter.add("b");
  counter.add("a");
  EXPECT_EQ(value_of(counter, "a"), 2U);
  EXPECT_EQ(value_of(counter, "b"), 1U);
  EXPECT_EQ(counter.total(), 3U);
}

TEST(LabelledCounterTest, AnExpectedLabelIsThereWithNothing) {
  LabelledCounter counter;
  counter.expect("a");
  EXPECT_EQ(value_of(counter, "a"), 0U);
  counter.add("a");
  counter.expect("a");
  EXPECT_EQ(value_of(counter, "a"), 1U);
}

TEST(LabelledCounterTest, AServerThatInventsLabelsFillsNoMemory) {
  LabelledCounter counter;
  for (int i = 0; i < 1000; ++i)
    counter.add(fmt::format("label-{}", i));
  counter.add("label-0");
  EXPECT_EQ(counter.counts().size(), LabelledCounter::kMost);
  EXPECT_EQ(value_of(counter, "label-0"), 2U);
  EXPECT_EQ(value_of(counter, "other"), 1000 - LabelledCounter::kMost + 1);
  EXPECT_EQ(counter.total(), 1001U);
}

TEST(LabelledCounterTest, ALongLabelIsClippedAndCountedAsOne) {
  LabelledCounter counter;
  const std::string longest(1000, 'x');
  counter.add(longest);
  counter.add(longest);
  ASSERT_EQ(counter.counts().size(), 1U);
  EXPECT_EQ(counter.counts()[0].label.size(), LabelledCounter::kLongest);
  EXPECT_EQ(counter.counts()[0].value, 2U);
}

TEST(LabelledCounterTest, BytesThatAreNotUtf8AreReplaced) {
  LabelledCounter counter;
  counter.add("a\xff");
  EXPECT_EQ(counter.counts().at(0).label, "a?");
}

}  // namespace
}  // namespace gcstreamd
