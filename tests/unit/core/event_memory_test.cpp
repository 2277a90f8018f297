#include "gcstreamd/core/event_memory.hpp"

#include <gmock/gmock.h>

#include <set>

namespace gcstreamd {
namespace {

DurableHash event(std::uint64_t n) {
  return {n, n * 7};
}

TEST(EventIdentityTest, EachPartTellsEventsApart) {
  const std::set<DurableHash> hashes{
      hash_of({"t.a", 5, "p", "s", "{}"}), hash_of({"t.b", 5, "p", "s", "{}"}),
      hash_of({"t.a", 6, "p", "s", "{}"}), hash_of({"t.a", 5, "q", "s", "{}"}),
      hash_of({"t.a", 5, "p", "t", "{}"}), hash_of({"t.a", 5, "p", "s", "[]"})};
  EXPECT_EQ(hashes.size(), 6U);
  EXPECT_EQ(hash_of({"t.a", 5, "p", "s", "{}"}), hash_of({"t.a", 5, "p", "s", "{}"}));
}

TEST(EventIdentityTest, PartsDoNotRunIntoEachOther) {
  EXPECT_NE(hash_of({"t", 5, "ab", "c", ""}), hash_of({"t", 5, "a", "bc", ""}));
}

TEST(EventMemoryTest, KnowsWhatWasDeliveredUnderWhichNumber) {
  EventMemory memory;
  EXPECT_FALSE(memory.find(event(1)));
  memory.remember(event(1), 41);
  EXPECT_EQ(memory.find(event(1)), 41U);
}

TEST(EventMemoryTest, TheOldestIsForgottenBeyondTheBound) {
  EventMemory memory(3);
  for (std::uint64_t n = 1; n <= 4; ++n)
    memory.remember(event(n), n);
  EXPECT_EQ(memory.size(), 3U);
  EXPECT_FALSE(memory.find(event(1)));
  EXPECT_EQ(memory.find(event(2)), 2U);
}

TEST(EventMemoryTest, OneThatIsKnownKeepsItsNumber) {
  EventMemory memory(2);
  memory.remember(event(1), 1);
  memory.remember(event(1), 9);
  EXPECT_EQ(memory.find(event(1)), 1U);
  EXPECT_EQ(memory.size(), 1U);
}

TEST(EventMemoryTest, SurvivesARestartByItsAddedLines) {
  EventMemory before;
  before.remember(event(1), 1);
  std::string file = before.take_new();
  before.remember(event(2), 2);
  file += before.take_new();
  EXPECT_EQ(before.take_new(), "");

  EventMemory after;
  EXPECT_EQ(after.load(file), 0U);
  EXPECT_EQ(after.find(event(1)), 1U);
  EXPECT_EQ(after.find(event(2)), 2U);
  EXPECT_EQ(after.take_new(), "");
  EXPECT_EQ(after.snapshot(), file);
}

TEST(EventMemoryTest, ATornLastLineAndForeignLinesArePassedOver) {
  EventMemory before;
  before.remember(event(1), 1);
  before.remember(event(2), 2);
  const std::string file = "# a comment\n" + before.take_new();
  for (std::size_t cut = 1; cut <= 34; ++cut) {
    EventMemory after;
    EXPECT_EQ(after.load(file.substr(0, file.size() - cut)), 2U) << cut;
    EXPECT_EQ(after.find(event(1)), 1U);
    EXPECT_FALSE(after.find(event(2)));
  }
}

TEST(EventMemoryTest, LinesOfNoNumberArePassedOver) {
  EventMemory memory;
  const std::string hash = event(1).text();
  EXPECT_EQ(memory.load(hash + " 0\n" + hash + " -1\n" + hash + " 9007199254740992\n" + hash +
                        " 1x\n" + hash + "1\n\n"),
            6U);
  EXPECT_EQ(memory.size(), 0U);
}

TEST(EventMemoryTest, AFileThatGrewAsksForASnapshot) {
  EventMemory memory(2);
  for (std::uint64_t n = 1; n <= 6; ++n) {
    EXPECT_FALSE(memory.wants_snapshot());
    memory.remember(event(n), n);
    memory.take_new();
  }
  EXPECT_TRUE(memory.wants_snapshot());
  EXPECT_EQ(memory.snapshot(), event(5).text() + " 5\n" + event(6).text() + " 6\n");
  EXPECT_FALSE(memory.wants_snapshot());
}

TEST(EventMemoryTest, MoreThanTheWindowBetweenTwoSavesIsBounded) {
  EventMemory memory(2);
  for (std::uint64_t n = 1; n <= 5; ++n)
    memory.remember(event(n), n);
  EXPECT_EQ(memory.take_new(), event(4).text() + " 4\n" + event(5).text() + " 5\n");
}

TEST(EventMemoryTest, WhatNoSinkHoldsIsNoDuplicate) {
  EventMemory memory;
  for (std::uint64_t n = 1; n <= 3; ++n)
    memory.remember(event(n), n);
  memory.forget_after(2);
  EXPECT_TRUE(memory.find(event(2)));
  EXPECT_FALSE(memory.find(event(3)));
  EXPECT_EQ(memory.size(), 2U);
}

TEST(EventMemoryTest, AWindowOfNoneRemembersNothing) {
  EventMemory memory(0);
  memory.remember(event(1), 1);
  EXPECT_FALSE(memory.find(event(1)));
}

}  // namespace
}  // namespace gcstreamd
