#include "gcstreamd/sinks/log_file.hpp"

#include <gmock/gmock.h>

#include "helpers/fake_disk.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

constexpr auto kPath = "/nowhere/log";

class LogFileTest : public testing::Test {
 protected:
  void open(SinkConfig::Sync sync, std::chrono::milliseconds interval = 1h) {
    SinkConfig config;
    config.path = kPath;
    config.sync = sync;
    config.sync_interval = interval;
    LogFile::Callbacks callbacks;
    callbacks.on_durable = [this] { ++durables_; };
    callbacks.on_fault = [this](boost::system::error_code error) { fault_ = error; };
    log_ = std::make_unique<LogFile>(bench_.context, config, std::move(callbacks));
    auto file = bench_.context.disk.open(config.path, config.mode);
    ASSERT_TRUE(file);
    LogFile::Opened opened;
    opened.found.offset = (*file)->size();
    opened.durable = opened.found;
    opened.file = std::move(*file);
    ASSERT_FALSE(log_->begin(std::move(opened)));
  }
  void add(SequenceNumber number) {
    log_->buffer() += std::to_string(number) + "\n";
    log_->buffered().place = {1, number};
  }
  boost::system::error_code recover() {
    std::optional<SinkRepair> repair;
    const auto error = log_->recover("TIME", repair);
    return error ? error : log_->go_on();  // as after a save
  }
  SequenceNumber durable() const { return log_->durable().place.number; }
  bool settle() {
    return bench_.run_until([this] { return log_->settled(); });
  }
  FakeFile& file() { return bench_.disk[kPath]; }

  SinkBench bench_;
  std::unique_ptr<LogFile> log_;
  int durables_ = 0;
  boost::system::error_code fault_;
};

TEST_F(LogFileTest, BuffersUntilItIsFlushed) {
  open(SinkConfig::Sync::never);
  add(1);
  add(2);
  EXPECT_EQ(file().content, "");
  EXPECT_EQ(log_->waiting(), 4U);
  EXPECT_FALSE(log_->settled());
  EXPECT_FALSE(log_->flush());
  EXPECT_EQ(file().content, "1\n2\n");
  EXPECT_EQ(log_->waiting(), 0U);
}

TEST_F(LogFileTest, WithoutSyncsDurableMeansWritten) {
  open(SinkConfig::Sync::never);
  add(1);
  EXPECT_EQ(durable(), 0U);
  log_->flush();
  EXPECT_EQ(durable(), 1U);
  EXPECT_EQ(log_->durable().offset, 2U);
  EXPECT_TRUE(log_->settled());
  EXPECT_EQ(file().syncs, 0);
}

TEST_F(LogFileTest, BatchSyncsAfterEachFlush) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  EXPECT_EQ(durable(), 0U);
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 1U);
  EXPECT_EQ(durables_, 1);
  EXPECT_EQ(file().syncs, 1);
}

TEST_F(LogFileTest, FlushesWhileASyncRunsAreSyncedByTheNextOne) {
  open(SinkConfig::Sync::batch);
  for (SequenceNumber n = 1; n <= 50; ++n) {
    add(n);
    log_->flush();
  }
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 50U);
  EXPECT_LE(file().syncs, 2);
}

TEST_F(LogFileTest, IntervalSyncsWhenTheTimeHasPassed) {
  open(SinkConfig::Sync::interval, 1ms);
  add(1);
  log_->flush();
  add(2);
  log_->flush();
  EXPECT_EQ(file().syncs, 0);
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 2U);
}

TEST_F(LogFileTest, ASyncThatIsAskedForDoesNotWaitForTheInterval) {
  open(SinkConfig::Sync::interval, 1h);
  add(1);
  log_->flush();
  bench_.loop.poll();
  EXPECT_EQ(file().syncs, 0);
  log_->sync();
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 1U);
}

TEST_F(LogFileTest, AMarkThatMovedWithoutALineIsDurableOnceFlushed) {
  open(SinkConfig::Sync::batch);
  log_->buffered().place = {1, 7};
  EXPECT_EQ(durable(), 0U);
  log_->flush();
  EXPECT_EQ(durable(), 7U);
  EXPECT_EQ(file().syncs, 0);
}

TEST_F(LogFileTest, AMarkThatMovedBehindUnsyncedLinesIsDurableWithThem) {
  open(SinkConfig::Sync::interval, 1h);
  add(1);
  log_->flush();
  log_->buffered().place = {1, 7};
  log_->flush();
  EXPECT_EQ(durable(), 0U);
  log_->sync();
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 7U);
}

TEST_F(LogFileTest, AFailedWriteKeepsItsLinesAndRecoveryWritesThemOnce) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  ASSERT_TRUE(settle());
  file().fail_appends = 3;
  add(2);
  EXPECT_EQ(log_->flush().value(), ENOSPC);
  EXPECT_EQ(log_->waiting(), 2U);
  EXPECT_TRUE(log_->flush());
  EXPECT_EQ(recover().value(), ENOSPC);
  add(3);
  EXPECT_FALSE(recover());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "1\n2\n3\n");
  EXPECT_EQ(durable(), 3U);
  EXPECT_EQ(log_->durable().offset, 6U);
}

TEST_F(LogFileTest, APartThatAFailedWriteLeftIsCutOffBeforeAnythingIsAppended) {
  open(SinkConfig::Sync::never);
  add(1);
  log_->flush();
  file().torn_writes = true;
  file().fail_appends = 1;
  add(222);
  EXPECT_TRUE(log_->flush());
  EXPECT_FALSE(recover());
  EXPECT_EQ(file().content, "1\n222\n");
}

TEST_F(LogFileTest, AfterAFailedSyncWhatIsInDoubtIsWrittenAgainOnce) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  ASSERT_TRUE(settle());
  file().fail_syncs = 1;
  add(2);
  log_->flush();
  add(3);
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  EXPECT_EQ(fault_.value(), EIO);
  EXPECT_EQ(durable(), 1U);
  EXPECT_FALSE(recover());
  EXPECT_EQ(durable(), 1U);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "1\n2\n3\n");
  EXPECT_EQ(durable(), 3U);
  EXPECT_EQ(log_->durable().offset, 6U);
}

TEST_F(LogFileTest, WhatIsInDoubtAndDoesNotLookAsItWasWrittenHasToComeAgain) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  ASSERT_TRUE(settle());
  for (const std::string& content :
       {std::string("1\n2\n3"), std::string("1\n2\n"), std::string("1\n2\n\0\n", 6)}) {
    fault_ = {};
    file().fail_syncs = 1;
    add(2);
    add(3);
    log_->flush();
    ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
    file().content = content;
    add(4);
    EXPECT_FALSE(recover());
    EXPECT_TRUE(log_->take_rewound());
    EXPECT_FALSE(log_->take_rewound());
    EXPECT_EQ(file().content, "1\n");
    EXPECT_EQ(log_->buffered().place.number, 1U);
    EXPECT_EQ(log_->waiting(), 0U);
    EXPECT_TRUE(settle());
  }
}

TEST_F(LogFileTest, AnotherFileUnderTheNameIsAppendedToAndNeverCut) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  ASSERT_TRUE(settle());
  file().fail_appends = 1;
  add(2);
  EXPECT_TRUE(log_->flush());
  bench_.disk.move_away(kPath);
  file().content = "somebody else's\n";
  EXPECT_FALSE(recover());
  EXPECT_EQ(file().content, "somebody else's\n2\n");
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 2U);
}

TEST_F(LogFileTest, AFailedSyncOfAnotherFileUnderTheNameIsMendedThere) {
  open(SinkConfig::Sync::batch);
  for (SequenceNumber n = 1; n <= 9; ++n)
    add(n);
  log_->flush();
  ASSERT_TRUE(settle());
  file().fail_appends = 1;
  add(10);
  EXPECT_TRUE(log_->flush());
  bench_.disk.move_away(kPath);
  file().fail_syncs = 1;
  EXPECT_FALSE(recover());
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  EXPECT_FALSE(recover());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "10\n");
  EXPECT_EQ(durable(), 10U);
}

TEST_F(LogFileTest, AFailedSyncIsNotRepeatedOnTheSameFile) {
  open(SinkConfig::Sync::batch);
  file().fail_syncs = 1;
  add(1);
  log_->flush();
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  log_->sync();
  EXPECT_TRUE(log_->flush());
  bench_.loop.restart();
  bench_.loop.poll();
  EXPECT_EQ(file().syncs, 1);
}

TEST_F(LogFileTest, WhatCannotBeReopenedStaysFailedAndKeepsItsLines) {
  open(SinkConfig::Sync::never);
  file().fail_appends = 1;
  file().fail_opens = 2;
  add(1);
  EXPECT_TRUE(log_->flush());
  EXPECT_EQ(recover().value(), EACCES);
  EXPECT_EQ(recover().value(), EACCES);
  EXPECT_FALSE(recover());
  EXPECT_EQ(file().content, "1\n");
}

TEST_F(LogFileTest, DestroyedWhileASyncRunsItIsNotCalledBack) {
  open(SinkConfig::Sync::batch);
  add(1);
  log_->flush();
  log_.reset();
  EXPECT_TRUE(bench_.run_until([this] { return file().syncs == 1; }));
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_EQ(durables_, 0);
}

TEST_F(LogFileTest, GoesOnBehindWhatTheFileHolds) {
  file().content = "old\n";
  open(SinkConfig::Sync::never);
  EXPECT_EQ(log_->durable().offset, 4U);
  add(1);
  log_->flush();
  EXPECT_EQ(file().content, "old\n1\n");
}

}  // namespace
}  // namespace gcstreamd
