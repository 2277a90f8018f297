#include "gcstreamd/core/subscription_judge.hpp"

#include <gtest/gtest.h>

namespace gcstreamd {
namespace {

using Verdict = SubscriptionJudge::Verdict;

class SubscriptionJudgeTest : public testing::Test {
 protected:
  static Fault closed(int code) { return {Stage::stream, FaultKind::close_code, code, "closed"}; }
  Verdict by_server(int code, std::string_view reason = "",
                    std::optional<SequenceNumber> position = 100) {
    return judge_.ended({closed(code), reason, false, at_once_, position});
  }
  Verdict by_client(int code, std::optional<SequenceNumber> position = 100) {
    return judge_.ended({closed(code), "", true, at_once_, position});
  }
  Verdict closed_at_once(int code, std::string_view reason = "") {
    judge_.subscribed(100);
    return by_server(code, reason);
  }

  bool at_once_ = true;
  SubscriptionJudge judge_;
};

TEST_F(SubscriptionJudgeTest, APositionThatIsClosedAtOnceThreeTimesInARowIsStale) {
  EXPECT_EQ(closed_at_once(1000), Verdict::ordinary);
  EXPECT_EQ(closed_at_once(4000), Verdict::ordinary);
  EXPECT_EQ(closed_at_once(1000), Verdict::stale);
  EXPECT_EQ(closed_at_once(1000), Verdict::ordinary);  // counted anew
}

TEST_F(SubscriptionJudgeTest, ANewEventInBetweenBreaksTheRow) {
  closed_at_once(1000);
  closed_at_once(1000);
  judge_.subscribed(100);
  judge_.heard_new_event(true);
  EXPECT_EQ(by_server(1000), Verdict::ordinary);
  EXPECT_EQ(closed_at_once(1000), Verdict::ordinary);
}

TEST_F(SubscriptionJudgeTest, AHeartbeatSaysThatThePositionWasTaken) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(100);
    judge_.heard_other();
    EXPECT_EQ(by_server(1000), Verdict::ordinary);
  }
}

TEST_F(SubscriptionJudgeTest, AQuietConnectionThatLivedAndIsClosedRefusedNothing) {
  at_once_ = false;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(closed_at_once(1000), Verdict::ordinary);
}

TEST_F(SubscriptionJudgeTest, AServerThatRepeatsAllUpToThePositionHasNothingNewer) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(3);
    for (const SequenceNumber n : {1U, 2U, 3U})
      judge_.heard_duplicate(n);
    EXPECT_EQ(by_server(1000, "", 3), Verdict::ordinary);
  }
}

TEST_F(SubscriptionJudgeTest, APoisonOfAnotherEpochIsForgotten) {
  judge_.subscribed(100);
  EXPECT_EQ(by_client(1009), Verdict::ordinary);
  judge_.heard_new_event(true);
  EXPECT_EQ(by_client(1009), Verdict::ordinary);
}

TEST_F(SubscriptionJudgeTest, WithoutAPositionNothingIsStale) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(std::nullopt);
    EXPECT_EQ(by_server(1000, "", std::nullopt), Verdict::ordinary);
  }
}

TEST_F(SubscriptionJudgeTest, TheServersOwnTroublesSayNothingOfThePosition) {
  for (const int code : {1001, 1006, 1011, 1012, 1013, 1014})
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(closed_at_once(code), Verdict::ordinary) << code;
}

TEST_F(SubscriptionJudgeTest, APositionThatIsIgnoredAgainAndAgainIsStaleHoweverItEnds) {
  for (int i = 0; i < 3; ++i) {
    judge_.subscribed(100);
    judge_.heard_duplicate(1);
    judge_.heard_duplicate(2);
    EXPECT_EQ(by_server(1006), i < 2 ? Verdict::ordinary : Verdict::stale);
  }
}

TEST_F(SubscriptionJudgeTest, AnOverlapIsNoIgnoredPosition) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(10000);
    judge_.heard_duplicate(9501);
    EXPECT_EQ(by_server(1006, "", 10000), Verdict::ordinary);
  }
  for (int i = 0; i < 3; ++i) {
    judge_.subscribed(10000);
    judge_.heard_duplicate(9500);
    EXPECT_EQ(by_server(1006, "", 10000), i < 2 ? Verdict::ordinary : Verdict::stale);
  }
}

TEST_F(SubscriptionJudgeTest, OldEventsAndThenAHeartbeatIsAServerWithNothingNewer) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(100);
    judge_.heard_duplicate(1);
    judge_.heard_other();
    EXPECT_EQ(by_server(1006), Verdict::ordinary);
  }
}

TEST_F(SubscriptionJudgeTest, ARefusalAsACloseBeforeAnythingCame) {
  struct Case {
    int code;
    std::string_view reason;
    int status;
  };
  for (const Case& one : {Case{4403, "", 403}, Case{4401, "", 401}, Case{4429, "", 429},
                          Case{1008, "", 403}, Case{1008, "Unauthorized", 401},
                          Case{1000, "403 Forbidden", 403}, Case{3000, "unauthorized", 401}}) {
    EXPECT_EQ(closed_at_once(one.code, one.reason), Verdict::refused) << one.code;
    EXPECT_EQ(judge_.refused_status(), one.status) << one.code << one.reason;
  }
}

TEST_F(SubscriptionJudgeTest, APolicyCloseThatSpeaksOfThePositionIsCountedAsStale) {
  EXPECT_EQ(closed_at_once(1008, "sequenceNumber too old"), Verdict::ordinary);
  EXPECT_EQ(closed_at_once(1008, "Stale position"), Verdict::ordinary);
  EXPECT_EQ(closed_at_once(1008, "sequenceNumber too old"), Verdict::stale);
}

TEST_F(SubscriptionJudgeTest, APositionThatHappensToBeNamedLikeAStatusIsNoRefusal) {
  for (const int code : {1008, 1000, 4000}) {
    EXPECT_EQ(closed_at_once(code, "sequenceNumber 403 is too old"), Verdict::ordinary);
    EXPECT_EQ(closed_at_once(code, "position 401 is gone"), Verdict::ordinary);
    EXPECT_EQ(closed_at_once(code, "stale: 429"), Verdict::stale) << code;
  }
}

TEST_F(SubscriptionJudgeTest, OnceSomethingCameACloseIsNoRefusal) {
  judge_.subscribed(std::nullopt);
  judge_.heard_new_event(true);
  EXPECT_EQ(by_server(4403), Verdict::ordinary);
  judge_.subscribed(std::nullopt);
  judge_.heard_other();
  EXPECT_EQ(by_server(1008), Verdict::ordinary);
}

TEST_F(SubscriptionJudgeTest, ARefusalInsideTheStreamCountsAgainstThePositionUnlessItIsOfRights) {
  for (int i = 0; i < 4; ++i) {
    judge_.subscribed(100);
    EXPECT_EQ(judge_.refused(403), Verdict::refused);
  }
  for (const int status : {400, 410, 416}) {
    judge_.subscribed(100);
    EXPECT_EQ(judge_.refused(status), status == 416 ? Verdict::stale : Verdict::refused);
  }
}

TEST_F(SubscriptionJudgeTest, AnOutageThatIsToldInsideTheStreamSaysNothingOfThePosition) {
  for (const int status : {402, 405, 407, 408, 500, 502, 503, 599})
    for (int i = 0; i < 4; ++i) {
      judge_.subscribed(100);
      EXPECT_EQ(judge_.refused(status), Verdict::refused) << status;
    }
}

TEST_F(SubscriptionJudgeTest, OnceAHeartbeatCameARefusalInsideTheStreamIsNotOfThePosition) {
  judge_.subscribed(100);
  judge_.refused(410);
  judge_.subscribed(100);
  judge_.refused(410);
  for (int i = 0; i < 4; ++i) {
    judge_.subscribed(100);
    judge_.heard_other();
    EXPECT_EQ(judge_.refused(400), Verdict::refused);
  }
  judge_.subscribed(100);
  EXPECT_EQ(judge_.refused(410), Verdict::refused);  // counted anew
}

TEST_F(SubscriptionJudgeTest, TheSameMessageThatEndsTheConnectionTwiceIsPoison) {
  for (const int code : {1007, 1009}) {
    SubscriptionJudge fresh;
    judge_ = fresh;
    judge_.subscribed(100);
    EXPECT_EQ(by_client(code), Verdict::ordinary);
    judge_.subscribed(100);
    EXPECT_EQ(by_client(code), Verdict::poison);
    judge_.subscribed(101);
    EXPECT_EQ(by_client(code, 101), Verdict::ordinary);
    EXPECT_EQ(by_client(code, 101), Verdict::poison);
  }
}

TEST_F(SubscriptionJudgeTest, AtAnotherPositionOrWithoutOneItIsNoPoison) {
  judge_.subscribed(100);
  EXPECT_EQ(by_client(1009, 100), Verdict::ordinary);
  EXPECT_EQ(by_client(1009, 105), Verdict::ordinary);
  EXPECT_EQ(by_client(1009, 105), Verdict::poison);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(by_client(1009, std::nullopt), Verdict::ordinary);
}

TEST_F(SubscriptionJudgeTest, ProtocolErrorsAndTheServersOwnCodesAreNoPoison) {
  judge_.subscribed(100);
  judge_.heard_new_event(true);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(by_client(1002), Verdict::ordinary);
    EXPECT_EQ(by_server(1009), Verdict::ordinary);
  }
}

TEST_F(SubscriptionJudgeTest, WhatWeEndedOurselvesSaysNothing) {
  for (int i = 0; i < 5; ++i) {
    judge_.subscribed(100);
    judge_.heard_duplicate(1);
    const Fault ours(Stage::stream, FaultKind::cancelled, 1000, "closed by us");
    EXPECT_EQ(judge_.ended({ours, "", true, true, 100}), Verdict::ordinary);
  }
}

}  // namespace
}  // namespace gcstreamd
