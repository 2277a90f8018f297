#include "gcstreamd/sinks/audit_chain.hpp"
#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

using testing::HasSubstr;

/// Files that were moved away, and a stream that is told to reopen them.
class DeliveryReopenTest : public DeliveryTest {
 protected:
  /// One sink that holds 11 durably; its file is moved away then.
  void SetUp() override {
    add("file", "one");
    answer_ = true;
  }
  void start() {
    ASSERT_EQ(make(), "");
    deliver(11);
    ASSERT_TRUE(settle());
  }
  bool reopened(const std::string& name) {
    return bench_.run_until([&] {
      delivery_->flush();
      return bench_.disk.has(path(name)) && delivery_->settled();
    });
  }
};

/// Checks the chain over the lines of several files; returns how many there are.
std::size_t chained_lines(const std::string& text) {
  AuditChain chain;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at + 1);
    std::string again = line.substr(0, line.rfind(",\"n\":"));
    chain.seal_line(again, 0);
    EXPECT_EQ(line, again);
    at += line.size();
  }
  return lines;
}

TEST_F(DeliveryReopenTest, AFileThatStillHasItsNameIsLeftAlone) {
  start();
  delivery_->reopen();
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
  EXPECT_FALSE(told("save wanted"));
  EXPECT_FALSE(told("file_reopened"));
}

TEST_F(DeliveryReopenTest, TheOldFileIsSyncedThenThePositionSavedThenTheNewOneOpened) {
  config_.sinks[0].sync = SinkConfig::Sync::interval;
  config_.sinks[0].sync_interval = 1h;
  answer_.reset();
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush();
  deliver(12);
  const auto old = rotate("one");
  old->stall();
  delivery_->reopen();
  EXPECT_EQ(old->content, "11\n12\n");
  deliver(13);
  delivery_->flush();
  EXPECT_FALSE(told("save wanted"));
  old->go_on();
  ASSERT_TRUE(wait_for("save wanted"));
  EXPECT_EQ(saves_.at(0).position, 12U);
  deliver(14);
  delivery_->flush();
  EXPECT_FALSE(bench_.disk.has(path("one")));
  delivery_->saved(true);
  EXPECT_EQ(content("one"), "13\n14\n");
  EXPECT_EQ(old->content, "11\n12\n");
  delivery_->close();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_EQ(position(), 14U);
  EXPECT_FALSE(told("sinks down"));
  EXPECT_FALSE(told("position_not_saved"));
}

TEST_F(DeliveryReopenTest, AllMovedFilesAreSyncedBeforeOneSaveForAllOfThem) {
  add("file", "two");
  add("file", "three");
  start();
  const auto one = rotate("one");
  const auto two = rotate("two");
  two->stall();
  delivery_->reopen();
  deliver(12);
  delivery_->flush();
  EXPECT_EQ(content("three"), "11\n12\n");
  two->go_on();
  EXPECT_TRUE(reopened("two"));
  EXPECT_EQ(count("save wanted"), 1U);
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(content("two"), "12\n");
  EXPECT_EQ(content("three"), "11\n12\n");
  EXPECT_EQ(count("file_reopened"), 2U);
}

TEST_F(DeliveryReopenTest, TheAuditChainGoesOnInTheNewFileAndItsHeadIsSavedBefore) {
  add("audit", "audit");
  start();
  const auto old = rotate("audit");
  old->stall();
  deliver(12);
  delivery_->reopen();
  deliver(13);
  delivery_->record(AuditRecord("meanwhile"), now_at(0s));
  old->go_on();
  EXPECT_TRUE(reopened("audit"));
  EXPECT_EQ(saves_.at(0).sinks.at("audit").head.n, 2U);
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(chained_lines(old->content), 2U);
  EXPECT_EQ(chained_lines(old->content + content("audit")), 5U);
}

TEST_F(DeliveryReopenTest, ADiskThatHangsHoldsUpItsOwnSinkAlone) {
  add("file", "slow", false);
  start();
  const auto one = rotate("one");
  const auto slow = rotate("slow");
  slow->stall();
  deliver(12);
  delivery_->reopen();
  ASSERT_TRUE(bench_.run_until([this] { return content("one") == ""; }));
  deliver(13);
  ASSERT_TRUE(bench_.run_until([this] {
    delivery_->flush();
    return content("one") == "13\n";
  }));
  const auto second = rotate("one");
  delivery_->reopen();
  EXPECT_TRUE(bench_.run_until([this] { return bench_.disk.has(path("one")); }));
  EXPECT_FALSE(bench_.disk.has(path("slow")));
  slow->go_on();
  EXPECT_TRUE(reopened("slow"));
  EXPECT_EQ(content("slow"), "13\n");
}

TEST_F(DeliveryReopenTest, AFileThatIsMovedWhileItsSaveRunsIsSyncedBeforeItIsLeft) {
  start();
  rotate("one");
  answer_ = false;
  delivery_->reopen();
  ASSERT_TRUE(wait_for("file_reopened"));  // and waits for a save
  deliver(12);
  const auto second = rotate("one");
  second->stall();
  delivery_->reopen();
  answer_ = true;
  delivery_->on_tick();
  EXPECT_FALSE(bench_.disk.has(path("one")));
  second->go_on();
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(second->content, "");
  EXPECT_EQ(content("one"), "12\n");
}

TEST_F(DeliveryReopenTest, SeveralCallsWhileOneRunsAreOneMore) {
  answer_.reset();
  start();
  const auto first = rotate("one");
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  delivery_->reopen();
  delivery_->reopen();
  deliver(12);
  delivery_->saved(true);
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(count("save wanted"), 1U);  // the one more found nothing moved
  const auto second = rotate("one");
  second->stall();
  deliver(13);
  delivery_->reopen();
  delivery_->reopen();
  deliver(14);
  second->go_on();
  ASSERT_TRUE(bench_.run_until([this] { return count("save wanted") == 2; }));
  delivery_->saved(true);
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(first->content + "|" + second->content + "|" + content("one"), "11\n|12\n13\n|14\n");
}

TEST_F(DeliveryReopenTest, AFileThatIsMovedAgainWhileItIsReopenedIsFoundByTheOneMore) {
  answer_.reset();
  start();
  rotate("one");
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  delivery_->reopen();
  deliver(12);
  // Somebody puts a file there and moves it away before it was opened: nothing of ours is in it.
  bench_.disk.move_away(path("one"));
  rotate("one");
  delivery_->saved(true);
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(content("one"), "12\n");
}

TEST_F(DeliveryReopenTest, WithoutASavedPositionTheNewFilesAreOpenedAllTheSameAndItIsTold) {
  start();
  answer_ = false;
  const auto old = rotate("one");
  delivery_->reopen();
  deliver(12);
  ASSERT_TRUE(wait_for("file_reopened"));
  EXPECT_TRUE(told("position_not_saved"));
  delivery_->flush();
  EXPECT_EQ(content("one"), "");  // a restart would not know of it
  answer_ = true;
  delivery_->on_tick();
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReopenTest, AnAnswerThatNobodyAskedForDoesNothing) {
  start();
  delivery_->saved(false);
  delivery_->saved(true);
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_TRUE(news_.empty());
}

TEST_F(DeliveryReopenTest, ALastWriteThatFailsStopsTheStreamAndIsWrittenToTheNewFile) {
  start();
  const auto old = rotate("one");
  old->fail_appends = 1;
  deliver(12);
  delivery_->reopen();
  EXPECT_TRUE(told("sinks down"));
  EXPECT_EQ(position(), 11U);
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(12);
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n13\n");
  EXPECT_EQ(position(), 13U);
}

TEST_F(DeliveryReopenTest, ALastSyncThatFailsDoublesNothingAndLosesNothing) {
  add("file", "two");
  start();
  const auto one = rotate("one");
  const auto two = rotate("two");
  one->fail_syncs = 1;
  two->stall();
  deliver(12);
  delivery_->reopen();
  deliver(13);
  ASSERT_TRUE(wait_for("sinks down"));
  EXPECT_EQ(position(), 11U);
  two->go_on();
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(one->content, "11\n");
  EXPECT_EQ(content("one"), "12\n13\n14\n");
  EXPECT_EQ(two->content, "11\n12\n");
  EXPECT_EQ(content("two"), "13\n14\n");
  EXPECT_EQ(count("save wanted"), 1U);
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryReopenTest, WhenAllOldFilesFailNobodyIsAskedToSave) {
  start();
  rotate("one")->fail_syncs = 1;
  deliver(12);
  delivery_->reopen();
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_FALSE(told("save wanted"));
  rotate("one");
  deliver(13);
  delivery_->reopen();
  EXPECT_TRUE(reopened("one"));
  EXPECT_EQ(count("save wanted"), 1U);
}

TEST_F(DeliveryReopenTest, ANewFileThatCannotBeOpenedIsRetriedAndGetsWhatWaited) {
  start();
  const auto old = rotate("one");
  answer_.reset();
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  file("one").fail_opens = 3;
  delivery_->saved(true);
  EXPECT_TRUE(told("sinks down"));
  EXPECT_TRUE(told("Permission denied (EACCES)"));
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n");
}

TEST_F(DeliveryReopenTest, AFirstWriteThatFailsInTheNewFileIsRetried) {
  start();
  rotate("one");
  answer_.reset();
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  file("one").fail_appends = 2;
  delivery_->saved(true);
  EXPECT_TRUE(told("sinks down"));
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "12\n");
}

TEST_F(DeliveryReopenTest, AFirstSyncThatFailsInTheNewFileIsRetried) {
  start();
  rotate("one");
  answer_.reset();
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  file("one").fail_syncs = 2;
  delivery_->saved(true);
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReopenTest, ASinkThatWaitsTooLongFailsWithTimeout) {
  start();
  const auto old = rotate("one");
  old->stall();
  deliver(12);
  delivery_->reopen();
  const std::string line(LogFile::kMaxHeld, 'x');
  delivery_->deliver({line, "a", 13, {}}, now_at(0s));
  delivery_->flush_if_full();
  EXPECT_TRUE(told("sinks down"));
  EXPECT_TRUE(told("ETIMEDOUT"));
  EXPECT_EQ(position(), 11U);
  old->go_on();
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(13);  // again: it kept that one
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n12\n");
  EXPECT_EQ(content("one"), line + "\n14\n");
  EXPECT_FALSE(told("events_lost"));
}

TEST_F(DeliveryReopenTest, ManySmallEventsThatWaitDoNotMakeTheOthersFlushForEach) {
  add("file", "two").sync = SinkConfig::Sync::never;
  start();
  const auto old = rotate("one");
  old->stall();
  deliver(12);
  delivery_->reopen();
  const std::string line(LogFile::kBatchBytes + 1, 'x');
  delivery_->deliver({line, "a", 13, {}}, now_at(0s));
  delivery_->flush_if_full();
  deliver(14);
  delivery_->flush_if_full();
  EXPECT_FALSE(content("two").ends_with("14\n"));
  old->go_on();
  EXPECT_TRUE(settle());
  EXPECT_TRUE(content("two").ends_with("14\n"));
}

TEST_F(DeliveryReopenTest, AFailedSinksRetryComesAtOnce) {
  config_.sinks[0].retry = {1h, 1h, Jitter::none};
  start();
  file("one").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(told("sinks down"));
  delivery_->reopen();
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
}

TEST_F(DeliveryReopenTest, AFailedSinkWhoseFileWasMovedSyncsItOffTheLoopAndGoesOnInTheNewOne) {
  config_.sinks[0].sync = SinkConfig::Sync::interval;
  config_.sinks[0].sync_interval = 1h;
  config_.sinks[0].retry = {1h, 1h, Jitter::none};
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush();  // not synced
  file("one").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  const auto old = rotate("one");
  old->stall();
  delivery_->reopen();
  turn();
  EXPECT_TRUE(told("sinks down"));
  EXPECT_EQ(position(), 10U);
  old->go_on();
  ASSERT_TRUE(wait_for("sinks up"));  // at once after the sync, whatever the retry's delay
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(count("sink_failed"), 1U);
  EXPECT_EQ(old->syncs, 1);
}

TEST_F(DeliveryReopenTest, AFileThatIsMovedWhileItsSinkProvesItselfIsReopenedThen) {
  start();
  file("one").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  FakeFile& old = file("one");
  old.stall();
  ASSERT_TRUE(bench_.run_until([&] { return old.syncs == 2; }));  // proving
  const auto kept = rotate("one");
  delivery_->reopen();
  EXPECT_FALSE(told("save wanted"));
  kept->go_on();
  EXPECT_TRUE(reopened("one"));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(kept->content, "11\n12\n");
  EXPECT_EQ(content("one"), "13\n");
  EXPECT_EQ(count("save wanted"), 1U);
}

TEST_F(DeliveryReopenTest, AnOptionalSinkThatFailsOnItsWayTellsWhatItMissed) {
  add("file", "spare", false);
  start();
  const auto old = rotate("spare");
  answer_.reset();
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  file("spare").fail_opens = 1;
  delivery_->saved(true);
  deliver(13);
  ASSERT_TRUE(wait_for("sink_recovered"));
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("spare"), "12\n14\n");
  EXPECT_TRUE(told(R"(events_lost,"from":13,"to":13,"count":1,"cause":"sink_failed")"));
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryReopenTest, ACloseWhileTheOldFileIsSyncedEndsInTheNewOneWithoutASave) {
  config_.sinks[0].sync = SinkConfig::Sync::interval;
  config_.sinks[0].sync_interval = 1h;
  answer_.reset();
  ASSERT_EQ(make(), "");
  deliver(11);
  const auto old = rotate("one");
  old->stall();
  delivery_->reopen();
  deliver(12);
  delivery_->close();
  EXPECT_FALSE(delivery_->settled());
  old->go_on();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(position(), 12U);
  EXPECT_FALSE(told("save wanted"));
}

TEST_F(DeliveryReopenTest, ACloseWhileTheSaveRunsEndsBehindIt) {
  config_.sinks[0].sync = SinkConfig::Sync::interval;
  config_.sinks[0].sync_interval = 1h;
  answer_.reset();
  ASSERT_EQ(make(), "");
  deliver(11);
  const auto old = rotate("one");
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  delivery_->close();
  EXPECT_FALSE(delivery_->settled());
  delivery_->saved(true);
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_EQ(old->content, "11\n");
  EXPECT_EQ(content("one"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReopenTest, AfterACloseNothingIsReopened) {
  start();
  rotate("one");
  delivery_->close();
  delivery_->reopen();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_FALSE(bench_.disk.has(path("one")));
  EXPECT_FALSE(told("save wanted"));
}

TEST_F(DeliveryReopenTest, WhatAnOptionalSinkCannotWriteAtTheEndOfItsWayIsToldAsLost) {
  add("audit", "audit");
  add("file", "spare", false);
  start();
  const auto old = rotate("spare");
  old->stall();
  deliver(12);
  delivery_->reopen();
  deliver(13);
  delivery_->close();
  EXPECT_FALSE(told("events_lost"));
  file("spare").fail_opens = 1000000;
  old->go_on();
  ASSERT_TRUE(wait_for("events_lost"));
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_THAT(content("audit"), HasSubstr(R"("events_lost","from":13,"to":13,"count":1,)"
                                          R"("cause":"stopped_before_written","sink":"spare")"));
}

TEST_F(DeliveryReopenTest, DestroyedOnItsWayItIsNotCalledBack) {
  answer_.reset();
  start();
  const auto old = rotate("one");
  old->stall();
  deliver(12);
  delivery_->reopen();
  delivery_.reset();
  old->go_on();
  EXPECT_TRUE(bench_.run_until([&] { return old->syncs == 2; }));
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_FALSE(told("save wanted"));
}

TEST_F(DeliveryReopenTest, DestroyedWithARetryDueItIsNotCalledBack) {
  start();
  file("one").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  delivery_->reopen();
  delivery_.reset();
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_FALSE(told("sink_recovered"));
}

TEST_F(DeliveryReopenTest, ANewEpochOnTheWayHasItsOwnPosition) {
  start();
  const auto old = rotate("one");
  old->stall();
  deliver(12);
  delivery_->reopen();
  delivery_->begin_epoch();
  deliver(3);
  old->go_on();
  EXPECT_TRUE(reopened("one"));
  EXPECT_FALSE(saves_.at(0).position);
  EXPECT_EQ(delivery_->position(), (Place{2, 3}));
  EXPECT_EQ(old->content + "|" + content("one"), "11\n12\n|3\n");
}

}  // namespace
}  // namespace gcstreamd
