#include "gcstreamd/sinks/delivery.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "gcstreamd/sinks/audit_chain.hpp"
#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(DeliveryTest, WritesEachEventToEachSink) {
  add("file", "one");
  add("file", "two");
  ASSERT_EQ(make(), "");
  deliver(11);
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "11\n12\n");
  EXPECT_EQ(file("two").content, "11\n12\n");
  EXPECT_EQ(position(), 12U);
  EXPECT_GE(durables_, 1);
  EXPECT_THAT(news_, IsEmpty());
}

TEST_F(DeliveryTest, ThePositionIsWhatEveryRequiredSinkHoldsDurably) {
  add("file", "one");
  add("file", "two").sync = SinkConfig::Sync::never;
  add("file", "optional", false);
  ASSERT_EQ(make(), "");
  EXPECT_EQ(position(), 10U);
  deliver(11);
  delivery_->flush();
  EXPECT_EQ(position(), 10U);
  EXPECT_TRUE(settle());
  EXPECT_EQ(position(), 11U);
}

TEST_F(DeliveryTest, AnOptionalSinkNeverPullsThePositionBack) {
  add("file", "one");
  add("file", "optional", false);
  ASSERT_EQ(make(), "");
  file("optional").fail_opens = 1000000;
  file("optional").fail_appends = 1000000;
  deliver(11);
  delivery_->flush();
  EXPECT_TRUE(bench_.run_until([this] { return position() == 11U; }));
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryTest, AFilteredSinksPositionIncludesWhatItPassedOver) {
  add("file", "one").event_types = {"b"};
  ASSERT_EQ(make(), "");
  deliver(11, "a");
  deliver(12, "b");
  deliver(13, "a");
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "12\n");
  EXPECT_EQ(position(), 13U);
}

TEST_F(DeliveryTest, AnEventWithoutANumberIsWrittenAndMovesNothing) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  deliver(11);
  deliver(kNoNumber);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "11\n0\n");
  EXPECT_EQ(position(), 11U);
}

TEST_F(DeliveryTest, WhatASinkHoldsIsNotWrittenAgain) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  deliver(9);
  deliver(10);
  deliver(11);
  deliver(11);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "11\n");
}

TEST_F(DeliveryTest, PassedOverNumbersMoveThePosition) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  delivery_->pass_over(15);
  EXPECT_TRUE(settle());
  EXPECT_EQ(position(), 15U);
}

TEST_F(DeliveryTest, ANewEpochHasNoPositionUntilItIsKnownWhereItBegins) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  delivery_->begin_epoch();
  EXPECT_TRUE(settle());
  EXPECT_FALSE(delivery_->position());
  delivery_->begin_after(2);
  delivery_->secure();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->secured(); }));
  EXPECT_EQ(delivery_->position(), (Place{2, 2}));
  deliver(3);
  EXPECT_EQ(delivery_->position(), (Place{2, 2}));
  EXPECT_TRUE(settle());
  EXPECT_EQ(delivery_->position(), (Place{2, 3}));
  EXPECT_EQ(file("one").content, "3\n");
}

TEST_F(DeliveryTest, AnEpochThatBeginsWithOneHasItsPositionBeforeThat) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  delivery_->begin_epoch();
  delivery_->begin_after(0);
  EXPECT_TRUE(settle());
  EXPECT_EQ(delivery_->position(), (Place{2, 0}));
}

TEST_F(DeliveryTest, ARequiredSinkThatCannotBeOpenedAtStartIsToldWithItsNameAndPath) {
  add("file", "one");
  file("one").fail_opens = 1;
  EXPECT_EQ(make(), "sink one: /nowhere/one: Permission denied (EACCES)");
}

TEST_F(DeliveryTest, AFailedWriteStopsTheStreamUntilTheSinkIsBackAndLosesNothing) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  deliver(11);
  EXPECT_TRUE(settle());
  file("one").fail_appends = 3;
  deliver(12);
  delivery_->flush();
  EXPECT_THAT(news_, ElementsAre(R"(sink_failed,"sink":"one",)"
                                 R"_("error":"No space left on device (ENOSPC)","position":11)_",
                                 "sinks down"));
  EXPECT_EQ(position(), 11U);
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(12);  // again: it kept that one
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "11\n12\n13\n");
  EXPECT_EQ(position(), 13U);
  EXPECT_TRUE(told(R"(sink_recovered,"sink":"one","position":12)"));
  EXPECT_FALSE(told("events_lost"));
}

TEST_F(DeliveryTest, AfterAFailedSyncNothingIsMissingAndWhatComesAgainIsDoubledNowhere) {
  add("file", "one");
  add("file", "two");
  add("audit", "audit");
  ASSERT_EQ(make(), "");
  deliver(11);
  ASSERT_TRUE(settle());
  file("one").fail_syncs = 1;
  deliver(12);
  deliver(13);
  delivery_->flush();
  ASSERT_TRUE(wait_for("sinks down"));
  EXPECT_EQ(position(), 11U);
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(told(R"(sink_recovered,"sink":"one","position":13)"));
  deliver(12);
  deliver(13);
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "11\n12\n13\n14\n");
  EXPECT_EQ(file("two").content, "11\n12\n13\n14\n");
  const std::string& audit = file("audit").content;
  for (SequenceNumber n = 11; n <= 14; ++n) {
    const std::string piece = fmt::format("\"sequenceNumber\":{},", n);
    EXPECT_NE(audit.find(piece), std::string::npos);
    EXPECT_EQ(audit.find(piece), audit.rfind(piece)) << n;
  }
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryTest, TwoRequiredSinksDownAreToldOnceAndUpWhenBothAreBack) {
  add("file", "one");
  add("file", "two");
  ASSERT_EQ(make(), "");
  file("one").fail_appends = 1;
  file("two").fail_appends = 1;
  file("two").fail_opens = 5;
  deliver(11);
  delivery_->flush();
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_EQ(std::count(news_.begin(), news_.end(), "sinks down"), 1);
  EXPECT_EQ(std::count(news_.begin(), news_.end(), "sinks up"), 1);
  EXPECT_EQ(news_.back(), "sinks up");
  EXPECT_EQ(file("one").content, "11\n");
  EXPECT_EQ(file("two").content, "11\n");
}

TEST_F(DeliveryTest, WhatAnOptionalSinkMissedIsLostWithItsName) {
  add("file", "one");
  add("file", "optional", false).event_types = {"a"};
  ASSERT_EQ(make(), "");
  file("optional").fail_appends = 1;
  file("optional").fail_opens = 3;
  deliver(11);
  delivery_->flush();  // 11 stays in its buffer
  deliver(12);
  deliver(13, "b");
  deliver(14);
  ASSERT_TRUE(wait_for("events_lost"));
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":14,"count":2,"cause":"sink_failed",)"
                   R"("sink":"optional")"));
  deliver(15);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("optional").content, "11\n15\n");
  EXPECT_EQ(file("one").content, "11\n12\n13\n14\n15\n");
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryTest, WhatAnOptionalSinkMissedAndComesAgainIsCountedOnce) {
  add("file", "one");
  add("file", "optional", false);
  file("optional").fail_opens = 1;
  answer_ = true;
  ASSERT_EQ(make(), "");
  for (const SequenceNumber number : {11U, 12U, 13U, 11U, 12U})
    deliver(number);
  ASSERT_TRUE(wait_for("events_lost"));
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":13,"count":3,)"));
}

TEST_F(DeliveryTest, AnOptionalSinkThatNeverOpenedIsKnownToARestart) {
  add("file", "one");
  add("file", "optional", false);
  file("optional").fail_opens = 1000;
  ASSERT_EQ(make(), "");
  deliver(11);
  deliver(12);
  ASSERT_TRUE(settle());
  saved_ = delivery_->saved_sinks();
  EXPECT_EQ(saved_.at("optional").place, kStart);
  file("optional").fail_opens = 0;
  delivery_ = std::make_unique<Delivery>(bench_.context, config_, *this);
  ASSERT_EQ(delivery_->open({{1, 12}, saved_, true, false}), "");
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":12,"count":2,"cause":"behind_at_start",)"
                   R"("sink":"optional")"));
}

/// After a restart an optional sink opens late, and its file of before has another name.
class LateSinkTest : public DeliveryTest {
 protected:
  void SetUp() override {
    add("file", "one");
    add("file", "optional", false);
    ASSERT_EQ(make(), "");
    deliver(11);
    ASSERT_TRUE(settle());
    saved_ = delivery_->saved_sinks();
    delivery_.reset();
    moved_ = bench_.disk.take_away(path("optional"));
    bench_.disk.put_back(path("optional.1"), moved_);
    file("optional").fail_opens = 1;
  }
  void start_again() {
    delivery_ = std::make_unique<Delivery>(bench_.context, config_, *this);
    ASSERT_EQ(delivery_->open({{1, 11}, saved_, true, false}), "");
  }

  std::shared_ptr<FakeFile> moved_;
};

TEST_F(LateSinkTest, IsSyncedElsewhereThanOnTheLoop) {
  moved_->stall();
  start_again();
  ASSERT_TRUE(bench_.run_until([&] { return moved_->syncs > 1; }));
  deliver(12);
  delivery_->flush();
  EXPECT_EQ(content("one"), "11\n12\n");
  EXPECT_EQ(delivery_->saved_sinks().at("optional").file, saved_.at("optional").file);
  moved_->go_on();
  ASSERT_TRUE(wait_for("sink_recovered"));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("optional"), "13\n");
}

TEST_F(LateSinkTest, IsLookedAtAnewWhereItsFirstSyncFails) {
  file("optional").fail_syncs = 2;
  start_again();
  deliver(12);
  ASSERT_TRUE(wait_for("sink_recovered"));
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":12,"count":1,"cause":"sink_failed",)"));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("optional"), "13\n");
  EXPECT_EQ(count("sink_failed,"), 1U);
}

TEST_F(DeliveryTest, AnOptionalSinkKeepsWhatAFailedSyncLeftInDoubt) {
  add("file", "one");
  add("file", "optional", false);
  ASSERT_EQ(make(), "");
  deliver(11);
  ASSERT_TRUE(settle());
  file("optional").fail_syncs = 1;
  deliver(12);
  deliver(13);
  delivery_->flush();
  ASSERT_TRUE(wait_for("sink_failed"));
  deliver(14);
  ASSERT_TRUE(wait_for("sink_recovered"));
  deliver(15);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("optional").content, "11\n12\n13\n15\n");
  EXPECT_THAT(news_, Contains(HasSubstr(R"(events_lost,"from":14,"to":14,"count":1,)")));
}

TEST_F(DeliveryTest, AnOptionalAuditSinkThatOpensLateContinuesItsChain) {
  add("file", "one");
  add("audit", "audit", false);
  saved_["audit"].head = {41, std::string(64, 'e')};
  file("audit").fail_opens = 1;
  answer_ = true;
  ASSERT_EQ(make(), "");
  ASSERT_TRUE(wait_for("sink_recovered"));
  EXPECT_TRUE(settle());
  const std::string& text = file("audit").content;
  ASSERT_THAT(text, Not(IsEmpty()));
  AuditChain chain;
  chain.continue_from(saved_["audit"].head);
  std::string again = text.substr(0, text.find(",\"n\":"));
  chain.seal_line(again, 0);
  EXPECT_EQ(text.substr(0, text.find('\n') + 1), again);
}

TEST_F(DeliveryTest, RecordsGoToAuditSinksAndToTheObserver) {
  add("file", "one");
  add("audit", "audit");
  ASSERT_EQ(make(), "");
  delivery_->record(AuditRecord("token_acquired").number("expiresIn", 5), now_at(0s));
  EXPECT_TRUE(settle());
  EXPECT_EQ(file("one").content, "");
  EXPECT_THAT(file("audit").content, HasSubstr(R"("type":"token_acquired","expiresIn":5,"n":1)"));
  EXPECT_THAT(news_, ElementsAre(R"(token_acquired,"expiresIn":5)"));
  EXPECT_EQ(delivery_->saved_sinks().at("audit").head.n, 1U);
  EXPECT_EQ(delivery_->saved_sinks().size(), 2U);
}

TEST_F(DeliveryTest, AFullBufferIsFlushedAndASmallOneWaits) {
  add("file", "one").sync = SinkConfig::Sync::never;
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush_if_full();
  EXPECT_EQ(file("one").content, "");
  const std::string line(LogFile::kBatchBytes, 'x');
  delivery_->deliver({line, "a", 12, {}}, now_at(0s));
  delivery_->flush_if_full();
  EXPECT_EQ(file("one").content, "11\n" + line + "\n");
}

TEST_F(DeliveryTest, WhileASyncHangsNoMoreIsTakenThanALimit) {
  add("file", "one");
  add("file", "optional", false);
  ASSERT_EQ(make(), "");
  file("one").stall();
  file("optional").stall();
  const std::string line(1024 * 1024, 'x');
  SequenceNumber number = kStart.number;
  const auto take = [&](std::size_t bytes) {
    for (std::size_t taken = 0; taken < bytes; taken += line.size()) {
      delivery_->deliver({line, "a", ++number, {}}, now_at(0s));
      delivery_->flush();
    }
  };
  take(LogFile::kMaxUnsynced - 2 * line.size());
  EXPECT_FALSE(delivery_->behind());
  take(3 * line.size());
  EXPECT_TRUE(delivery_->behind());
  file("one").go_on();
  EXPECT_TRUE(bench_.run_until([this] { return !delivery_->behind(); }));
}

TEST_F(DeliveryTest, AtTheEndWhatAnOptionalSinkCouldNotWriteIsLostWithItsName) {
  add("audit", "audit");
  add("file", "optional", false);
  ASSERT_EQ(make(), "");
  file("optional").fail_appends = 1000000;
  deliver(11);
  delivery_->flush();
  deliver(12);
  delivery_->close();
  EXPECT_THAT(file("audit").content,
              HasSubstr(R"("type":"events_lost","from":11,"to":12,"count":2,)"));
}

TEST_F(DeliveryTest, WhatIsToldAsLostAtTheEndIsNotThereAfterAll) {
  add("audit", "audit");
  SinkConfig& spare = add("file", "optional", false);
  spare.retry = {1ms, 1ms, Jitter::none};
  ASSERT_EQ(make(), "");
  deliver(11);
  EXPECT_TRUE(settle());
  file("optional").fail_syncs = 1;
  file("optional").fail_opens = 1000000;
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(wait_for("sink_failed"));
  deliver(13);
  delivery_->close();
  file("optional").fail_opens = 0;
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  turn();
  EXPECT_EQ(file("optional").content, "11\n");
  EXPECT_THAT(news_, Contains(HasSubstr(R"(events_lost,"from":12,"to":13,"count":2,)")));
  EXPECT_EQ(count("sink_recovered"), 0U);
}

TEST_F(DeliveryTest, AnOptionalSinkThatHoldsNothingYetIsBehindFromTheStartOn) {
  add("file", "one");
  add("file", "optional", false);
  file("one").content = "{\"eventType\":\"a\",\"sequenceNumber\":1}\n";
  saved_["one"].file = {1, file("one").inode, 1};
  saved_["one"].place = saved_["optional"].place = {1, 0};
  saved_["optional"].file = {1, file("optional").inode, 1};
  delivery_ = std::make_unique<Delivery>(bench_.context, config_, *this);
  ASSERT_EQ(delivery_->open({{1, 0}, saved_, true, false}), "");
  EXPECT_EQ(delivery_->reached(), (Place{1, 1}));
  EXPECT_THAT(news_, Contains(HasSubstr(R"("from":1,"to":1,"count":1,"cause":"behind_at_start")")));
}

TEST_F(DeliveryTest, CloseMakesAllOfItDurableWithoutWaitingForTheInterval) {
  SinkConfig& one = add("file", "one");
  one.sync = SinkConfig::Sync::interval;
  one.sync_interval = 1h;
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->close();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_EQ(position(), 11U);
}

}  // namespace
}  // namespace gcstreamd
