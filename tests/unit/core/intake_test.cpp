#include "gcstreamd/core/intake.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gcstreamd/core/analytics_stream.hpp"
#include "helpers/padded.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using Next = Intake::Next;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kGapHint =
    R"(,"hint":"a larger buffer_size lets the server hold more for this subscription")";

/// Writes down what reaches it, one readable line each.
class FakeOutlet : public Outlet {
 public:
  void deliver(const Event& event, const Now&) override {
    lines.push_back(fmt::format("deliver {}", event.number));
    bodies.emplace_back(event.line);
  }
  void record(const AuditRecord& record, const Now&) override {
    std::string fields = record.fields();
    if (const auto at = fields.find(kGapHint); at != std::string::npos)
      fields.erase(at);
    lines.push_back(record.type() + fields);
  }
  void pass_over(SequenceNumber number) override {
    lines.push_back(fmt::format("pass over {}", number));
  }
  void begin_epoch() override { lines.emplace_back("new epoch"); }
  void begin_after(SequenceNumber number) override { begun.push_back(number); }

  std::vector<std::string> take() { return std::exchange(lines, {}); }

  std::vector<std::string> lines;
  std::vector<std::string> bodies;
  std::vector<SequenceNumber> begun;  ///< epochs, by the number before their first
};

class IntakeTest : public testing::Test {
 protected:
  Next message(std::string_view text, std::chrono::milliseconds when = 0ms) {
    const Padded padded(text);
    const Next next = intake_->on_message(padded.view(), now_at(when));
    if (next != Next::hold || hold_)
      return next;
    intake_->release(now_at(when));
    return Next::go_on;
  }
  Next number(SequenceNumber n, std::chrono::milliseconds when = 0ms, std::string_view more = "") {
    return message(fmt::format(R"({{"eventType":"a","sequenceNumber":{}{}}})", n, more), when);
  }
  void begin(IntegrityConfig config, std::optional<SequenceNumber> position = std::nullopt) {
    intake_.emplace(protocol_, metrics_, outlet_, GapPolicy(config), SequenceVerifier(position),
                    [this](std::string_view text) { return scrubber_.scrub(text); });
  }
  void SetUp() override { begin({}); }

  AnalyticsStream protocol_{{"a"}, 100};
  Metrics metrics_{at(0ms)};
  FakeOutlet outlet_;
  Scrubber scrubber_;
  std::optional<Intake> intake_;
  bool hold_ = false;  ///< whether the test releases what begins an epoch itself
};

TEST_F(IntakeTest, EventsInOrderAreDelivered) {
  EXPECT_FALSE(intake_->position());
  EXPECT_EQ(number(7), Next::go_on);
  EXPECT_EQ(number(8), Next::go_on);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 7", "deliver 8"));
  EXPECT_EQ(intake_->position(), 8U);
}

TEST_F(IntakeTest, TheFirstEventWaitsUntilItIsKnownDurablyWhereTheEpochBegins) {
  hold_ = true;
  EXPECT_EQ(number(7), Next::hold);
  EXPECT_TRUE(intake_->holding());
  EXPECT_THAT(outlet_.take(), IsEmpty());
  EXPECT_THAT(outlet_.begun, ElementsAre(6));
  EXPECT_EQ(intake_->position(), 6U);
  EXPECT_FALSE(intake_->take_progress());
  intake_->release(now_at(0s));
  EXPECT_FALSE(intake_->holding());
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 7"));
  EXPECT_TRUE(intake_->take_progress());
  EXPECT_EQ(number(8), Next::go_on);
}

TEST_F(IntakeTest, WhatWaitsIsForgottenWithItsConnectionAndComesAgain) {
  hold_ = true;
  number(7);
  intake_->on_disconnect(now_at(0s));
  EXPECT_FALSE(intake_->holding());
  EXPECT_EQ(intake_->position(), 6U);
  EXPECT_EQ(number(7), Next::go_on);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 7"));
}

TEST_F(IntakeTest, ANewEpochIsToldBeforeItsFirstEventIsDelivered) {
  begin({}, 41);
  hold_ = true;
  EXPECT_EQ(number(5), Next::hold);
  EXPECT_THAT(
      outlet_.take(),
      ElementsAre(R"(sequence_reset,"previous":41,"received":5,"cause":"numbers_began_anew")",
                  "new epoch"));
  EXPECT_THAT(outlet_.begun, ElementsAre(4));
  intake_->release(now_at(0s));
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 5"));
}

TEST_F(IntakeTest, WhatASinkLostAgainIsAskedForAgain) {
  begin({}, 10);
  number(11);
  number(12);
  intake_->go_back_to(10);
  EXPECT_EQ(intake_->position(), 10U);
  outlet_.take();
  number(11);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 11"));
}

TEST_F(IntakeTest, AnEventWithoutANumberIsDeliveredOnArrival) {
  number(7);
  EXPECT_EQ(message(R"({"eventType":"a"})"), Next::go_on);
  number(8);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 7", "deliver 0", "deliver 8"));
}

TEST_F(IntakeTest, AHeartbeatIsCountedAndNothingElse) {
  EXPECT_EQ(message(R"({"type":"heartbeat"})"), Next::go_on);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  EXPECT_FALSE(intake_->take_progress());
  EXPECT_EQ(metrics_.report(at(1s)).heartbeats, 1U);
}

TEST_F(IntakeTest, AHeartbeatThatIsAheadTellsOfALostTail) {
  number(7);
  outlet_.take();
  EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":7})"), Next::go_on);
  EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":3})"), Next::go_on);
  EXPECT_THAT(outlet_.take(), IsEmpty());
  EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":9})"), Next::resume);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(sequence_gap_detected,"expected":8,"received":9,"missing":2)"));
  number(8);
  number(9);
  EXPECT_THAT(outlet_.take(),
              ElementsAre("deliver 8", "deliver 9", R"(sequence_gap_filled,"from":8,"to":9)"));
  EXPECT_EQ(metrics_.report(at(1s)).heartbeats, 3U);
}

TEST_F(IntakeTest, ATailThatTheResumeDidNotBringIsLost) {
  const auto beat = [&] { return message(R"({"type":"heartbeat","sequenceNumber":9})"); };
  number(7);
  beat();
  outlet_.take();
  EXPECT_EQ(beat(), Next::go_on);
  EXPECT_THAT(outlet_.take(), IsEmpty());  // the replay may be behind it
  EXPECT_EQ(beat(), Next::go_on);
  EXPECT_THAT(
      outlet_.take(),
      ElementsAre(R"(events_lost,"from":8,"to":9,"count":2,"cause":"not_filled")", "pass over 9"));
  EXPECT_EQ(number(10), Next::go_on);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 10"));
}

TEST_F(IntakeTest, AHeartbeatBeforeTheReplayDeclaresNothingLost) {
  number(5);
  number(9);
  outlet_.take();
  EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":10})"), Next::go_on);
  for (SequenceNumber n : {6U, 7U, 8U, 9U, 10U})
    EXPECT_EQ(number(n), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre("deliver 6", "deliver 7", "deliver 8",
                          R"(sequence_gap_filled,"from":6,"to":8)", "deliver 9", "deliver 10"));
}

TEST_F(IntakeTest, AnAbsurdHeartbeatIsNotBelieved) {
  number(1);
  outlet_.take();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":9007199254740991})"), Next::go_on);
  const auto records = outlet_.take();
  ASSERT_EQ(records.size(), 1U);  // once a connection
  EXPECT_TRUE(records[0].starts_with(
      R"(invalid_event,"error":"a heartbeat that is 9007199254740990 numbers ahead is not believed")"))
      << records[0];
  EXPECT_EQ(intake_->position(), 1U);
  intake_->on_disconnect(now_at(1s));
  message(R"({"type":"heartbeat","sequenceNumber":9007199254740991})");
  EXPECT_EQ(outlet_.take().size(), 1U);
}

TEST_F(IntakeTest, AHeartbeatAheadOfItsEventsIsNoLossWhereNoResumeIsLeft) {
  IntegrityConfig no_budget;
  no_budget.max_resumes_per_minute = 0;
  IntegrityConfig only_recording;
  only_recording.on_gap = IntegrityConfig::OnGap::record;
  IntegrityConfig large_gaps;
  large_gaps.gap_threshold = 10;
  for (const IntegrityConfig& config : {no_budget, only_recording, large_gaps}) {
    begin(config, 7);
    for (const SequenceNumber n : {9U, 11U}) {
      EXPECT_EQ(message(fmt::format(R"({{"type":"heartbeat","sequenceNumber":{}}})", n)),
                Next::go_on);
      number(n - 1);
      number(n);
    }
    EXPECT_THAT(outlet_.take(), ElementsAre("deliver 8", "deliver 9", "deliver 10", "deliver 11"));
  }
}

TEST_F(IntakeTest, ATailThatNoResumeIsLeftForIsLostWhenItIsToldTwice) {
  IntegrityConfig config;
  config.max_resumes_per_minute = 0;
  begin(config, 7);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":9})"), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(sequence_gap_detected,"expected":8,"received":9,"missing":2)",
                          R"(events_lost,"from":8,"to":9,"count":2,"cause":"resume_budget")",
                          "pass over 9"));
}

TEST_F(IntakeTest, AHeartbeatsNumberMeansNothingWithoutAPosition) {
  EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":9})"), Next::go_on);
  EXPECT_FALSE(intake_->position());
  EXPECT_THAT(outlet_.take(), IsEmpty());
}

TEST_F(IntakeTest, ARefusalInsideTheStreamIsHandedOn) {
  EXPECT_EQ(message(R"({"type":"error","status":403,"message":"no entitlement"})"), Next::refused);
  EXPECT_EQ(intake_->refusal().status, 403);
  EXPECT_EQ(intake_->refusal().words, "no entitlement");
  EXPECT_THAT(outlet_.take(), IsEmpty());
}

TEST_F(IntakeTest, APoisonEventIsLostByItsNumberAndNoPartOfAGapThatIsFilledLater) {
  number(7);
  number(10);
  outlet_.take();
  intake_->lose_next("poison", now_at(1s));
  EXPECT_THAT(
      outlet_.take(),
      ElementsAre(R"(events_lost,"from":8,"to":8,"count":1,"cause":"poison")", "pass over 8"));
  EXPECT_EQ(intake_->position(), 8U);
  number(9);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 9", R"(sequence_gap_filled,"from":9,"to":9)"));
}

TEST_F(IntakeTest, APositionThatIsGivenUpIsALossWithoutAnEndAndANewEpoch) {
  number(7);
  outlet_.take();
  intake_->give_up_position("stale_position", now_at(1s));
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(events_lost,"from":8,"to":null,"count":null,"cause":"stale_position")",
                          "new epoch"));
  EXPECT_FALSE(intake_->position());
  EXPECT_EQ(metrics_.report(at(1s)).lost, 1U);
  EXPECT_EQ(number(3), Next::go_on);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 3"));
}

TEST_F(IntakeTest, AnExpectedResetIsOneWhateverTheNumber) {
  for (const SequenceNumber n : {8U, 7U, 3U, 400U}) {
    begin({}, 7);
    intake_->expect_reset("event_types_changed");
    EXPECT_TRUE(intake_->expects_reset());
    EXPECT_EQ(message(R"({"type":"heartbeat","sequenceNumber":99})"), Next::go_on);
    EXPECT_EQ(number(n), Next::go_on);
    EXPECT_FALSE(intake_->expects_reset());
    EXPECT_THAT(outlet_.take(),
                ElementsAre(fmt::format(R"(sequence_reset,"previous":7,"received":{},)"
                                        R"("cause":"event_types_changed")",
                                        n),
                            "new epoch", fmt::format("deliver {}", n)));
    EXPECT_EQ(number(n + 1), Next::go_on);
    EXPECT_THAT(outlet_.take(), ElementsAre(fmt::format("deliver {}", n + 1)));
  }
}

TEST_F(IntakeTest, WithoutAPositionNothingIsExpectedToBeReset) {
  intake_->expect_reset("event_types_changed");
  EXPECT_FALSE(intake_->expects_reset());
}

TEST_F(IntakeTest, ProgressIsToldOnceForNewEventsOnly) {
  EXPECT_FALSE(intake_->take_progress());
  number(7);
  EXPECT_TRUE(intake_->take_progress());
  EXPECT_FALSE(intake_->take_progress());
  number(7);
  EXPECT_FALSE(intake_->take_progress());
  number(9);  // a gap: not delivered
  EXPECT_FALSE(intake_->take_progress());
}

TEST_F(IntakeTest, AGapIsRecordedNotDeliveredAndLeadsToAResume) {
  number(7);
  outlet_.take();
  EXPECT_EQ(number(10), Next::resume);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(sequence_gap_detected,"expected":8,"received":10,"missing":2)"));
  EXPECT_EQ(intake_->position(), 7U);
  EXPECT_EQ(metrics_.report(at(1s)).gaps, 1U);
}

TEST_F(IntakeTest, AFilledGapIsRecordedBehindItsLastEvent) {
  number(7);
  number(10);
  outlet_.take();
  for (SequenceNumber n : {8U, 9U, 10U})
    EXPECT_EQ(number(n), Next::go_on);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 8", "deliver 9",
                                          R"(sequence_gap_filled,"from":8,"to":9)", "deliver 10"));
  EXPECT_EQ(metrics_.report(at(1s)).lost, 0U);
}

TEST_F(IntakeTest, AGapThatTheResumeDidNotFillIsLostAndTheStreamGoesOn) {
  number(7);
  number(10);
  outlet_.take();
  EXPECT_EQ(number(10, 1s), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(events_lost,"from":8,"to":9,"count":2,"cause":"not_filled")",
                          "pass over 9", "deliver 10"));
  EXPECT_EQ(intake_->position(), 10U);
  const auto report = metrics_.report(at(1s));
  EXPECT_EQ(report.lost, 2U);
  EXPECT_EQ(report.gaps, 1U);
}

TEST_F(IntakeTest, AGapFilledInPartIsRecordedInParts) {
  number(7);
  number(12);
  outlet_.take();
  number(8);
  EXPECT_EQ(number(11), Next::resume);
  EXPECT_EQ(number(11), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre("deliver 8", R"(sequence_gap_filled,"from":8,"to":8)",
                          R"(events_lost,"from":9,"to":10,"count":2,"cause":"not_filled")",
                          "pass over 10", "deliver 11"));
}

TEST_F(IntakeTest, WhenTheBudgetIsUsedUpTheGapIsLost) {
  IntegrityConfig config;
  config.max_resumes_per_minute = 0;
  begin(config, 7);
  EXPECT_EQ(number(9), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(sequence_gap_detected,"expected":8,"received":9,"missing":1)",
                          R"(events_lost,"from":8,"to":8,"count":1,"cause":"resume_budget")",
                          "pass over 8", "deliver 9"));
}

TEST_F(IntakeTest, InRecordModeAGapIsLostAtOnce) {
  IntegrityConfig config;
  config.on_gap = IntegrityConfig::OnGap::record;
  begin(config, 0);
  EXPECT_EQ(number(3), Next::go_on);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(sequence_gap_detected,"expected":1,"received":3,"missing":2)",
                          R"(events_lost,"from":1,"to":2,"count":2,"cause":"on_gap_record")",
                          "pass over 2", "deliver 3"));
}

TEST_F(IntakeTest, DuplicatesAreOneRecordARunWhichANewEventEnds) {
  for (SequenceNumber n : {1U, 2U, 3U, 4U, 2U, 3U, 3U, 1U, 5U})
    number(n);
  EXPECT_THAT(outlet_.take(),
              ElementsAre("deliver 1", "deliver 2", "deliver 3", "deliver 4",
                          R"(duplicate_suppressed,"from":1,"to":3,"count":4)", "deliver 5"));
  EXPECT_EQ(metrics_.report(at(1s)).duplicates, 4U);
}

TEST_F(IntakeTest, ADuplicateRunEndsAfterATickWithoutOne) {
  number(1);
  number(1);
  outlet_.take();
  intake_->on_tick(now_at(1s));
  EXPECT_THAT(outlet_.take(), IsEmpty());
  number(1);
  intake_->on_tick(now_at(2s));
  EXPECT_THAT(outlet_.take(), IsEmpty());
  intake_->on_tick(now_at(3s));
  EXPECT_THAT(outlet_.take(), ElementsAre(R"(duplicate_suppressed,"from":1,"to":1,"count":2)"));
  intake_->on_tick(now_at(4s));
  EXPECT_THAT(outlet_.take(), IsEmpty());
}

TEST_F(IntakeTest, ADuplicateRunEndsWithTheConnectionAndBeforeAGap) {
  number(1);
  number(1);
  outlet_.take();
  intake_->on_disconnect(now_at(1s));
  EXPECT_THAT(outlet_.take(), ElementsAre(R"(duplicate_suppressed,"from":1,"to":1,"count":1)"));
  number(1);
  number(3);
  EXPECT_THAT(outlet_.take(),
              ElementsAre(R"(duplicate_suppressed,"from":1,"to":1,"count":1)",
                          R"(sequence_gap_detected,"expected":2,"received":3,"missing":1)"));
}

TEST_F(IntakeTest, NumbersThatBeganAnewAreRecordedBeforeTheirFirstEvent) {
  number(500, 0ms, R"(,"timestamp":"2026-11-23T10:00:00Z")");
  number(1, 0ms, R"(,"timestamp":"2026-11-23T10:00:01Z")");
  number(2);
  EXPECT_THAT(outlet_.take(), ElementsAre("deliver 500",
                                          R"(sequence_reset,"previous":500,"received":1,)"
                                          R"("cause":"numbers_began_anew")",
                                          "new epoch", "deliver 1", "deliver 2"));
}

TEST_F(IntakeTest, WhatIsNotAnEventBecomesARecord) {
  EXPECT_EQ(message("{\"a\":"), Next::go_on);
  EXPECT_EQ(message("\xff"), Next::go_on);
  EXPECT_EQ(message("[1]"), Next::go_on);
  const auto records = outlet_.take();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_TRUE(records[0].starts_with("json_parse_error,\"error\":\""));
  EXPECT_TRUE(records[0].ends_with(R"(,"bytes":5,"preview":"{\"a\":")"));
  EXPECT_TRUE(records[1].starts_with("frame_deserialization_error,"));
  EXPECT_TRUE(records[1].ends_with(R"(,"bytes":1,"preview":"?")"));
  EXPECT_TRUE(records[2].starts_with("invalid_event,"));
}

TEST_F(IntakeTest, APreviewIsAtMost200BytesAndWholeCharacters) {
  std::string text = "x";
  for (int i = 0; i < 5000; ++i)
    text += "\xc3\xa9";
  message(text);
  const std::string record = outlet_.take().at(0);
  const auto fields = nlohmann::json::parse("{" + record.substr(record.find(',') + 1) + "}");
  EXPECT_EQ(fields.at("bytes"), 10001);
  const std::string preview = fields.at("preview");
  EXPECT_LE(preview.size(), 200U);
  EXPECT_GE(preview.size(), 198U);
  EXPECT_TRUE(text.starts_with(preview));
}

TEST_F(IntakeTest, ARecordHasNoPreviewWhereNoneIsToBeShown) {
  intake_->show_previews(false);
  message(R"({"phone":"+49)");
  message(R"({"phone":"+49"})");
  for (const std::string& record : outlet_.take()) {
    EXPECT_THAT(record, testing::HasSubstr(R"("bytes":1)"));
    EXPECT_THAT(record, testing::Not(testing::HasSubstr("preview")));
    EXPECT_THAT(record, testing::Not(testing::HasSubstr("+49")));
  }
  intake_->show_previews(true);
  message("[1]");
  EXPECT_THAT(outlet_.take().at(0), testing::HasSubstr(R"("preview":"[1]")"));
}

TEST_F(IntakeTest, APreviewHoldsNoSecretNotEvenAPartOfOne) {
  scrubber_.know("token", Secret("token-" + std::string(100, 's')));
  message(std::string(150, '.') + "token-" + std::string(100, 's'));
  EXPECT_THAT(outlet_.take().at(0), testing::Not(testing::HasSubstr("sss")));
}

TEST_F(IntakeTest, APreviewHoldsNoPartOfASecretThatIsRepeatedOverAndOver) {
  const std::string token = "token-" + std::string(594, 's');
  scrubber_.know("token", Secret(token));
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += token + '.';
  message(text);
  EXPECT_THAT(outlet_.take().at(0), testing::Not(testing::HasSubstr("sss")));
}

TEST_F(IntakeTest, ARejectedMessageIsNoProgressAndMovesNothing) {
  number(1);
  (void)intake_->take_progress();
  message(R"({"eventType":"a","sequenceNumber":0})");
  EXPECT_FALSE(intake_->take_progress());
  EXPECT_EQ(intake_->position(), 1U);
}

}  // namespace
}  // namespace gcstreamd
