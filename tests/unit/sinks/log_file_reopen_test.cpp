#include <gmock/gmock.h>

#include "gcstreamd/sinks/log_file.hpp"
#include "helpers/fake_disk.hpp"
#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;

constexpr auto kPath = "/nowhere/log";

/// A file of lines whose file is moved away from outside.
class LogFileReopenTest : public testing::Test {
 protected:
  void open(SinkConfig::Sync sync, std::chrono::milliseconds interval = 1h) {
    config_.sync = sync;
    config_.sync_interval = interval;
    LogFile::Callbacks callbacks;
    callbacks.on_durable = [this] { ++durables_; };
    callbacks.on_fault = [this](boost::system::error_code error) { fault_ = error; };
    log_ = std::make_unique<LogFile>(real_ ? bench_.real_context : bench_.context, config_,
                                     std::move(callbacks));
    Disk& disk = real_ ? static_cast<Disk&>(bench_.real_disk) : bench_.disk;
    auto file = disk.open(config_.path, config_.mode);
    ASSERT_TRUE(file);
    LogFile::Opened opened;
    opened.found.offset = (*file)->size();
    opened.durable = opened.found;
    opened.file = std::move(*file);
    ASSERT_FALSE(log_->begin(std::move(opened)));
  }
  void SetUp() override { config_.path = kPath; }
  void add(SequenceNumber number) {
    log_->buffer() += std::to_string(number) + "\n";
    log_->buffered().place = {1, number};
    ++log_->buffered().events;
  }
  void write(SequenceNumber number) {
    add(number);
    EXPECT_FALSE(log_->flush());
  }
  SequenceNumber durable() const { return log_->durable().place.number; }
  bool settle() {
    return bench_.run_until([this] { return log_->settled(); });
  }
  bool leave() {
    EXPECT_FALSE(log_->leave());
    return bench_.run_until([this] { return log_->left(); });
  }
  /// With the save that follows.
  boost::system::error_code enter() {
    const auto error = log_->enter("TIME", repair_);
    return error ? error : log_->go_on();
  }
  boost::system::error_code recover() {
    const auto error = log_->recover("TIME", repair_);
    return error ? error : log_->go_on();
  }
  /// As the delivery does it: again when the answer that was missing is there.
  bool recovered() {
    bool done = false;
    return bench_.run_until([&] { return done = done || !recover(); });
  }
  std::shared_ptr<FakeFile> rotate() { return bench_.disk.take_away(config_.path); }
  FakeFile& file() { return bench_.disk[config_.path]; }

  SinkConfig config_;
  SinkBench bench_;
  std::unique_ptr<LogFile> log_;
  std::optional<SinkRepair> repair_;
  bool real_ = false;
  int durables_ = 0;
  boost::system::error_code fault_;
};

/// Another's file is where a sink goes that holds 1 and has 2 waiting.
class AnothersFileTest : public LogFileReopenTest {
 protected:
  void SetUp() override {
    LogFileReopenTest::SetUp();
    open(SinkConfig::Sync::batch);
    write(1);
    rotate();
    file().content = "another's\n";
    ASSERT_TRUE(leave());
    add(2);
    EXPECT_FALSE(log_->enter("TIME", repair_));
  }
};

TEST_F(LogFileReopenTest, KnowsWhenItsPathNamesAnotherFileOrNone) {
  open(SinkConfig::Sync::batch);
  EXPECT_FALSE(log_->moved());
  const auto old = rotate();
  EXPECT_TRUE(log_->moved());
  bench_.disk.put_back(kPath, old);
  EXPECT_FALSE(log_->moved());
  bench_.disk.move_away(kPath);
  EXPECT_TRUE(log_->moved());
}

TEST_F(LogFileReopenTest, WhereNobodyMayLookTheFileIsNotTakenForMoved) {
  open(SinkConfig::Sync::batch);
  bench_.disk.fail_finds = 1;
  EXPECT_FALSE(log_->moved());
  config_.path = "/nowhere/else";
  log_->configure(config_, false);
  bench_.disk.fail_finds = 1;
  EXPECT_TRUE(log_->moved());
}

TEST_F(LogFileReopenTest, TheOldFileIsWrittenAndSyncedWhileNewLinesWait) {
  open(SinkConfig::Sync::interval);
  write(1);
  add(2);
  const auto old = rotate();
  old->stall();
  EXPECT_FALSE(log_->leave());
  EXPECT_EQ(old->content, "1\n2\n");
  write(3);
  EXPECT_EQ(old->content, "1\n2\n");
  EXPECT_FALSE(log_->left());
  EXPECT_EQ(durable(), 0U);
  old->go_on();
  EXPECT_TRUE(bench_.run_until([this] { return log_->left(); }));
  EXPECT_EQ(durable(), 2U);
  EXPECT_EQ(log_->waiting(), 0U);
  EXPECT_FALSE(bench_.disk.has(kPath));
  EXPECT_FALSE(enter());
  EXPECT_EQ(file().content, "3\n");
  EXPECT_EQ(old->content, "1\n2\n");
  EXPECT_EQ(durable(), 2U);
  log_->sync();
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 3U);
  EXPECT_EQ(log_->durable().offset, 2U);
}

TEST_F(LogFileReopenTest, ASyncThatRunsAlreadyDoesNotCountForWhatFollowedIt) {
  open(SinkConfig::Sync::batch);
  file().stall();
  write(1);
  add(2);
  const auto old = rotate();
  EXPECT_FALSE(log_->leave());
  old->go_on();
  EXPECT_TRUE(bench_.run_until([this] { return log_->left(); }));
  EXPECT_EQ(old->syncs, 2);
  EXPECT_EQ(durable(), 2U);
}

TEST_F(LogFileReopenTest, WithoutSyncsItLeavesAtOnce) {
  open(SinkConfig::Sync::never);
  add(1);
  const auto old = rotate();
  EXPECT_FALSE(log_->leave());
  EXPECT_TRUE(log_->left());
  EXPECT_EQ(old->content, "1\n");
  EXPECT_EQ(old->syncs, 0);
  EXPECT_EQ(durable(), 1U);
  add(2);
  EXPECT_FALSE(enter());
  EXPECT_EQ(file().content, "2\n");
  EXPECT_TRUE(log_->settled());
}

TEST_F(LogFileReopenTest, ANewFileIsSyncedEvenWhenNothingWaits) {
  open(SinkConfig::Sync::batch);
  rotate();
  ASSERT_TRUE(leave());
  EXPECT_FALSE(enter());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().syncs, 1);
}

TEST_F(LogFileReopenTest, TheMemoryOfWhatWaitedIsGivenBack) {
  open(SinkConfig::Sync::batch);
  rotate();
  ASSERT_TRUE(leave());
  log_->buffer() = std::string(LogFile::kMaxHeld / 2, 'x') + '\n';
  EXPECT_FALSE(enter());
  EXPECT_EQ(file().content.size(), LogFile::kMaxHeld / 2 + 1);
  EXPECT_LE(log_->buffer().capacity(), 4 * LogFile::kBatchBytes);
}

TEST_F(LogFileReopenTest, WhatDoesNotFitIntoMemoryEndsTheWait) {
  open(SinkConfig::Sync::batch);
  const auto old = rotate();
  ASSERT_TRUE(leave());
  log_->buffer() = std::string(LogFile::kMaxHeld - 1, 'x') + '\n';
  EXPECT_FALSE(log_->flush());
  EXPECT_EQ(log_->waiting(), 0U);
  log_->buffer() += '\n';
  EXPECT_GT(log_->waiting(), LogFile::kMaxHeld);
  EXPECT_EQ(log_->flush().value(), ETIMEDOUT);
  EXPECT_TRUE(log_->settled());
  EXPECT_FALSE(recover());
  EXPECT_EQ(file().content.size(), LogFile::kMaxHeld + 1);
  EXPECT_EQ(old->content, "");
  EXPECT_TRUE(settle());
}

TEST_F(LogFileReopenTest, WhileTheOldFileIsBeingSyncedRecoveryAsksForPatience) {
  open(SinkConfig::Sync::batch);
  write(1);
  ASSERT_TRUE(settle());
  const auto old = rotate();
  old->stall();
  write(2);
  EXPECT_FALSE(log_->leave());
  add(3);
  EXPECT_EQ(recover(), not_yet());
  EXPECT_FALSE(bench_.disk.has(kPath));
  old->go_on();
  EXPECT_TRUE(recovered());
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "1\n2\n");
  EXPECT_EQ(file().content, "3\n");
  EXPECT_EQ(durable(), 3U);
}

TEST_F(LogFileReopenTest, AFailedLastWriteGoesToTheNewFileWhole) {
  open(SinkConfig::Sync::batch);
  write(1);
  ASSERT_TRUE(settle());
  const auto old = rotate();
  old->fail_appends = 1;
  old->torn_writes = true;
  add(22222);
  EXPECT_EQ(log_->leave().value(), ENOSPC);
  EXPECT_NE(old->content, "1\n");
  EXPECT_TRUE(recovered());
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "1\n");
  EXPECT_EQ(file().content, "22222\n");
  EXPECT_EQ(durable(), 22222U);
}

TEST_F(LogFileReopenTest, AfterAFailedWriteTheMovedFileIsSyncedElsewhereThanOnTheLoop) {
  open(SinkConfig::Sync::interval);
  write(1);
  file().fail_appends = 1;
  add(2);
  EXPECT_TRUE(log_->flush());
  const auto old = rotate();
  old->stall();
  EXPECT_EQ(recover(), not_yet());
  EXPECT_EQ(recover(), not_yet());
  old->go_on();
  EXPECT_TRUE(recovered());
  EXPECT_GE(durable(), 1U);
  EXPECT_EQ(old->syncs, 1);
  log_->sync();
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "1\n");
  EXPECT_EQ(file().content, "2\n");
}

TEST_F(LogFileReopenTest, AFailedLastSyncIsMendedInTheNewFileAndNothingIsInBoth) {
  open(SinkConfig::Sync::batch);
  write(1);
  ASSERT_TRUE(settle());
  const auto old = rotate();
  old->fail_syncs = 1;
  add(2);
  EXPECT_FALSE(log_->leave());
  add(3);
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  EXPECT_EQ(durable(), 1U);
  EXPECT_EQ(log_->written().place.number, 1U);
  EXPECT_FALSE(recover());
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "1\n");
  EXPECT_EQ(file().content, "2\n3\n");
  EXPECT_EQ(durable(), 3U);
}

TEST_F(LogFileReopenTest, AnOldPathThatAnotherSinkWritesToIsNeverCut) {
  open(SinkConfig::Sync::batch);
  write(1);
  ASSERT_TRUE(settle());
  FakeFile& old = file();
  config_.path = "/nowhere/else";
  log_->configure(config_, true);
  old.fail_syncs = 1;
  add(2);
  EXPECT_FALSE(log_->leave());
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  old.content += "another's\n";
  EXPECT_FALSE(recover());
  EXPECT_TRUE(settle());
  EXPECT_EQ(old.content, "1\n2\nanother's\n");
  EXPECT_FALSE(old.cut);
  EXPECT_EQ(file().content, "2\n");
  // From now on it is the file of this one alone.
  file().fail_syncs = 1;
  write(3);
  fault_ = {};
  ASSERT_TRUE(bench_.run_until([this] { return fault_.failed(); }));
  const auto second = rotate();
  EXPECT_FALSE(recover());
  EXPECT_TRUE(settle());
  EXPECT_EQ(second->content, "2\n");
  EXPECT_EQ(file().content, "3\n");
}

TEST_F(AnothersFileTest, IsSavedBeforeItIsWritten) {
  EXPECT_EQ(log_->kept(), LogFile::Kept::after_save);
  write(3);
  EXPECT_EQ(file().content, "another's\n");
  EXPECT_FALSE(log_->settled());
  EXPECT_EQ(log_->saved().offset, 10U);
  EXPECT_EQ(log_->saved().place, (Place{1, 1}));
  EXPECT_FALSE(log_->go_on());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "another's\n2\n3\n");
}

TEST_F(AnothersFileTest, IsMovedWhileItWaitsForItsSaveAndTheLinesGoToTheNext) {
  const auto second = rotate();
  ASSERT_TRUE(leave());
  EXPECT_FALSE(enter());
  EXPECT_TRUE(settle());
  EXPECT_EQ(second->content, "another's\n");
  EXPECT_EQ(file().content, "2\n");
}

TEST_F(LogFileReopenTest, WhatCannotBeOpenedKeepsItsLinesForTheNextTime) {
  open(SinkConfig::Sync::batch);
  write(1);
  rotate();
  ASSERT_TRUE(leave());
  file().fail_opens = 2;
  add(2);
  EXPECT_EQ(enter().value(), EACCES);
  EXPECT_TRUE(log_->settled());  // as far as it can be
  EXPECT_EQ(recover().value(), EACCES);
  EXPECT_TRUE(recovered());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "2\n");
}

TEST_F(LogFileReopenTest, AFirstWriteThatFailsInTheNewFileIsMendedThere) {
  open(SinkConfig::Sync::batch);
  write(1);
  const auto old = rotate();
  ASSERT_TRUE(leave());
  file().fail_appends = 1;
  file().torn_writes = true;
  add(22);
  EXPECT_EQ(enter().value(), ENOSPC);
  EXPECT_TRUE(recovered());
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().content, "22\n");
  EXPECT_EQ(old->content, "1\n");
}

TEST_F(LogFileReopenTest, AFileThatCameBackIsGoneOnWith) {
  open(SinkConfig::Sync::batch);
  write(1);
  const auto old = rotate();
  ASSERT_TRUE(leave());
  bench_.disk.put_back(kPath, old);
  add(2);
  EXPECT_FALSE(enter());
  EXPECT_TRUE(settle());
  EXPECT_EQ(old->content, "1\n2\n");
  EXPECT_EQ(durable(), 2U);
}

TEST_F(LogFileReopenTest, DestroyedWhileItLeavesItIsNotCalledBack) {
  open(SinkConfig::Sync::batch);
  const auto old = rotate();
  add(1);
  old->stall();
  EXPECT_FALSE(log_->leave());
  log_.reset();
  old->go_on();
  EXPECT_TRUE(bench_.run_until([&] { return old->syncs == 1; }));
  bench_.loop.restart();
  bench_.loop.run_for(5ms);
  EXPECT_EQ(durables_, 0);
}

TEST_F(LogFileReopenTest, SyncsBeginAndEndWithTheConfiguration) {
  open(SinkConfig::Sync::never);
  write(1);
  config_.sync = SinkConfig::Sync::batch;
  log_->configure(config_, false);
  EXPECT_TRUE(settle());
  EXPECT_EQ(file().syncs, 1);
  config_.sync = SinkConfig::Sync::never;
  log_->configure(config_, false);
  write(2);
  EXPECT_TRUE(log_->settled());
  EXPECT_EQ(durable(), 2U);
  EXPECT_EQ(file().syncs, 1);
}

TEST_F(LogFileReopenTest, AnotherIntervalHoldsAtOnce) {
  open(SinkConfig::Sync::interval, 1h);
  write(1);
  config_.sync_interval = 1ms;
  log_->configure(config_, false);
  EXPECT_TRUE(settle());
  write(2);
  EXPECT_TRUE(settle());
  EXPECT_EQ(durable(), 2U);
}

/// With real files: an unfinished line that another left under the name is kept apart.
TEST_F(LogFileReopenTest, ATornEndInTheNewFileIsMovedAway) {
  const TempDir dir;
  real_ = true;
  config_.path = dir.file("log");
  open(SinkConfig::Sync::batch);
  write(1);
  std::filesystem::rename(config_.path, dir.file("log.1"));
  dir.write("log", "whole\ntorn");
  EXPECT_TRUE(log_->moved());
  ASSERT_TRUE(leave());
  add(2);
  EXPECT_FALSE(enter());
  ASSERT_TRUE(repair_);
  EXPECT_EQ(repair_->bytes, 4U);
  EXPECT_TRUE(settle());
  EXPECT_EQ(TempDir::read(dir.file("log.1")), "1\n");
  EXPECT_EQ(TempDir::read(config_.path), "whole\n2\n");
  EXPECT_EQ(TempDir::read(repair_->moved_to), "torn");
  EXPECT_FALSE(log_->moved());
}

}  // namespace
}  // namespace gcstreamd
