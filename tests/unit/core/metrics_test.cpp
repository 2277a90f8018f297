#include "gcstreamd/core/metrics.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class MetricsTest : public testing::Test {
 protected:
  Metrics metrics_{at(0ms)};
};

TEST_F(MetricsTest, AtFirstThereIsNothing) {
  const auto report = metrics_.report(at(30s));
  EXPECT_FALSE(report.latency_ms);
  EXPECT_FALSE(report.last_heartbeat);
  EXPECT_EQ(report.throughput_eps, 0);
  EXPECT_EQ(report.messages, 0U);
  EXPECT_EQ(report.uptime_s, 0);
}

TEST_F(MetricsTest, LatencyIsTheMeanSinceTheLastReport) {
  metrics_.event(wall(-100ms), wall());
  metrics_.event(wall(-300ms), wall());
  EXPECT_DOUBLE_EQ(metrics_.report(at(10s)).latency_ms.value(), 200);
  metrics_.event(wall(-7us), wall());
  EXPECT_DOUBLE_EQ(metrics_.report(at(20s)).latency_ms.value(), 0.007);
  EXPECT_FALSE(metrics_.report(at(30s)).latency_ms);
}

TEST_F(MetricsTest, LatencyIsNeverUnderZero) {
  metrics_.event(wall(5s), wall());
  EXPECT_EQ(metrics_.report(at(1s)).latency_ms, 0);
}

TEST_F(MetricsTest, APlaceHolderIsNoTime) {
  constexpr WallTime kYearOne{std::chrono::seconds(-62135596800)};
  for (int i = 0; i < 1000; ++i) {
    metrics_.event(kYearOne, wall());
    metrics_.delivered({"{}", "a", 1, kYearOne}, wall());
  }
  EXPECT_FALSE(metrics_.report(at(1s)).latency_ms);
  EXPECT_EQ(metrics_.latency().count(), 0U);
}

TEST_F(MetricsTest, AnEventWithoutATimestampHasNoLatencyButCounts) {
  metrics_.event(std::nullopt, wall());
  const auto report = metrics_.report(at(1s));
  EXPECT_FALSE(report.latency_ms);
  EXPECT_EQ(report.messages, 1U);
}

TEST_F(MetricsTest, ThroughputIsOfThePeriodAndMessagesAreOfAllTime) {
  for (int i = 0; i < 50; ++i)
    metrics_.event(std::nullopt, wall());
  EXPECT_DOUBLE_EQ(metrics_.report(at(10s)).throughput_eps, 5);
  for (int i = 0; i < 10; ++i)
    metrics_.event(std::nullopt, wall());
  const auto report = metrics_.report(at(20s));
  EXPECT_DOUBLE_EQ(report.throughput_eps, 1);
  EXPECT_EQ(report.messages, 60U);
}

TEST_F(MetricsTest, TwoReportsAtOneMomentDivideByNothing) {
  metrics_.event(std::nullopt, wall());
  EXPECT_EQ(metrics_.report(at(0ms)).throughput_eps, 0);
}

TEST_F(MetricsTest, CountersNeverStartOver) {
  metrics_.gap();
  metrics_.lost(7);
  metrics_.lost(1);
  metrics_.duplicate();
  metrics_.reconnect("close_1006");
  metrics_.heartbeat(wall(1s));
  metrics_.heartbeat(wall(2s));
  metrics_.report(at(1s));
  const auto report = metrics_.report(at(2s));
  EXPECT_EQ(report.gaps, 1U);
  EXPECT_EQ(report.lost, 8U);
  EXPECT_EQ(report.duplicates, 1U);
  EXPECT_EQ(report.reconnects, 1U);
  EXPECT_EQ(report.heartbeats, 2U);
  EXPECT_EQ(report.last_heartbeat, wall(2s));
}

TEST_F(MetricsTest, UptimeIsThatOfTheOpenConnection) {
  metrics_.connected(at(5s));
  EXPECT_DOUBLE_EQ(metrics_.report(at(15s)).uptime_s, 10);
  metrics_.disconnected();
  EXPECT_EQ(metrics_.report(at(20s)).uptime_s, 0);
  metrics_.connected(at(21s));
  EXPECT_DOUBLE_EQ(metrics_.report(at(22s)).uptime_s, 1);
}

Event event_of(std::string_view type, std::optional<WallTime> timestamp = std::nullopt) {
  return {"{}", type, kNoNumber, timestamp};
}

TEST_F(MetricsTest, WhatWasHandedToTheSinksIsCountedByTypeAndBytes) {
  const std::vector<std::string> types{"a", "b"};
  metrics_.expect(types);
  metrics_.delivered(event_of("b"), wall(1s));
  metrics_.delivered(event_of("b"), wall(2s));
  const auto& counts = metrics_.event_types().counts();
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].value, 0U);
  EXPECT_EQ(counts[1].label, "b");
  EXPECT_EQ(counts[1].value, 2U);
  EXPECT_EQ(metrics_.bytes(), 4U);
  EXPECT_EQ(metrics_.last_event(), wall(2s));
  EXPECT_EQ(metrics_.latency().count(), 0U);
}

TEST_F(MetricsTest, TheHistogramHasTheLatencyOfWhatWasHandedToTheSinks) {
  metrics_.delivered(event_of("a", wall(-20ms)), wall());
  metrics_.delivered(event_of("a", wall(5s)), wall());
  EXPECT_EQ(metrics_.latency().count(), 2U);
  EXPECT_EQ(metrics_.latency().sum(), 20ms);
}

TEST_F(MetricsTest, ReconnectsAndBrokenFramesAreCountedByWhy) {
  metrics_.reconnect("gap");
  metrics_.reconnect("gap");
  metrics_.frame_error(Rejection::Kind::invalid_event);
  EXPECT_EQ(metrics_.reconnect_causes().counts().at(0).value, 2U);
  EXPECT_EQ(metrics_.frame_errors().total(), 1U);
}

TEST_F(MetricsTest, EveryKindOfBrokenFrameIsThereFromTheStart) {
  const auto& kinds = metrics_.frame_errors().counts();
  ASSERT_EQ(kinds.size(), 3U);
  EXPECT_EQ(kinds[2].label, "invalid_event");
  EXPECT_EQ(kinds[2].value, 0U);
  metrics_.frame_error(Rejection::Kind::invalid_event);
  EXPECT_EQ(kinds[2].value, 1U);
}

TEST_F(MetricsTest, TheRecordHasEveryFieldOfTheContractInOrder) {
  EXPECT_EQ(to_record(metrics_.report(at(30s))).type(), "metrics");
  EXPECT_EQ(to_record(metrics_.report(at(60s))).fields(),
            R"(,"latencyMs":null,"throughputEps":0.000,"messageCount":0,"heartbeats":0,)"
            R"("lastHeartbeat":null,"sequenceGaps":0,"eventsLost":0,"duplicates":0,)"
            R"("reconnects":0,"uptimeS":0.000)");
  metrics_.event(wall(-1500us), wall());
  metrics_.heartbeat(wall());
  metrics_.connected(at(60s));
  EXPECT_EQ(to_record(metrics_.report(at(62s))).fields(),
            R"(,"latencyMs":1.500,"throughputEps":0.500,"messageCount":1,"heartbeats":1,)"
            R"("lastHeartbeat":"2026-11-23T18:44:55.000000Z","sequenceGaps":0,"eventsLost":0,)"
            R"("duplicates":0,"reconnects":0,"uptimeS":2.000)");
}

TEST_F(MetricsTest, TheLineForPeopleIsOneLine) {
  EXPECT_THAT(to_line(metrics_.report(at(30s))), HasSubstr("not connected"));
  metrics_.connected(at(30s));
  metrics_.event(wall(-20ms), wall());
  metrics_.lost(3);
  const std::string line = to_line(metrics_.report(at(40s)));
  EXPECT_THAT(line, HasSubstr("connected for 10 s"));
  EXPECT_THAT(line, HasSubstr("20.0 ms"));
  EXPECT_THAT(line, HasSubstr("lost 3"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace gcstreamd
