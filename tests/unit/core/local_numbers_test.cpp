#include "gcstreamd/core/local_numbers.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/core/notifications.hpp"
#include "helpers/padded.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(LocalNumbersTest, CountFromOneAndKnowWhatComesAgain) {
  LocalNumbers numbers;
  EXPECT_EQ(numbers.number({1, 1}).number, 1U);
  EXPECT_EQ(numbers.number({2, 2}).number, 2U);
  const auto again = numbers.number({1, 1});
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.number, 1U);
  EXPECT_EQ(numbers.number_recovered({1, 1}).number, 3U) << "a record, no event";
  EXPECT_TRUE(numbers.number_recovered({1, 1}).duplicate);
  EXPECT_EQ(numbers.last(), 3U);
}

TEST(LocalNumbersTest, GoOnAfterARestart) {
  LocalNumbers before;
  before.number({1, 1});
  LocalNumbers after(before.last());
  after.memory().load(before.memory().take_new());
  EXPECT_TRUE(after.number({1, 1}).duplicate);
  EXPECT_EQ(after.number({2, 2}).number, 2U);
}

TEST(RecoverNumbers, GoOnBehindWhatAnySinkHolds) {
  const std::vector<SinkTail> tails{{"file", 12}, {"audit", 9}, {"kafka", 0}};
  const NumberRecovery recovery = recover_numbers(7, tails);
  EXPECT_EQ(recovery.last, 12U);
  EXPECT_THAT(recovery.lost, ElementsAre(NumberRecovery::Loss{"audit", {10, 12}},
                                         NumberRecovery::Loss{"kafka", {8, 12}}));
}

TEST(RecoverNumbers, NothingIsLostWhereAllHoldTheSame) {
  const std::vector<SinkTail> tails{{"file", 12}, {"audit", 12}};
  EXPECT_THAT(recover_numbers(12, tails).lost, IsEmpty());
  EXPECT_EQ(recover_numbers(0, {}).last, 0U);
}

class Lines : public Outlet {
 public:
  void deliver(const Event& event, const Now&) override {
    lines.push_back(fmt::format("{} {}", event.number, event.type));
  }
  void record(const AuditRecord& record, const Now&) override {
    lines.push_back(record.type() + record.fields());
  }
  void pass_over(SequenceNumber) override { lines.emplace_back("pass over"); }
  void begin_epoch() override { lines.emplace_back("epoch"); }
  void begin_after(SequenceNumber) override { lines.emplace_back("begin"); }

  std::vector<std::string> lines;
};

/// Intake drives this protocol as it drives the other: its verifier starts at the last number.
class NumberedIntakeTest : public testing::Test {
 protected:
  Intake::Next message(std::string_view topic, int n, std::string_view correlation = "c") {
    const Padded padded(fmt::format(
        R"({{"topicName":"{}","eventBody":{{"n":{}}},"metadata":{{"CorrelationId":"{}"}}}})", topic,
        n, correlation));
    return intake_.on_message(padded.view(), now_at(0ms));
  }

  LocalNumbers numbers_{7};
  Notifications protocol_{numbers_};
  Metrics metrics_{at(0ms)};
  Lines outlet_;
  Intake intake_{
      protocol_, metrics_, outlet_, GapPolicy({}), SequenceVerifier(7), [](std::string_view text) {
        return std::string(text);
      }};
};

TEST_F(NumberedIntakeTest, EveryNewEventIsTheNextInOrder) {
  EXPECT_EQ(message("v2.a.acw", 1), Intake::Next::go_on);
  EXPECT_EQ(message("v2.a.wrapup", 1), Intake::Next::go_on);
  EXPECT_THAT(outlet_.lines, ElementsAre("8 acw", "9 wrapup"));
  EXPECT_EQ(intake_.position(), 9U);
}

TEST_F(NumberedIntakeTest, WhatTwoChannelsTellIsDeliveredOnce) {
  message("v2.a.acw", 1, "of one channel");
  message("v2.a.acw", 2, "of one channel");
  message("v2.a.acw", 1, "of the other");
  message("v2.a.acw", 2, "of the other");
  message("v2.a.acw", 3, "of the other");
  message("v2.a.acw", 3, "of one channel");
  EXPECT_THAT(outlet_.lines, ElementsAre("8 acw", "9 acw", "10 acw"));
  intake_.on_tick(now_at(1s));
  EXPECT_THAT(outlet_.lines, testing::SizeIs(3)) << "the overlap may last";
  intake_.on_tick(now_at(2s));
  EXPECT_EQ(outlet_.lines.back(), R"(duplicate_suppressed,"from":8,"to":10,"count":3)");
}

TEST_F(NumberedIntakeTest, WhatComesByAnotherWayIsNumberedInBetween) {
  message("v2.a.acw", 1);
  Event event;
  event.type = "recovered";
  event.line = "{}";
  event.number = numbers_.number_recovered({5, 5}).number;
  intake_.take(event, now_at(0ms));
  message("v2.a.acw", 2);
  EXPECT_THAT(outlet_.lines, ElementsAre("8 acw", "9 recovered", "10 acw"));
}

TEST_F(NumberedIntakeTest, AnErrorInPlaceOfEventsIsARefusal) {
  const Padded padded(R"({"result":"404","message":"no such channel"})");
  EXPECT_EQ(intake_.on_message(padded.view(), now_at(0ms)), Intake::Next::refused);
  EXPECT_EQ(intake_.refusal().status, 404);
}

TEST(LocalNumbersTest, ARestartGoesOnBehindTheLastOneThatASinkHolds) {
  LocalNumbers numbers;
  numbers.memory().load(DurableHash{1, 1}.text() + " 4\n" + DurableHash{2, 2}.text() + " 5\n");
  numbers.go_on_after(4);
  EXPECT_TRUE(numbers.number({1, 1}).duplicate);
  const auto next = numbers.number({2, 2});
  EXPECT_EQ(next.number, 5U);
  EXPECT_FALSE(next.duplicate);
}

}  // namespace
}  // namespace gcstreamd
