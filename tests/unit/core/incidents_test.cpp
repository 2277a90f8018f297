#include "gcstreamd/core/incidents.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

AuditRecord lost(std::uint64_t from) {
  return AuditRecord("events_lost").number("from", from).number("to", from).text("cause", "gap");
}

AuditRecord failed(std::string_view error) {
  return AuditRecord("connection_error").text("stage", "dns").text("error", error);
}

TEST(IncidentsTest, WhatMattersLittleIsNotKept) {
  Incidents incidents;
  incidents.on(AuditRecord("connection_open").text("host", "x"), wall());
  incidents.on(AuditRecord("metrics"), wall());
  incidents.on(AuditRecord("scheduling_reconnect").number("attempt", 1), wall());
  EXPECT_THAT(incidents.timeline(), IsEmpty());
  EXPECT_THAT(incidents.faults(), IsEmpty());
}

TEST(IncidentsTest, ALossIsOnTheTimelineAndAFault) {
  Incidents incidents;
  incidents.on(lost(7), wall(1s));
  ASSERT_THAT(incidents.timeline(), SizeIs(1));
  ASSERT_THAT(incidents.faults(), SizeIs(1));
  EXPECT_EQ(incidents.timeline()[0].first, wall(1s));
  EXPECT_THAT(incidents.timeline()[0].fields, HasSubstr(R"("from":7,"to":7,"cause":"gap")"));
}

TEST(IncidentsTest, AFilledGapIsOnTheTimelineAlone) {
  Incidents incidents;
  incidents.on(AuditRecord("sequence_gap_filled").number("from", 3).number("to", 4), wall());
  EXPECT_THAT(incidents.timeline(), SizeIs(1));
  EXPECT_THAT(incidents.faults(), IsEmpty());
}

TEST(IncidentsTest, EveryFaultSaysWhatToDoNext) {
  Incidents incidents;
  incidents.on(failed("no address"), wall());
  EXPECT_THAT(incidents.faults().at(0).fields, HasSubstr(R"("hint":")"));
}

TEST(IncidentsTest, TheRecordsOwnHintIsTheBetterOne) {
  Incidents incidents;
  incidents.on(failed("no address").text("hint", "ask resolvectl"), wall());
  EXPECT_THAT(incidents.faults().at(0).fields, HasSubstr(R"("hint":"ask resolvectl")"));
}

TEST(IncidentsTest, NothingOfAMessagesContentIsShown) {
  Incidents incidents;
  incidents.on(AuditRecord("invalid_event").text("error", "no type").text("preview", "+49 170"),
               wall());
  EXPECT_THAT(incidents.faults().at(0).fields, Not(HasSubstr("170")));
}

TEST(IncidentsTest, TheSameAgainIsOneWithACount) {
  Incidents incidents;
  for (int i = 0; i < 3; ++i) {
    incidents.on(failed("no address"), wall(std::chrono::seconds(10 * i)));
    incidents.on(AuditRecord("oauth_error").text("error", "401"),
                 wall(std::chrono::seconds(10 * i + 1)));
  }
  ASSERT_THAT(incidents.faults(), SizeIs(2));
  EXPECT_EQ(incidents.faults()[0].count, 3U);
  EXPECT_EQ(incidents.faults()[0].first, wall(0s));
  EXPECT_EQ(incidents.faults()[0].last, wall(20s));
}

TEST(IncidentsTest, ManyFaultsOfTheConnectionDoNotPushOutALoss) {
  Incidents incidents;
  incidents.on(lost(7), wall());
  for (int i = 0; i < 500; ++i)
    incidents.on(failed(std::to_string(i)), wall());
  EXPECT_THAT(incidents.faults(), SizeIs(Incidents::kMost));
  EXPECT_THAT(incidents.timeline(), SizeIs(1));
}

TEST(IncidentsTest, WhatIsTooLongIsLeftOut) {
  Incidents incidents;
  incidents.on(failed(std::string(100000, 'x')), wall());
  EXPECT_LE(incidents.faults().at(0).fields.size(), Incidents::kLongest);
  EXPECT_THAT(incidents.faults().at(0).fields, HasSubstr("too long"));
}

TEST(SeverityTest, LossesAndFailedSinksAreErrorsAndTheUnknownIsNone) {
  EXPECT_EQ(severity("events_lost"), Severity::error);
  EXPECT_EQ(severity("sink_failed"), Severity::error);
  EXPECT_EQ(severity("connection_error"), Severity::warning);
  EXPECT_EQ(severity("event_received"), Severity::info);
  EXPECT_EQ(severity("made_up"), Severity::info);
  EXPECT_EQ(next_step("made_up"), "");
}

}  // namespace
}  // namespace gcstreamd
