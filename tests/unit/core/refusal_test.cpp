#include "gcstreamd/core/refusal.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

TEST(StatusInWords, IsFoundByNumberAndByWord) {
  EXPECT_EQ(status_in_words("HTTP 403"), 403);
  EXPECT_EQ(status_in_words("403"), 403);
  EXPECT_EQ(status_in_words("(401)"), 401);
  EXPECT_EQ(status_in_words("429: later"), 429);
  EXPECT_EQ(status_in_words("FORBIDDEN"), 403);
  EXPECT_EQ(status_in_words("you are Unauthorized here"), 401);
  EXPECT_EQ(status_in_words("too many requests"), 429);
}

TEST(StatusInWords, ANumberInsideALongerOneIsNone) {
  EXPECT_EQ(status_in_words("14030"), 0);
  EXPECT_EQ(status_in_words("4031 1403"), 0);
  EXPECT_EQ(status_in_words("4031 and 403"), 403);
  EXPECT_EQ(status_in_words(""), 0);
  EXPECT_EQ(status_in_words("500 broken"), 0);
}

TEST(StatusInWords, ANumberInATextAboutThePositionIsASequenceNumber) {
  EXPECT_EQ(status_in_words("sequenceNumber 403 is too old"), 0);
  EXPECT_EQ(status_in_words("stale position: 429"), 0);
  EXPECT_EQ(status_in_words("Forbidden to resume at position 401"), 403);
}

TEST(SpeaksOfPosition, InAnyLetters) {
  EXPECT_TRUE(speaks_of_position("unknown sequenceNumber"));
  EXPECT_TRUE(speaks_of_position("Stale"));
  EXPECT_TRUE(speaks_of_position("resume position"));
  EXPECT_TRUE(speaks_of_position("too old"));
  EXPECT_FALSE(speaks_of_position("403 no entitlement"));
  EXPECT_FALSE(speaks_of_position(""));
}

}  // namespace
}  // namespace gcstreamd
