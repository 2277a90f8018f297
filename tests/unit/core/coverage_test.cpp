#include "gcstreamd/core/coverage.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const Coverage::Records& records) {
  std::vector<std::string> lines;
  for (const AuditRecord& record : records)
    lines.push_back(record.type() + record.fields());
  return lines;
}

constexpr auto kGap =
    R"(coverage_gap,"from":"2026-11-23T18:45:05.000000Z","to":"2026-11-23T18:45:15.000000Z","cause":"close_1006")";

class CoverageTest : public testing::Test {
 protected:
  std::vector<std::string> live(std::size_t group, ChannelNumber channel,
                                std::chrono::seconds when) {
    return texts(coverage_.live(group, channel, wall(when)));
  }
  void lost(std::size_t group, ChannelNumber channel, std::chrono::seconds when,
            std::string_view cause = "close_1006") {
    coverage_.lost(group, channel, cause, wall(when));
  }
  /// Ten seconds without a socket, from 10 s on.
  void one_gap() {
    coverage_.start(1, "restart", wall());
    live(0, 1, 0s);
    lost(0, 1, 10s);
    live(0, 2, 20s);
  }

  Coverage coverage_;
};

TEST_F(CoverageTest, AStreamWithoutAPastHasNoGapBeforeItsFirstChannel) {
  coverage_.start(1, "restart", wall());
  EXPECT_TRUE(coverage_.covered());
  EXPECT_THAT(live(0, 1, 60s), IsEmpty());
}

TEST_F(CoverageTest, AGapLastsFromTheLastFrameToTheNextChannel) {
  one_gap();
  ASSERT_EQ(coverage_.gaps().size(), 1U);
  EXPECT_EQ(coverage_.gaps()[0].window, (TimeWindow{wall(10s), wall(20s)}));
  lost(0, 2, 30s);
  EXPECT_FALSE(coverage_.covered());
  EXPECT_EQ(live(0, 3, 40s).size(), 1U);
}

TEST_F(CoverageTest, AChannelThatTakesOverLeavesNoGap) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  EXPECT_THAT(live(0, 2, 10s), IsEmpty());
  lost(0, 1, 15s, "replaced");
  EXPECT_TRUE(coverage_.covered());
}

TEST_F(CoverageTest, AChannelThatWasSilentBeforeTheOtherCameLeavesAGap) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  live(0, 2, 20s);
  EXPECT_THAT(texts(coverage_.lost(0, 1, "replaced", wall(10s))),
              ElementsAre(R"(coverage_gap,"from":"2026-11-23T18:45:05.000000Z",)"
                          R"("to":"2026-11-23T18:45:15.000000Z","cause":"silent")"));
  EXPECT_TRUE(coverage_.covered());
  EXPECT_EQ(coverage_.gaps().size(), 1U);
}

TEST_F(CoverageTest, AGroupThatIsStillToComeIsAGap) {
  coverage_.start(2, "restart", wall());
  EXPECT_THAT(live(0, 1, 10s), IsEmpty());
  EXPECT_FALSE(coverage_.covered());
  EXPECT_THAT(live(1, 2, 20s),
              ElementsAre(R"(coverage_gap,"from":"2026-11-23T18:45:05.000000Z",)"
                          R"("to":"2026-11-23T18:45:15.000000Z","cause":"start")"));
}

TEST_F(CoverageTest, TheFirstChannelIsKnownAtOnce) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 10s);
  Coverage after;
  after.restore(coverage_.serialize());
  after.start(1, "crash", wall(15s));
  EXPECT_EQ(after.open_from(), wall(10s));
}

TEST_F(CoverageTest, EveryGroupCounts) {
  coverage_.start(2, "restart", wall());
  live(0, 1, 0s);
  live(1, 2, 0s);
  lost(0, 1, 10s);
  lost(1, 2, 5s, "upgrade_http_404");
  EXPECT_THAT(live(0, 3, 12s), IsEmpty()) << "the other one is not heard yet";
  EXPECT_THAT(live(1, 4, 20s),
              ElementsAre(R"(coverage_gap,"from":"2026-11-23T18:45:00.000000Z",)"
                          R"("to":"2026-11-23T18:45:15.000000Z","cause":"close_1006")"));
}

TEST_F(CoverageTest, ANewGroupIsNoGapUntilItWasHeard) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  lost(1, 9, 1s);
  EXPECT_TRUE(coverage_.covered());
  live(1, 2, 5s);
  lost(1, 2, 10s);
  EXPECT_FALSE(coverage_.covered());
  EXPECT_THAT(texts(coverage_.drop(1, wall(20s))), ElementsAre(kGap));
}

TEST_F(CoverageTest, ACrashLeavesAGapFromWhatWasDurable) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  coverage_.confirm(wall(10s));
  Coverage after;
  ASSERT_TRUE(after.restore(coverage_.serialize()));
  after.start(1, "close_1006", wall(15s));
  EXPECT_THAT(texts(after.live(0, 1, wall(20s))), ElementsAre(kGap));
}

TEST_F(CoverageTest, AnOpenGapSurvivesACrash) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  coverage_.confirm(wall(10s));
  lost(0, 1, 10s);
  Coverage after;
  ASSERT_TRUE(after.restore(coverage_.serialize()));
  after.start(1, "restart", wall(15s));
  EXPECT_THAT(texts(after.live(0, 1, wall(20s))), ElementsAre(kGap));
}

TEST_F(CoverageTest, ASinkThatFailedLosesWhatWasNotDurable) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  coverage_.confirm(wall(10s));
  coverage_.unconfirmed_is_lost("close_1006");
  lost(0, 1, 12s, "sink");
  EXPECT_THAT(live(0, 1, 20s), ElementsAre(kGap));
}

TEST_F(CoverageTest, AClockThatIsSetBackMakesNoGapNegative) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  lost(0, 1, 10s);
  EXPECT_THAT(live(0, 1, -500s), IsEmpty());
  EXPECT_TRUE(coverage_.covered());
  EXPECT_THAT(coverage_.gaps(), IsEmpty());
}

TEST_F(CoverageTest, AGapIsAskedForAgainAndAgain) {
  one_gap();
  EXPECT_EQ(coverage_.due(wall(20s + 119s)), nullptr);
  EXPECT_EQ(coverage_.next_due(), wall(20s + 2min));
  ASSERT_NE(coverage_.due(wall(20s + 2min)), nullptr);
  EXPECT_THAT(
      texts(coverage_.filled(3, wall(20s + 2min))),
      ElementsAre(R"(coverage_gap_filled,"from":"2026-11-23T18:45:05.000000Z",)"
                  R"("to":"2026-11-23T18:45:15.000000Z","cause":"close_1006","recovered":3)"));
  EXPECT_EQ(coverage_.next_due(), wall(20s + 1h));
  EXPECT_THAT(coverage_.filled(0, wall(20s + 1h)), IsEmpty());
  EXPECT_EQ(coverage_.next_due(), wall(20s + 24h));
  EXPECT_EQ(coverage_.filled(1, wall(20s + 24h)).size(), 1U);
  EXPECT_EQ(coverage_.next_due(), std::nullopt);
}

TEST_F(CoverageTest, AGapWithNothingInItIsFilledToo) {
  one_gap();
  EXPECT_EQ(coverage_.filled(0, wall(3min)).size(), 1U);
}

TEST_F(CoverageTest, AFailureIsTriedAgainUntilItsTimeIsUp) {
  one_gap();
  EXPECT_THAT(coverage_.failed({"subscribe_http_503", false, wall(5min)}, wall(4min)), IsEmpty());
  EXPECT_EQ(coverage_.next_due(), wall(5min));
  EXPECT_THAT(texts(coverage_.failed({"subscribe_http_503", false, wall(73h)}, wall(73h))),
              ElementsAre(R"(events_lost,"from":"2026-11-23T18:45:05.000000Z",)"
                          R"("to":"2026-11-23T18:45:15.000000Z","count":null,)"
                          R"("cause":"subscribe_http_503")"));
  EXPECT_THAT(coverage_.gaps(), IsEmpty());
}

TEST_F(CoverageTest, WhatCameBeforeAFailureCountsToo) {
  one_gap();
  coverage_.failed({"subscribe_http_503", false, wall(5min), 200}, wall(4min));
  Coverage after;
  after.restore(coverage_.serialize());
  EXPECT_THAT(texts(after.filled(50, wall(5min))),
              ElementsAre(testing::EndsWith(R"("recovered":250)")));
  EXPECT_THAT(texts(after.filled(0, wall(2h))), IsEmpty());
  after.failed({"subscribe_http_503", false, wall(25h), 3}, wall(24h));
  EXPECT_THAT(texts(after.failed({"subscribe_http_503", false, wall(99h)}, wall(98h))),
              ElementsAre(testing::EndsWith(R"("recovered":3)")))
      << "late changes that nobody would be told of";
}

TEST_F(CoverageTest, AGapWithMoreThanCanBeKnownAgainIsAskedForOnce) {
  one_gap();
  EXPECT_EQ(coverage_.filled(65537, wall(3min)).size(), 1U);
  EXPECT_EQ(coverage_.next_due(), std::nullopt);
}

TEST_F(CoverageTest, RecordsThatMayNotBeDurableAreToldAgain) {
  one_gap();
  coverage_.keep(AuditRecord("coverage_gap").text("cause", "\"close\""));
  coverage_.keep(AuditRecord("events_lost").null("count"));
  coverage_.forget_kept(1);
  Coverage after;
  ASSERT_TRUE(after.restore(coverage_.serialize()));
  ASSERT_EQ(after.kept().size(), 1U);
  EXPECT_EQ(after.kept()[0].type(), "events_lost");
  EXPECT_EQ(after.kept()[0].fields(), R"(,"count":null)");
}

TEST_F(CoverageTest, AClockThatIsSetBackConfirmsNoFuture) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  coverage_.confirm(wall(3600s));
  coverage_.confirm(wall(10s));
  Coverage after;
  after.restore(coverage_.serialize());
  after.start(1, "crash", wall(20s));
  EXPECT_EQ(after.open_from(), wall(10s));
}

TEST_F(CoverageTest, AClockThatWentBackWhileItWasDownLeavesAnHour) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  coverage_.confirm(wall(3600s));
  Coverage after;
  after.restore(coverage_.serialize());
  after.start(1, "crash", wall(20s));
  EXPECT_EQ(after.open_from(), wall(20s - 1h));
}

TEST_F(CoverageTest, TopicsThatCameLateWereNotHeardUntilThen) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  EXPECT_EQ(coverage_.unheard({wall(10s), wall(20s)}, "start").size(), 1U);
  EXPECT_TRUE(coverage_.covered());
  EXPECT_EQ(coverage_.gaps().size(), 1U);
}

TEST_F(CoverageTest, RecordsOfAGapThatIsNotTheFirstCountToo) {
  one_gap();
  const TimeWindow window = coverage_.gaps()[0].window;
  coverage_.delivered({window.from, wall(99h)}, 7);
  coverage_.delivered(window, 5);
  EXPECT_THAT(texts(coverage_.filled(1, wall(3min))),
              ElementsAre(testing::EndsWith(R"("recovered":6)")));
}

TEST_F(CoverageTest, GapsOfAnotherOrgAreLost) {
  Coverage before({}, "client-a https://api.a");
  before.start(1, "restart", wall());
  before.live(0, 1, wall(0s));
  before.lost(0, 1, "close_1006", wall(5s));
  before.live(0, 2, wall(15s));
  before.confirm(wall(20s));
  Coverage same({}, "client-a https://api.a");
  same.restore(before.serialize());
  EXPECT_FALSE(same.is_foreign());
  Coverage other({}, "client-b https://api.a");
  other.restore(before.serialize());
  ASSERT_TRUE(other.is_foreign());
  EXPECT_THAT(
      texts(other.give_up("other_org", wall(60s))),
      ElementsAre(R"(events_lost,"from":"2026-11-23T18:45:00.000000Z",)"
                  R"("to":"2026-11-23T18:45:10.000000Z","count":null,"cause":"other_org")",
                  R"(events_lost,"from":"2026-11-23T18:45:15.000000Z",)"
                  R"("to":"2026-11-23T18:45:55.000000Z","count":null,"cause":"other_org")"));
  EXPECT_FALSE(other.is_foreign());
  EXPECT_TRUE(other.covered());
  EXPECT_THAT(other.gaps(), IsEmpty());
}

TEST_F(CoverageTest, AFailureForGoodIsALossAtOnceButNotOfWhatWasFilled) {
  one_gap();
  EXPECT_EQ(coverage_.failed({"x", true, wall(4min)}, wall(4min)).size(), 1U);
  lost(0, 2, 30s);
  live(0, 3, 40s);
  coverage_.filled(1, wall(5min));
  EXPECT_THAT(coverage_.failed({"x", true, wall(2h)}, wall(2h)), IsEmpty());
  EXPECT_THAT(coverage_.gaps(), IsEmpty());
}

TEST_F(CoverageTest, GapsToBeFilledSurviveARestart) {
  one_gap();
  coverage_.filled(3, wall(3min));
  Coverage after;
  ASSERT_TRUE(after.restore(coverage_.serialize()));
  ASSERT_EQ(after.gaps().size(), 1U);
  EXPECT_EQ(after.gaps()[0].asked, 1U);
  EXPECT_EQ(after.gaps()[0].recovered, 3U);
  EXPECT_EQ(after.gaps()[0].cause, "close_1006");
  EXPECT_EQ(after.serialize(), coverage_.serialize());
}

TEST_F(CoverageTest, WhatIsNoStateIsNone) {
  EXPECT_FALSE(coverage_.restore(""));
  EXPECT_FALSE(coverage_.restore("[]"));
  EXPECT_TRUE(coverage_.restore(
      R"({"confirmed":5,"open":[],"gaps":[1,{"from":"2026-01-02T00:00:00Z"},)"
      R"({"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z","askAt":"2026-01-01T00:00:00Z"}]})"));
  EXPECT_TRUE(coverage_.covered());
  EXPECT_THAT(coverage_.gaps(), IsEmpty());
  EXPECT_TRUE(coverage_.restore(R"({"gaps":5})"));
}

TEST_F(CoverageTest, TooManyGapsAreJoinedAndNoneIsForgotten) {
  coverage_.start(1, "restart", wall());
  live(0, 1, 0s);
  std::chrono::seconds when{0};
  for (unsigned n = 0; n < Coverage::kMostGaps + 100; ++n) {
    when += n == 77 ? 11s : 100s;
    lost(0, n + 1, when);
    when += 1s;
    live(0, n + 2, when);
  }
  EXPECT_EQ(coverage_.gaps().size(), Coverage::kMostGaps);
  for (std::chrono::seconds gap = 100s; gap < 7000s; gap += 101s) {
    bool found = false;
    for (const CoverageGap& one : coverage_.gaps())
      found = found || (one.window.from <= wall(gap) && wall(gap + 1s) <= one.window.to);
    ASSERT_TRUE(found) << gap.count();
  }
}

}  // namespace
}  // namespace gcstreamd
