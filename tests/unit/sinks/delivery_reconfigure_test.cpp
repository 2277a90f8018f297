#include <algorithm>

#include "sinks/delivery_fixture.hpp"

namespace gcstreamd {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A stream whose sinks change while it runs.
class DeliveryReconfigureTest : public DeliveryTest {
 protected:
  void SetUp() override { answer_ = true; }
  void start() {
    ASSERT_EQ(make(), "");
    deliver(11);
    ASSERT_TRUE(settle());
    news_.clear();
  }
  void apply() { delivery_->reconfigure(config_); }
  SinkConfig& sink(const std::string& name) {
    return *std::find_if(config_.sinks.begin(), config_.sinks.end(),
                         [&](const SinkConfig& one) { return one.name == name; });
  }
  void remove(const std::string& name) {
    std::erase_if(config_.sinks, [&](const SinkConfig& one) { return one.name == name; });
  }
  /// Without syncs of its own accord.
  void sync_late(const std::string& name) {
    sink(name).sync = SinkConfig::Sync::interval;
    sink(name).sync_interval = 1h;
  }
};

TEST_F(DeliveryReconfigureTest, TheSameSinksAreNotTouched) {
  add("file", "one");
  add("file", "two");
  start();
  const int syncs = file("one").syncs;
  std::swap(config_.sinks[0], config_.sinks[1]);
  apply();
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
  EXPECT_EQ(file("one").syncs, syncs + 1);
  EXPECT_TRUE(news_.empty());
}

TEST_F(DeliveryReconfigureTest, AnAddedSinkStartsAtTheStreamsPlace) {
  add("file", "one");
  start();
  deliver(12);
  add("file", "two");
  apply();
  EXPECT_EQ(position(), 11U);  // 12 is not durable yet
  deliver(12);                 // sent again: it is before the new one's start
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n13\n");
  EXPECT_EQ(content("two"), "13\n");
  EXPECT_EQ(position(), 13U);
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryReconfigureTest, AnAddedSinkIsPartOfThePosition) {
  add("file", "one");
  start();
  add("file", "two");
  sync_late("two");
  apply();
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(bench_.run_until([this] { return file("one").syncs == 2; }));
  turn();
  EXPECT_EQ(position(), 11U);
  delivery_->close();
  EXPECT_TRUE(bench_.run_until([this] { return position() == 12U; }));
}

TEST_F(DeliveryReconfigureTest, AnAddedRequiredSinkThatCannotBeOpenedStopsTheStreamUntilItCan) {
  add("file", "one");
  start();
  add("file", "two");
  file("two").fail_opens = 3;
  apply();
  EXPECT_TRUE(told(R"_(sink_failed,"sink":"two","error":"Permission denied (EACCES)")_"));
  EXPECT_EQ(count("sinks down"), 1U);
  EXPECT_EQ(position(), 11U);
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReconfigureTest, WhatAnAddedSinkThatWasDownDidNotTakeIsNotSkippedWhenItComesAgain) {
  add("file", "one");
  start();
  add("file", "two");
  file("two").fail_opens = 1;
  apply();
  deliver(12);  // too late for the stop
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_EQ(position(), 11U);
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
  EXPECT_EQ(content("two"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReconfigureTest, AnAddedOptionalSinkThatCannotBeOpenedTellsWhatItMissed) {
  add("file", "one");
  start();
  add("file", "two", false);
  file("two").fail_opens = 1;
  apply();
  deliver(12);
  ASSERT_TRUE(wait_for("events_lost"));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "13\n");
  EXPECT_TRUE(told(R"("from":12,"to":12,"count":1,"cause":"sink_failed","sink":"two")"));
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryReconfigureTest, ARemovedSinkIsWrittenAndSyncedBeforeItGoes) {
  add("file", "one");
  add("file", "two");
  sync_late("two");
  ASSERT_EQ(make(), "");
  deliver(11);
  deliver(12);
  remove("two");
  file("two").stall();
  apply();
  EXPECT_EQ(content("two"), "11\n12\n");
  EXPECT_FALSE(delivery_->settled());
  deliver(13);
  delivery_->flush();
  file("two").go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "11\n12\n");
  EXPECT_EQ(file("two").syncs, 1);
  EXPECT_EQ(content("one"), "11\n12\n13\n");
  EXPECT_EQ(position(), 13U);
  EXPECT_TRUE(news_.empty());
}

TEST_F(DeliveryReconfigureTest, UntilARemovedRequiredSinkIsSyncedThePositionStaysBehindIt) {
  add("file", "one");
  sync_late("one");
  ASSERT_EQ(make(), "");
  deliver(11);
  config_.sinks.clear();
  add("file", "two");
  file("one").stall();
  apply();
  EXPECT_EQ(position(), 10U);
  deliver(12);
  delivery_->flush();
  turn();
  EXPECT_EQ(position(), 10U);
  file("one").go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(position(), 12U);
  EXPECT_EQ(content("one") + "|" + content("two"), "11\n|12\n");
}

TEST_F(DeliveryReconfigureTest, ARemovedSinkDoesNotHoldTheNewEpochUp) {
  add("file", "one");
  add("file", "two");
  start();
  deliver(12);
  remove("two");
  apply();
  delivery_->begin_epoch();
  EXPECT_FALSE(delivery_->position());
  deliver(3);
  EXPECT_TRUE(settle());
  EXPECT_EQ(delivery_->position(), (Place{2, 3}));
  EXPECT_EQ(content("two"), "11\n12\n");
}

TEST_F(DeliveryReconfigureTest, WhatARemovedSinkCouldNotWriteIsLostWithItsName) {
  add("audit", "audit");
  add("file", "two");
  start();
  file("two").fail_appends = 1000000;
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(told("sinks down"));
  remove("two");
  apply();
  EXPECT_TRUE(told("sinks up"));
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), HasSubstr(R"("type":"events_lost","from":12,"to":12,"count":1,)"
                                          R"("cause":"sink_removed","sink":"two")"));
  EXPECT_EQ(count("events_lost"), 1U);
  EXPECT_EQ(position(), 13U);
}

TEST_F(DeliveryReconfigureTest, ARemovedSinksLastWriteThatFailsIsLostWithItsName) {
  add("file", "one");
  add("file", "two", false);
  start();
  deliver(12);
  deliver(13);
  file("two").fail_appends = 1;
  remove("two");
  apply();
  EXPECT_TRUE(told(R"(sink_failed,"sink":"two")"));
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":13,"count":2,"cause":"sink_removed")"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(count("events_lost"), 1U);
  EXPECT_FALSE(told("sinks down"));
  EXPECT_FALSE(told("sink_recovered"));
}

TEST_F(DeliveryReconfigureTest, ARemovedSinksLastSyncThatFailsIsLostWithItsName) {
  add("file", "one");
  add("file", "two");
  start();
  deliver(12);
  file("two").fail_syncs = 1;
  remove("two");
  apply();
  EXPECT_FALSE(told("events_lost"));
  EXPECT_TRUE(settle());
  EXPECT_TRUE(told(R"_(sink_failed,"sink":"two","error":"Input/output error (EIO)")_"));
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":12,"count":1,"cause":"sink_removed")"));
  EXPECT_EQ(position(), 12U);
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryReconfigureTest, WhatARemovedSinkMissedAndKeptIsToldOnce) {
  add("file", "one");
  add("file", "two", false);
  start();
  file("two").fail_opens = 1000000;
  file("two").fail_appends = 1;
  deliver(12);  // stays in its buffer
  delivery_->flush();
  deliver(13);
  deliver(14);
  remove("two");
  apply();
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":14,"count":3,"cause":"sink_removed")"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(count("events_lost"), 1U);
}

TEST_F(DeliveryReconfigureTest, ASinkThatIsRemovedWhileItProvesItselfEndsInPeace) {
  add("file", "one");
  add("file", "two", false);
  start();
  file("two").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  file("two").stall();
  deliver(13);
  ASSERT_TRUE(bench_.run_until([this] { return file("two").syncs == 2; }));
  remove("two");
  apply();
  EXPECT_FALSE(told("events_lost"));
  file("two").go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "11\n12\n");
  EXPECT_TRUE(told(R"(events_lost,"from":13,"to":13,"count":1,"cause":"sink_removed")"));
  EXPECT_EQ(count("events_lost"), 1U);
}

TEST_F(DeliveryReconfigureTest, ARemovedSinkThatWaitsForItsNewFileGetsThere) {
  add("file", "one");
  add("file", "two");
  start();
  const auto old = rotate("two");
  old->stall();
  deliver(12);
  delivery_->reopen();
  deliver(13);
  remove("two");
  apply();
  deliver(14);
  old->go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content + "|" + content("two"), "11\n12\n|13\n");
  EXPECT_EQ(content("one"), "11\n12\n13\n14\n");
  EXPECT_EQ(position(), 14U);
  EXPECT_FALSE(told("events_lost"));
}

TEST_F(DeliveryReconfigureTest, ARemovedSinkThatDoesNotGetToItsNewFileTellsWhatWaited) {
  add("file", "one");
  add("file", "two");
  start();
  const auto old = rotate("two");
  answer_.reset();
  delivery_->reopen();
  ASSERT_TRUE(wait_for("save wanted"));
  deliver(12);
  remove("two");
  apply();
  file("two").fail_opens = 1;
  delivery_->saved(true);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n");
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":12,"count":1,"cause":"sink_removed")"));
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReconfigureTest, ACloseWaitsForRemovedSinksAndTellsWhatTheyLost) {
  add("audit", "audit");
  add("file", "two");
  sync_late("two");
  ASSERT_EQ(make(), "");
  deliver(12);
  file("two").stall();
  file("two").fail_syncs = 1;
  remove("two");
  apply();
  delivery_->close();
  turn();
  EXPECT_FALSE(delivery_->settled());
  file("two").go_on();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_THAT(content("audit"), HasSubstr(R"("cause":"sink_removed","sink":"two")"));
}

TEST_F(DeliveryReconfigureTest, AnotherPathIsGoneOverToAfterASave) {
  add("file", "one");
  start();
  FakeFile& old = file("one");
  old.stall();
  deliver(12);
  sink("one").path = path("new");
  apply();
  deliver(13);
  EXPECT_FALSE(bench_.disk.has(path("new")));
  old.go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(old.content + "|" + content("new"), "11\n12\n|13\n");
  EXPECT_EQ(saves_.at(0).position, 12U);
  EXPECT_EQ(position(), 13U);
  EXPECT_FALSE(told("sinks down"));
}

TEST_F(DeliveryReconfigureTest, AFailedSinkTakesAllThatItHeldToItsNewPath) {
  add("audit", "audit");
  add("file", "one");
  start();
  FakeFile& old = file("one");
  old.fail_appends = 1000000;
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(told("sinks down"));
  sink("one").path = path("new");
  sink("one").retry = {1h, 1h, Jitter::none};
  apply();
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(12);  // again: it kept that one
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old.content + "|" + content("new"), "11\n|12\n13\n");
  EXPECT_FALSE(told("events_lost"));
}

TEST_F(DeliveryReconfigureTest, AnAuditSinksChainGoesOnInItsNewPath) {
  add("audit", "audit");
  start();
  deliver(12);
  sink("audit").path = path("new");
  apply();
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), HasSubstr(R"("sequenceNumber":12,"n":2,)"));
  EXPECT_THAT(content("new"), HasSubstr(R"("sequenceNumber":13,"n":3,)"));
  EXPECT_EQ(delivery_->saved_sinks().at("audit").head.n, 3U);
}

TEST_F(DeliveryReconfigureTest, TwoSinksChangePlacesWithoutWritingToOneFileAtATime) {
  add("file", "one");
  add("file", "two").event_types = {"b"};
  start();
  deliver(12, "b");
  std::swap(sink("one").path, sink("two").path);
  apply();
  deliver(13, "b");
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n13\n");
  EXPECT_EQ(content("two"), "12\n13\n14\n");
  EXPECT_EQ(position(), 14U);
  EXPECT_TRUE(bench_.disk.has(path("one")));
}

/// Whether two saved places are ever in one file while its size goes beyond the first of them: a
/// restart would read the one's lines as the other's.
class SwappedFiles : public DeliveryReconfigureTest {
 protected:
  void on_save_wanted() override {
    DeliveryReconfigureTest::on_save_wanted();
    last_saved_ = delivery_->saved_sinks();
  }
  bool told_apart() {
    for (const auto& [name, mine] : last_saved_)
      for (const auto& [other, theirs] : last_saved_)
        if (name != other && mine.file == theirs.file &&
            size_of(mine.file) > std::max(mine.offset, theirs.offset))
          return false;
    return true;
  }
  std::uint64_t size_of(const FileId& id) {
    return bench_.disk.all().at(id.inode - 1)->content.size();
  }

  std::map<std::string, SavedSink> last_saved_;
};

TEST_F(SwappedFiles, WriteNothingWhileTheOneBeforeHasItsPlaceThere) {
  add("file", "one");
  add("file", "two");
  start();
  deliver(12);
  file("one").stall();
  std::swap(sink("one").path, sink("two").path);
  apply();
  deliver(13);
  for (int i = 0; i < 20; ++i) {
    delivery_->flush();
    delivery_->on_tick();
    turn();
    EXPECT_TRUE(told_apart());
  }
  EXPECT_EQ(content("one"), "11\n12\n");
  file("one").go_on();
  EXPECT_TRUE(settle());
  EXPECT_TRUE(told_apart());
  EXPECT_EQ(content("one"), "11\n12\n13\n");
  EXPECT_EQ(content("two"), "11\n12\n13\n");
}

/// One is back in its file before the other has left it again.
TEST_F(SwappedFiles, ThereAndBackKeepsTheirLinesApart) {
  add("file", "one");
  add("file", "two");
  start();
  file("one").stall();
  deliver(12);
  std::swap(sink("one").path, sink("two").path);
  apply();
  deliver(13);
  ASSERT_TRUE(bench_.run_until([this] {
    const auto sinks = delivery_->saved_sinks();
    return sinks.at("two").file == sinks.at("one").file;
  }));
  std::swap(sink("one").path, sink("two").path);
  apply();
  deliver(14);
  file("one").go_on();
  ASSERT_TRUE(bench_.run_until([this] {
    delivery_->flush();
    EXPECT_TRUE(told_apart());
    return delivery_->settled();
  }));
  EXPECT_EQ(content("one"), "11\n12\n13\n14\n");
  EXPECT_EQ(content("two"), "11\n12\n13\n14\n");
}

TEST_F(DeliveryReconfigureTest, ARenamedSinkIsFoundByItsFileAfterARestart) {
  add("file", "one");
  start();
  deliver(12);
  EXPECT_TRUE(settle());
  saved_ = delivery_->saved_sinks();
  delivery_.reset();
  sink("one").name = "renamed";
  config_.sinks[0].path = path("one");
  delivery_ = std::make_unique<Delivery>(bench_.context, config_, *this);
  ASSERT_EQ(delivery_->open({{1, 11}, saved_, true, false}), "");
  EXPECT_EQ(delivery_->reached(), (Place{1, 12}));
}

TEST_F(DeliveryReconfigureTest, WhatAnOpeningTookThatCameToNothingIsMissedWhereTheSinkGoes) {
  add("file", "one");
  start();
  add("file", "late");
  file("late").fail_syncs = 1;
  file("late").fail_opens = 0;
  apply();
  deliver(12);
  deliver(13);
  file("late").fail_opens = 1000;
  ASSERT_TRUE(wait_for("sink_failed"));
  config_.sinks.pop_back();
  apply();
  EXPECT_TRUE(settle());
  EXPECT_TRUE(told(R"(events_lost,"from":12,"to":13,"count":2,"cause":"sink_removed",)"
                   R"("sink":"late")"));
}

TEST_F(DeliveryReconfigureTest, ANewSinkMayHaveThePathThatAnotherOneLeaves) {
  add("file", "one");
  start();
  deliver(12);
  file("one").stall();
  sink("one").path = path("elsewhere");
  add("file", "new").path = path("one");
  apply();
  deliver(13);
  delivery_->flush();
  EXPECT_EQ(content("one"), "11\n12\n");  // the new one's first sync comes before its first line
  file("one").go_on();
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n13\n");
  EXPECT_EQ(content("elsewhere"), "13\n");
  EXPECT_EQ(position(), 13U);
  EXPECT_FALSE(told("sink_failed"));
}

TEST_F(DeliveryReconfigureTest, ANewSinkWaitsForARemovedOneThatIsOnItsWayToTheSamePath) {
  add("file", "one");
  start();
  const auto old = rotate("one");
  old->stall();
  deliver(12);
  delivery_->reopen();
  deliver(13);
  config_.sinks.clear();
  add("audit", "new").path = path("one");
  apply();
  EXPECT_TRUE(told(R"_(sink_failed,"sink":"new","error":"Device or resource busy (EBUSY)")_"));
  old->go_on();
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "11\n12\n");
  EXPECT_TRUE(content("one").starts_with("13\n{"));
  EXPECT_THAT(content("one"), HasSubstr("\"sequenceNumber\":14"));
  EXPECT_FALSE(told("events_lost"));
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryReconfigureTest, AnotherNameAloneIsTheSameSink) {
  add("audit", "audit");
  start();
  sink("audit").name = "log";
  file("audit").stall();
  deliver(12);
  apply();
  deliver(13);
  file("audit").go_on();
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), HasSubstr(R"("sequenceNumber":13,"n":3,)"));
  EXPECT_EQ(delivery_->saved_sinks().at("log").head.n, 3U);
  EXPECT_FALSE(delivery_->saved_sinks().contains("audit"));
  EXPECT_FALSE(told("sink_failed"));
}

TEST_F(DeliveryReconfigureTest, AnotherTypeUnderTheSameNameAndPathIsAnotherSink) {
  add("file", "one");
  sync_late("one");
  ASSERT_EQ(make(), "");
  deliver(11);
  file("one").stall();
  sink("one").type = "audit";
  apply();
  EXPECT_EQ(content("one"), "11\n");
  EXPECT_EQ(position(), 10U);  // 11 is not durable yet
  deliver(12);
  delivery_->flush();
  EXPECT_EQ(position(), 10U);
  file("one").go_on();
  delivery_->close();
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
  EXPECT_TRUE(content("one").starts_with("11\n{"));
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReconfigureTest, ARemovedAuditSinksHeadIsKeptForOneThatComesBack) {
  add("file", "one");
  add("audit", "audit");
  start();
  const auto all = config_;
  remove("audit");
  deliver(12);
  apply();
  EXPECT_TRUE(settle());
  EXPECT_EQ(delivery_->saved_sinks().at("audit").head.n, 2U);
  config_ = all;
  sink("audit").path = path("elsewhere");
  apply();
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("elsewhere"), HasSubstr(R"("sequenceNumber":13,"n":3,)"));
}

TEST_F(DeliveryReconfigureTest, FilterRetrySyncAndChainChangeInPlace) {
  add("audit", "audit");
  start();
  SinkConfig& audit = sink("audit");
  audit.event_types = {"b"};
  audit.sync = SinkConfig::Sync::never;
  audit.chain = false;
  apply();
  const int syncs = file("audit").syncs;
  deliver(12, "a");
  deliver(13, "b");
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), Not(HasSubstr("\"sequenceNumber\":12")));
  EXPECT_THAT(content("audit"), HasSubstr("\"sequenceNumber\":13}\n"));
  EXPECT_EQ(file("audit").syncs, syncs);
  EXPECT_EQ(position(), 13U);
  audit.chain = true;
  audit.sync = SinkConfig::Sync::batch;
  apply();
  deliver(14, "b");
  EXPECT_TRUE(settle());
  EXPECT_THAT(content("audit"), HasSubstr(R"("sequenceNumber":14,"n":2,)"));
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryReconfigureTest, AFailedSinkThatIsNoLongerRequiredLetsTheStreamGoOn) {
  add("file", "one");
  add("file", "two");
  start();
  file("two").fail_opens = 1000000;
  file("two").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  ASSERT_TRUE(told("sinks down"));
  sink("two").required = false;
  apply();
  EXPECT_EQ(count("sinks up"), 1U);
  EXPECT_TRUE(bench_.run_until([this] { return position() == 12U; }));
  deliver(13);
  file("two").fail_opens = 0;
  ASSERT_TRUE(wait_for("sink_recovered"));
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "11\n12\n14\n");
  EXPECT_TRUE(told(R"("from":13,"to":13,"count":1,"cause":"sink_failed","sink":"two")"));
}

TEST_F(DeliveryReconfigureTest, WhatASinkOwesIsForgivenWhenItFails) {
  add("file", "one");
  ASSERT_EQ(make(), "");
  file("one").stall();
  file("one").fail_syncs = 1;
  deliver(11);
  delivery_->flush();
  sink("one").required = false;
  add("file", "two");
  apply();
  EXPECT_EQ(position(), 10U);
  file("one").go_on();
  ASSERT_TRUE(wait_for("sink_failed"));
  EXPECT_EQ(position(), 11U);
  ASSERT_TRUE(wait_for("sink_recovered"));
  EXPECT_EQ(position(), 11U);
}

TEST_F(DeliveryReconfigureTest, WhatASinkTookWhileItWasRequiredStillCounts) {
  add("file", "one");
  sync_late("one");
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->flush();
  sink("one").required = false;
  file("one").stall();
  add("file", "two");
  apply();
  EXPECT_EQ(position(), 10U);
  deliver(12);
  delivery_->flush();
  turn();
  EXPECT_EQ(position(), 10U);
  file("one").go_on();
  EXPECT_TRUE(bench_.run_until([this] { return position() == 12U; }));
}

TEST_F(DeliveryReconfigureTest, AFailedSinkThatBecomesRequiredStopsTheStreamAndTellsWhatItMissed) {
  add("file", "one");
  add("file", "two", false);
  start();
  file("two").fail_opens = 5;
  file("two").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  deliver(13);
  EXPECT_TRUE(settle());
  const auto before = position();
  EXPECT_EQ(before, 13U);
  sink("two").required = true;
  apply();
  EXPECT_TRUE(told(R"(events_lost,"from":13,"to":13,"count":1,"cause":"sink_failed")"));
  EXPECT_EQ(count("sinks down"), 1U);
  EXPECT_EQ(position(), before);
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_EQ(position(), before);
  deliver(14);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "11\n12\n14\n");
  EXPECT_EQ(count("events_lost"), 1U);
  EXPECT_EQ(position(), 14U);
}

TEST_F(DeliveryReconfigureTest, AnUnopenedSinkThatBecomesRequiredStartsThere) {
  add("file", "one");
  add("file", "two", false);
  file("two").fail_opens = 5;
  ASSERT_EQ(make(), "");
  deliver(11);
  sink("two").required = true;
  apply();
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":11,"count":1)"));
  ASSERT_TRUE(wait_for("sinks up"));
  deliver(11);
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "12\n");
  EXPECT_EQ(position(), 12U);
}

TEST_F(DeliveryReconfigureTest, AnUnopenedSinkBeginsWithTheNewEpoch) {
  add("file", "one");
  add("file", "two", false);
  file("two").fail_opens = 1;
  ASSERT_EQ(make(), "");
  deliver(11);
  delivery_->begin_epoch();
  EXPECT_TRUE(told(R"(events_lost,"from":11,"to":11,"count":1)"));
  ASSERT_TRUE(wait_for("sink_recovered"));
  deliver(3);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("two"), "3\n");
}

TEST_F(DeliveryReconfigureTest, AFailedSinkThatIsRemovedWhileAnotherFailsKeepsTheStreamStopped) {
  add("file", "one");
  add("file", "two");
  start();
  file("one").fail_appends = 1000000;
  file("two").fail_appends = 1000000;
  deliver(12);
  delivery_->flush();
  remove("two");
  apply();
  EXPECT_FALSE(told("sinks up"));
  remove("one");
  add("file", "three");
  apply();
  EXPECT_EQ(count("sinks up"), 1U);
  EXPECT_EQ(count("sinks down"), 1U);
  EXPECT_EQ(count("events_lost"), 2U);
  deliver(13);
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("three"), "13\n");
  EXPECT_EQ(position(), 13U);
}

TEST_F(DeliveryReconfigureTest, AFailedSinkIsTriedAtOnceWithItsNewKeys) {
  add("file", "one");
  config_.sinks[0].retry = {1h, 1h, Jitter::none};
  start();
  file("one").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  sink("one").retry = {2h, 2h, Jitter::none};
  apply();
  ASSERT_TRUE(wait_for("sinks up"));
  EXPECT_TRUE(settle());
  EXPECT_EQ(content("one"), "11\n12\n");
}

TEST_F(DeliveryReconfigureTest, DestroyedWithSinksOnTheirWayOutItIsNotCalledBack) {
  add("file", "one");
  add("file", "two");
  start();
  deliver(12);
  FakeFile& two = file("two");
  two.stall();
  remove("two");
  apply();
  delivery_.reset();
  two.go_on();
  EXPECT_TRUE(bench_.run_until([&] { return two.syncs == 2; }));
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_TRUE(news_.empty());
}

TEST_F(DeliveryReconfigureTest, ARetryThatIsDueWhenItsSinkGoesDoesNothing) {
  add("file", "one");
  add("file", "two", false);
  start();
  file("two").fail_appends = 1;
  deliver(12);
  delivery_->flush();
  delivery_->reopen();  // its retry is due
  remove("two");
  apply();
  const std::string before = content("two");
  EXPECT_TRUE(settle());
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_FALSE(told("sink_recovered"));
  EXPECT_EQ(content("two"), before);
}

TEST_F(DeliveryReconfigureTest, AfterACloseNothingChanges) {
  add("file", "one");
  start();
  delivery_->close();
  add("file", "two");
  apply();
  EXPECT_FALSE(bench_.disk.has(path("two")));
  EXPECT_TRUE(bench_.run_until([this] { return delivery_->settled(); }));
}

TEST_F(DeliveryReconfigureTest, AllSinksMayGo) {
  add("file", "one");
  start();
  config_.sinks.clear();
  apply();
  deliver(12);
  EXPECT_TRUE(settle());
  EXPECT_EQ(position(), 11U);
}

}  // namespace
}  // namespace gcstreamd
