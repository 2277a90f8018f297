#include "gcstreamd/sinks/tail_reader.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gcstreamd {
namespace {

/// Lines that hold no numbers; `forgotten` ones are not known any more.
class CountedTailReaderTest : public testing::Test {
 protected:
  static std::optional<SequenceNumber> number_of(std::string_view line) {
    static const std::map<std::string_view, SequenceNumber> known{
        {"five", 5}, {"six", 6}, {"nine", 9}, {"forgotten", kNoNumber}};
    const auto found = known.find(line);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }
};

TEST_F(CountedTailReaderTest, KnownLinesHaveTheirNumbers) {
  CountedTailReader reader(4, /*counts=*/true, number_of);
  EXPECT_EQ(reader.read("five").number, 5U);
  EXPECT_EQ(reader.read("nine").number, 9U);
  EXPECT_EQ(reader.read("forgotten").number, 10U);
}

TEST_F(CountedTailReaderTest, WhereTheFilePassedEventsOverAForgottenLineHasNone) {
  CountedTailReader reader(4, /*counts=*/false, number_of);
  EXPECT_EQ(reader.read("forgotten").number, kNoNumber);
  EXPECT_EQ(reader.read("six").number, 6U);
}

TEST_F(CountedTailReaderTest, BehindAJumpNothingIsCounted) {
  CountedTailReader reader(4, /*counts=*/true, number_of);
  reader.jump();
  EXPECT_EQ(reader.read("forgotten").number, kNoNumber);
  EXPECT_EQ(reader.read("five").number, 5U);
  EXPECT_EQ(reader.read("forgotten").number, 6U);
}

TEST_F(CountedTailReaderTest, AStrangeLineIsAFault) {
  CountedTailReader reader(4, /*counts=*/true, number_of);
  EXPECT_NE(reader.read("strange").fault, "");
}

}  // namespace
}  // namespace gcstreamd
