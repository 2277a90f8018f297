#include "gcstreamd/sinks/tail.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "helpers/fake_disk.hpp"

namespace gcstreamd {
namespace {

constexpr auto kPath = "/nowhere/log";
constexpr std::size_t kBlock = 262144;

std::string line(SequenceNumber number, std::string_view more = "") {
  return fmt::format(R"({{"eventType":"a","sequenceNumber":{}{}}})", number, more) + '\n';
}

std::string lines(SequenceNumber from, SequenceNumber to) {
  std::string text;
  for (; from <= to; ++from)
    text += line(from);
  return text;
}

class TailTest : public testing::Test {
 protected:
  SavedSink saved_at(std::uint64_t offset, SequenceNumber number) {
    return {"file", kPath, {1, disk_[kPath].inode, 1}, offset, 0, {1, number}, {}, {}};
  }
  bool run(const std::optional<SavedSink>& saved = std::nullopt) {
    reader_.emplace(saved ? saved->place.number : kNoNumber);
    tail_.emplace(disk_, *reader_, TailRecovery::Options{"TIME", trust_tail_, running_});
    const auto file = tail_->run(kPath, 0640, saved);
    error_ = file ? 0 : file.error().value();
    return file.has_value();
  }
  std::string torn() { return disk_["/nowhere/log.torn-TIME"].content; }
  std::string& content() { return disk_[kPath].content; }

  FakeDisk disk_;
  std::optional<EventTailReader> reader_;
  std::optional<TailRecovery> tail_;
  bool trust_tail_ = false;
  bool running_ = false;
  int error_ = 0;
};

TEST_F(TailTest, AnEmptyFileHoldsNothing) {
  ASSERT_TRUE(run());
  EXPECT_EQ(tail_->last, kNoNumber);
  EXPECT_TRUE(tail_->repairs.empty());
}

TEST_F(TailTest, WithoutASavedPlaceTheLastLineTells) {
  content() = "not read\n" + line(41) + line(42);
  ASSERT_TRUE(run());
  EXPECT_EQ(tail_->last, 42U);
}

TEST_F(TailTest, WithoutAPositionANumberIsLookedForFurtherBack) {
  const std::string record = R"({"ts":"x","stream":"s","type":"metrics"})"
                             "\n";
  for (int i = 0; i < 3; ++i)
    content() +=
        R"({"ts":"x","stream":"s","type":"event_received","eventType":"a","sequenceNumber":7)" +
        std::to_string(i) + "}\n";
  while (content().size() < 3 * kBlock)
    content() += record;
  AuditTailReader reader(/*chained=*/false, std::nullopt);
  for (const bool trusted : {false, true}) {
    TailRecovery tail(disk_, reader, {"TIME", trusted});
    ASSERT_TRUE(tail.run(kPath, 0640, std::nullopt));
    EXPECT_EQ(tail.last, trusted ? 72U : kNoNumber);
  }
}

TEST_F(TailTest, BehindTheSavedPlaceEveryLineIsRead) {
  content() = lines(1, 9);
  ASSERT_TRUE(run(saved_at(lines(1, 4).size(), 4)));
  EXPECT_EQ(tail_->first, 5U);
  EXPECT_EQ(tail_->last, 9U);
}

TEST_F(TailTest, WhereNothingFollowsTheSavedPlaceNothingIsFound) {
  content() = lines(1, 4);
  ASSERT_TRUE(run(saved_at(content().size(), 4)));
  EXPECT_EQ(tail_->last, kNoNumber);
}

struct TornCase {
  std::string name;
  std::string whole;
  std::string torn;
};

class TornEnd : public TailTest, public testing::WithParamInterface<TornCase> {};

TEST_P(TornEnd, IsMovedAwayWithAndWithoutASavedPlace) {
  for (const bool known : {false, true}) {
    disk_["/nowhere/log.torn-TIME"].content.clear();
    content() = GetParam().whole + GetParam().torn;
    ASSERT_TRUE(run(known ? std::optional(saved_at(0, 0)) : std::nullopt)) << tail_->damage;
    EXPECT_EQ(content(), GetParam().whole);
    EXPECT_EQ(torn(), GetParam().torn);
    ASSERT_EQ(tail_->repairs.size(), 1U);
    EXPECT_EQ(tail_->repairs[0].path, kPath);
    EXPECT_EQ(tail_->repairs[0].bytes, GetParam().torn.size());
    EXPECT_EQ(tail_->repairs[0].moved_to, "/nowhere/log.torn-TIME");
    ASSERT_TRUE(run(known ? std::optional(saved_at(0, 0)) : std::nullopt));
    EXPECT_TRUE(tail_->repairs.empty());
  }
}

std::string padded(SequenceNumber number, std::size_t size) {
  const std::size_t rest = line(number, R"(,"x":"")").size();
  return line(number, fmt::format(R"(,"x":"{}")", std::string(size - rest, 'x')));
}

INSTANTIATE_TEST_SUITE_P(
    Files, TornEnd,
    testing::Values(TornCase{"only", "", R"({"eventTy)"}, TornCase{"one_byte", line(1), "{"},
                    TornCase{"a_whole_text_without_its_end", line(1), R"({"eventType":"a"})"},
                    TornCase{"behind_two", lines(1, 2), R"({"eventType":"a)"},
                    TornCase{"nul_bytes", line(1), std::string(9, '\0')},
                    TornCase{"block_exactly", padded(1, kBlock), "torn"},
                    TornCase{"two_blocks", padded(1, kBlock) + padded(2, kBlock), "torn"},
                    TornCase{"one_over_a_block", line(1) + padded(2, kBlock), "torn"},
                    TornCase{"long", line(1), std::string(2 * kBlock + 5, 't')},
                    TornCase{"long_only", "", std::string(2 * kBlock, 't')}),
    [](const auto& one) { return one.param.name; });

TEST_F(TailTest, PagesThatWereNeverWrittenAreTornWithAllThatFollows) {
  const std::string hole = std::string(30, '\0') + "\n";
  content() = lines(1, 3) + hole + lines(7, 9);
  ASSERT_TRUE(run(saved_at(0, 0)));
  EXPECT_EQ(tail_->last, 3U);
  EXPECT_EQ(content(), lines(1, 3));
  EXPECT_EQ(torn(), hole + lines(7, 9));
}

struct DamageCase {
  std::string name;
  std::string bad;
  std::string told;
};

class Damage : public TailTest, public testing::WithParamInterface<DamageCase> {};

TEST_P(Damage, IsToldWithItsPlaceAndNothingIsChanged) {
  content() = lines(1, 3) + GetParam().bad + lines(5, 6);
  const std::string before = content();
  ASSERT_FALSE(run(saved_at(lines(1, 2).size(), 2)));
  EXPECT_EQ(error_, EBADMSG);
  EXPECT_EQ(content(), before);
  const auto at = lines(1, 3).size();
  EXPECT_THAT(tail_->damage,
              testing::HasSubstr(fmt::format("damaged at byte {}: {}", at, GetParam().told)));
  EXPECT_THAT(tail_->damage, testing::HasSubstr(fmt::format("truncate -s {} '{}'", at, kPath)));
}

INSTANTIATE_TEST_SUITE_P(
    Lines, Damage,
    testing::Values(DamageCase{"no_json", "{\"eventType\":\n", "not an event: "},
                    DamageCase{"empty", "\n", "not an event: "},
                    DamageCase{"no_event", "{}\n", "not an event: "},
                    DamageCase{"number_again", line(3), "event 3 stands behind event 3"},
                    DamageCase{"number_before", line(1), "event 1 stands behind event 3"}),
    [](const auto& one) { return one.param.name; });

TEST_F(TailTest, DamageBeforeTheSavedPlaceIsNotLookedFor) {
  content() = "bad\n" + line(2);
  EXPECT_TRUE(run(saved_at(4, 1)));
  EXPECT_EQ(tail_->last, 2U);
}

TEST_F(TailTest, AFileThatIsShorterThanWasSavedTellsWhatIsGone) {
  content() = lines(1, 3);
  ASSERT_TRUE(run(saved_at(content().size() + 17, 9)));
  ASSERT_TRUE(tail_->cut);
  EXPECT_EQ(tail_->cut->bytes, 17U);
  EXPECT_EQ(tail_->cut->from, 4U);
  EXPECT_EQ(tail_->cut->to, 9U);
  EXPECT_EQ(tail_->last, kNoNumber);
}

TEST_F(TailTest, WhatWasCutOffWithinALineIsFoundBeforeIt) {
  content() = lines(1, 3);
  const SavedSink saved = saved_at(content().size(), 3);
  content().resize(content().size() - 2);
  ASSERT_TRUE(run(saved));
  ASSERT_TRUE(tail_->cut);
  EXPECT_EQ(tail_->cut->from, 3U);
  EXPECT_EQ(tail_->cut->to, 3U);
  EXPECT_EQ(content(), lines(1, 2));
}

TEST_F(TailTest, OfAnEmptiedFileNobodyKnowsWhereTheLossBegan) {
  ASSERT_TRUE(run(saved_at(100, 9)));
  ASSERT_TRUE(tail_->cut);
  EXPECT_EQ(tail_->cut->from, kNoNumber);
  EXPECT_EQ(tail_->cut->to, 9U);
}

TEST_F(TailTest, OfAFileCutBeforeItsEpochTheNumbersThereTellNothing) {
  content() = lines(1, 3);
  SavedSink saved = saved_at(content().size() + 20, 9);
  saved.epoch_offset = content().size() + 10;
  ASSERT_TRUE(run(saved));
  ASSERT_TRUE(tail_->cut);
  EXPECT_EQ(tail_->cut->from, kNoNumber);
}

TEST_F(TailTest, AFileThatIsCutWhereNothingOfTheEpochStoodLacksNothing) {
  content() = lines(1, 3);
  SavedSink saved = saved_at(content().size() + 20, 9);
  saved.epoch_offset = saved.offset;
  ASSERT_TRUE(run(saved));
  EXPECT_FALSE(tail_->cut);
}

TEST_F(TailTest, AMovedFileThatIsCutTellsWhatIsGone) {
  content() = lines(1, 3);
  const SavedSink saved = saved_at(content().size() + 17, 9);
  disk_.put_back("/nowhere/log.1", disk_.take_away(kPath));
  ASSERT_TRUE(run(saved));
  ASSERT_TRUE(tail_->cut);
  EXPECT_EQ(tail_->cut->from, 4U);
}

TEST_F(TailTest, AFileThatNeverOpenedIsNobodysContinuation) {
  SavedSink saved = saved_at(0, 4);
  saved.file = {};
  content() = lines(3, 7);
  ASSERT_TRUE(run(saved));
  EXPECT_EQ(tail_->last, kNoNumber);
}

TEST_F(TailTest, WhileTheLoopRunsTheMovedFileIsLeftToBeSyncedLater) {
  content() = lines(1, 5);
  const SavedSink saved = saved_at(lines(1, 3).size(), 3);
  disk_.put_back("/nowhere/log.1", disk_.take_away(kPath));
  running_ = true;
  ASSERT_TRUE(run(saved));
  EXPECT_EQ(tail_->unsynced.size(), 1U);
  EXPECT_EQ(disk_["/nowhere/log.1"].syncs, 0);
}

TEST_F(TailTest, AFileWhoseSavedPlaceIsWithinALineTellsNoNumber) {
  content() = lines(1, 3);
  ASSERT_TRUE(run(saved_at(5, 1)));
  EXPECT_EQ(tail_->last, kNoNumber);
}

TEST_F(TailTest, AFileThatWasMovedAwayIsReadWhereItIsNow) {
  content() = lines(1, 5) + "{torn";
  const SavedSink saved = saved_at(lines(1, 3).size(), 3);
  disk_.put_back("/nowhere/log.1", disk_.take_away(kPath));
  ASSERT_TRUE(run(saved));
  EXPECT_EQ(tail_->first, 4U);
  EXPECT_EQ(tail_->last, 5U);
  EXPECT_EQ(disk_["/nowhere/log.1"].content, lines(1, 5));
  EXPECT_EQ(tail_->repairs.at(0).path, "/nowhere/log.1");
  EXPECT_EQ(content(), "");
}

TEST_F(TailTest, WhatHasTheNameOfAMovedFileIsSomebodyElses) {
  content() = lines(1, 5);
  const SavedSink saved = saved_at(lines(1, 3).size(), 3);
  disk_.put_back("/nowhere/log.1", disk_.take_away(kPath));
  content() = lines(6, 8);
  ASSERT_TRUE(run(saved));
  EXPECT_EQ(tail_->last, 5U);
}

TEST_F(TailTest, SoIsWhatHasTheNameOfAFileThatIsGone) {
  content() = lines(1, 5);
  const SavedSink saved = saved_at(content().size(), 5);
  disk_.take_away(kPath);
  content() = lines(6, 7);
  ASSERT_TRUE(run(saved));
  EXPECT_EQ(tail_->last, kNoNumber);
}

TEST_F(TailTest, ErrorsOfTheDiskAreTold) {
  content() = lines(1, 5) + "torn";
  const SavedSink saved = saved_at(0, 0);
  for (int at = 0; at < 9; ++at) {
    int calls = 0;
    disk_.plan = [&](std::string_view, const std::string&) { return calls++ == at ? EIO : 0; };
    const bool done = run(saved);
    EXPECT_EQ(done, calls <= at) << at;
    EXPECT_THAT(content(), testing::StartsWith(lines(1, 5)));
  }
  disk_.plan = {};
  EXPECT_TRUE(run(saved));
}

TEST_F(TailTest, TheEventsAtTheEndAreThoseWhoseNumbersGrow) {
  content() = lines(1, 3) + lines(2, 4) + "{\"eventType\":\"a\"}\n" + line(7);
  const auto file = disk_.open(kPath, 0640);
  std::vector<SequenceNumber> numbers;
  for (const HeldEvent& held : *events_at_end(**file, 1024))
    numbers.push_back(held.number);
  EXPECT_THAT(numbers, testing::ElementsAre(2, 3, 4, 7));
  EXPECT_EQ(events_at_end(**file, line(7).size() + 1)->size(), 1U);
  EXPECT_EQ(events_at_end(**file, line(7).size() - 1)->size(), 0U);
}

TEST_F(TailTest, AnotherOnesTornEndIsClearedWithoutReadingMore) {
  content() = "anything\ntorn";
  const auto file = disk_.open(kPath, 0640);
  const auto repair = clear_torn_end(disk_, **file, kPath, "TIME");
  ASSERT_TRUE(repair && *repair);
  EXPECT_EQ((*repair)->bytes, 4U);
  EXPECT_EQ(content(), "anything\n");
  EXPECT_FALSE(*clear_torn_end(disk_, **file, kPath, "TIME"));
}

}  // namespace
}  // namespace gcstreamd
