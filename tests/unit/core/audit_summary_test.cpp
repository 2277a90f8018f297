#include "gcstreamd/core/audit_summary.hpp"

#include <gmock/gmock.h>

#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

AuditLine record(std::string_view type) {
  AuditLine line;
  line.ts = "2026-11-23T18:44:55.000000Z";
  line.stream = "main";
  line.type = type;
  return line;
}

AuditLine event(std::uint64_t number) {
  AuditLine line = record("event_received");
  line.sequence_number = number;
  return line;
}

AuditLine range(std::string_view type, std::uint64_t from, std::uint64_t to) {
  AuditLine line = record(type);
  line.from = from;
  line.to = to;
  line.count = to - from + 1;
  return line;
}

class StreamSummaryTest : public testing::Test {
 protected:
  void events(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; ++number)
      summary_.add(event(number));
  }
  EpochSummary epoch(std::size_t index = 0) const { return summary_.epochs().at(index); }

  StreamSummary summary_{"main"};
};

TEST_F(StreamSummaryTest, NumbersReceivedAreOneRange) {
  events(5, 20);
  summary_.add(record("event_received"));
  EXPECT_EQ(summary_.events(), 16U);
  EXPECT_EQ(summary_.unnumbered(), 1U);
  EXPECT_THAT(epoch().received.shown, ElementsAre(Hole{5, 20}));
  EXPECT_THAT(epoch().absent.shown, IsEmpty());
  EXPECT_FALSE(summary_.any_lost());
}

TEST_F(StreamSummaryTest, GapsAndWhatFilledThemAreCounted) {
  AuditLine gap = record("sequence_gap_detected");
  gap.missing = 4;
  summary_.add(gap);
  summary_.add(range("sequence_gap_filled", 3, 6));
  summary_.add(range("duplicate_suppressed", 1, 2));
  EXPECT_EQ(summary_.gaps().records, 1U);
  EXPECT_EQ(summary_.gaps().numbers, 4U);
  EXPECT_EQ(summary_.filled().numbers, 4U);
  EXPECT_EQ(summary_.duplicates().records, 1U);
  EXPECT_EQ(summary_.duplicates().numbers, 2U);
  EXPECT_FALSE(summary_.any_lost());
}

TEST_F(StreamSummaryTest, ALostRangeIsNeitherReceivedNorAbsent) {
  events(1, 3);
  summary_.add(range("events_lost", 4, 6));
  events(7, 8);
  EXPECT_TRUE(summary_.any_lost());
  EXPECT_EQ(summary_.lost().numbers, 3U);
  EXPECT_THAT(epoch().received.shown, ElementsAre(Hole{1, 3}, Hole{7, 8}));
  EXPECT_THAT(epoch().lost.shown, ElementsAre(Hole{4, 6}));
  EXPECT_THAT(epoch().absent.shown, IsEmpty());
}

TEST_F(StreamSummaryTest, NumbersInNoRecordAreAbsent) {
  events(1, 2);
  events(6, 7);
  summary_.add(range("events_lost", 9, 10));
  EXPECT_THAT(epoch().absent.shown, ElementsAre(Hole{3, 5}, Hole{8, 8}));
  EXPECT_EQ(epoch().absent.numbers, 4U);
}

TEST_F(StreamSummaryTest, ALossOfUnknownSizeEndsTheEpoch) {
  events(1, 3);
  AuditLine lost = record("events_lost");
  lost.from = 4;
  summary_.add(lost);
  events(90, 91);
  EXPECT_TRUE(summary_.any_lost());
  EXPECT_EQ(summary_.lost_uncounted(), 1U);
  EXPECT_EQ(epoch(0).lost_from, 4U);
  EXPECT_THAT(epoch(1).received.shown, ElementsAre(Hole{90, 91}));
  EXPECT_THAT(epoch(1).absent.shown, IsEmpty());
}

TEST_F(StreamSummaryTest, WhatOneSinkLostIsToldSeparately) {
  events(1, 9);
  AuditLine lost = range("events_lost", 2, 7);
  lost.sink = "stdout";
  lost.count = 5;  // of those in the range
  summary_.add(lost);
  EXPECT_TRUE(summary_.any_lost());
  EXPECT_EQ(summary_.lost().records, 0U);
  EXPECT_THAT(epoch().lost.shown, IsEmpty());
  const auto& loss = summary_.lost_by_sink().at("stdout");
  EXPECT_EQ(loss.uncounted, 0U);
  EXPECT_EQ(loss.tally.numbers, 5U);
  EXPECT_THAT(loss.ranges.first(9), ElementsAre(Hole{2, 7}));
  lost.from.reset();
  lost.count.reset();
  summary_.add(lost);
  EXPECT_EQ(loss.uncounted, 1U);
  EXPECT_EQ(loss.tally.numbers, 5U);
}

TEST_F(StreamSummaryTest, AResetAndAMoveBeginAnEpoch) {
  events(1, 3);
  summary_.add(record("sequence_reset"));
  events(1, 2);
  summary_.add(record("position_moved"));
  summary_.add(record("position_moved"));
  events(41, 42);
  EXPECT_EQ(summary_.resets(), 1U);
  EXPECT_EQ(summary_.moves(), 2U);
  EXPECT_THAT(summary_.epochs(), SizeIs(3));
  EXPECT_THAT(epoch(1).received.shown, ElementsAre(Hole{1, 2}));
  EXPECT_EQ(epoch(1).twice, 0U);
  EXPECT_THAT(epoch(2).received.shown, ElementsAre(Hole{41, 42}));
}

TEST_F(StreamSummaryTest, NumbersTwiceAndOutOfOrderAreTold) {
  events(1, 3);
  events(2, 3);
  events(9, 9);
  events(5, 6);
  EXPECT_EQ(epoch().twice, 2U);
  EXPECT_EQ(epoch().out_of_order, 2U);
}

TEST_F(StreamSummaryTest, ManyRangesAreShownInPart) {
  for (std::uint64_t number = 1; number <= 99; number += 2)
    events(number, number);
  EXPECT_EQ(epoch().received.ranges, 50U);
  EXPECT_EQ(epoch().received.numbers, 50U);
  EXPECT_THAT(epoch().received.shown, SizeIs(RangeList::kShown));
  EXPECT_EQ(epoch().absent.numbers, 49U);
  EXPECT_TRUE(epoch().received.exact);
}

TEST_F(StreamSummaryTest, EpochsAndSinksAreBounded) {
  for (std::uint64_t i = 0; i < StreamSummary::kMostEpochs + 10; ++i) {
    events(1, 1);
    summary_.add(record("sequence_reset"));
    AuditLine lost = range("events_lost", 1, 1);
    const std::string sink = "sink-" + std::to_string(i);
    lost.sink = sink;
    summary_.add(lost);
  }
  EXPECT_THAT(summary_.epochs(), SizeIs(StreamSummary::kMostEpochs));
  EXPECT_EQ(summary_.epochs_left_out(), 10U);
  EXPECT_THAT(summary_.lost_by_sink(), SizeIs(StreamSummary::kMostSinks));
  EXPECT_EQ(summary_.lost_by_other_sinks().records,
            StreamSummary::kMostEpochs + 10 - StreamSummary::kMostSinks);
}

TEST(AuditSummary, KeepsStreamsApartAndTheTimes) {
  AuditSummary summary;
  AuditLine first = event(1);
  first.ts = "early";
  AuditLine last = event(1);
  last.ts = "late";
  last.stream = "renamed";
  summary.add(first);
  summary.add(last);
  EXPECT_EQ(summary.records(), 2U);
  EXPECT_EQ(summary.first_ts(), "early");
  EXPECT_EQ(summary.last_ts(), "late");
  ASSERT_THAT(summary.streams(), SizeIs(2));
  EXPECT_EQ(summary.streams()[1].stream(), "renamed");
  EXPECT_EQ(summary.streams()[1].epochs().at(0).twice, 0U);
}

TEST(AuditSummary, ALossInAStreamBeyondTheBoundIsALoss) {
  AuditSummary summary;
  for (std::size_t i = 0; i <= AuditSummary::kMostStreams; ++i) {
    EXPECT_FALSE(summary.any_lost());
    AuditLine line = record(i < AuditSummary::kMostStreams ? "metrics" : "events_lost");
    const std::string name = "s" + std::to_string(i);
    line.stream = name;
    summary.add(line);
  }
  EXPECT_EQ(summary.records_left_out(), 1U);
  EXPECT_TRUE(summary.any_lost());
}

AuditLine window(std::string_view type, std::string_view from, std::string_view to) {
  AuditLine line = record(type);
  line.from_time = from;
  line.to_time = to;
  return line;
}

TEST_F(StreamSummaryTest, AGapInTimeIsALossUntilItIsFilledIn) {
  constexpr std::string_view kFrom = "2026-11-23T10:00:00.000000Z";
  constexpr std::string_view kTo = "2026-11-23T11:00:00.000000Z";
  summary_.add(record("channel_opened"));
  EXPECT_TRUE(summary_.has_channels());
  EXPECT_FALSE(summary_.any_lost());
  summary_.add(window("coverage_gap", kFrom, kTo));
  EXPECT_TRUE(summary_.any_lost());
  summary_.add(window("coverage_gap_filled", kFrom, kTo));
  EXPECT_FALSE(summary_.any_lost());
}

TEST_F(StreamSummaryTest, AGapThatIsOpenWhenTheLogEndsIsALoss) {
  AuditLine metrics = record("metrics");
  metrics.unheard_from = "2026-11-23T10:00:00.000000Z";
  summary_.add(metrics);
  EXPECT_TRUE(summary_.any_lost());
  const auto end = *parse_time("2026-11-23T11:00:00Z");
  const auto days = summary_.coverage_up_to(end).days({end - std::chrono::hours{4}, end});
  EXPECT_EQ(days.at(0).missing, std::chrono::hours{1});
  summary_.add(window("coverage_gap", metrics.unheard_from, "2026-11-23T11:30:00Z"));
  EXPECT_FALSE(summary_.unheard_from());
  summary_.add(record("metrics"));
  EXPECT_FALSE(summary_.unheard_from());
}

TEST_F(StreamSummaryTest, BeforeItsFirstChannelNobodyExpectedAnything) {
  AuditLine opened = record("channel_opened");
  opened.ts = "2026-11-23T10:00:00.000000Z";
  summary_.add(opened);
  opened.ts = "2026-11-23T12:00:00.000000Z";
  summary_.add(opened);
  EXPECT_EQ(summary_.heard_from(), parse_time("2026-11-23T10:00:00Z"));
}

TEST_F(StreamSummaryTest, AWindowThatIsLostLeavesTheNumbersAlone) {
  events(1, 3);
  summary_.add(window("events_lost", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"));
  events(4, 5);
  EXPECT_THAT(epoch().received.shown, ElementsAre(Hole{1, 5}));
  EXPECT_EQ(summary_.windows_lost(), 1U);
  EXPECT_EQ(summary_.lost().records, 0U);
  EXPECT_TRUE(summary_.any_lost());
}

}  // namespace
}  // namespace gcstreamd
