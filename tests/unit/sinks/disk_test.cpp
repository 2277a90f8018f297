#include "gcstreamd/sinks/disk.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

class DiskTest : public testing::Test {
 protected:
  TempDir dir_;
  PosixDisk disk_;
};

TEST_F(DiskTest, CreatesAppendsAndCounts) {
  const auto path = dir_.file("log");
  {
    const auto file = disk_.open(path, 0600);
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size(), 0U);
    EXPECT_FALSE((*file)->append("one\n"));
    EXPECT_FALSE((*file)->append(""));
    EXPECT_FALSE((*file)->append("two\n"));
    EXPECT_EQ((*file)->size(), 8U);
    EXPECT_FALSE((*file)->sync());
  }
  EXPECT_EQ(TempDir::read(path), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DiskTest, GoesOnBehindWhatIsThere) {
  const auto path = dir_.write("log", "old\n");
  const auto file = disk_.open(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->size(), 4U);
  (*file)->append("new\n");
  EXPECT_EQ(TempDir::read(path), "old\nnew\n");
}

TEST_F(DiskTest, CutsBack) {
  const auto path = dir_.write("log", "one\ntwo\n");
  const auto file = disk_.open(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_FALSE((*file)->truncate(4));
  EXPECT_EQ((*file)->size(), 4U);
  (*file)->append("three\n");
  EXPECT_EQ(TempDir::read(path), "one\nthree\n");
}

TEST_F(DiskTest, FindsTheFileBehindAName) {
  const auto path = dir_.file("log");
  EXPECT_EQ(disk_.find(path).error().value(), ENOENT);
  const auto file = disk_.open(path, 0640);
  ASSERT_TRUE(file);
  EXPECT_EQ(disk_.find(path).value(), (*file)->id());
  std::filesystem::rename(path, dir_.file("moved"));
  dir_.write("log", "");
  EXPECT_FALSE(disk_.find(path).value() == (*file)->id());
  EXPECT_EQ(disk_.find(dir_.file("moved")).value(), (*file)->id());
  EXPECT_FALSE((*file)->sync());
}

TEST_F(DiskTest, WhatCannotBeOpenedIsAnError) {
  EXPECT_EQ(disk_.open(dir_.file("no/such/log"), 0640).error().value(), ENOENT);
  EXPECT_EQ(disk_.open(dir_.file(""), 0640).error().value(), EISDIR);
}

TEST_F(DiskTest, AShortWriteIsCutBackToWhatWasThere) {
  const auto path = dir_.write("log", std::string(90, 'a') + "\n");
  const auto file = disk_.open(path, 0640);
  ASSERT_TRUE(file);
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limited = before;
  limited.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  const auto error = (*file)->append(std::string(50, 'b') + "\n");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error.value(), EFBIG);
  EXPECT_EQ((*file)->size(), 91U);
  EXPECT_EQ(TempDir::read(path), std::string(90, 'a') + "\n");
}

TEST_F(DiskTest, AFileReplacesAnother) {
  const auto path = dir_.write("log", "one\n");
  EXPECT_FALSE(disk_.replace(path, dir_.write("taken", "other\n")));
  EXPECT_EQ(TempDir::read(dir_.file("taken")), "one\n");
  EXPECT_FALSE(disk_.sync_directory(path));
  EXPECT_EQ(disk_.sync_directory(dir_.file("no/such")).value(), ENOENT);
}

TEST_F(DiskTest, AFileIsFoundUnderItsNewName) {
  const auto path = dir_.write("log", "one\n");
  const FileId id = disk_.find(path).value();
  EXPECT_EQ(disk_.find_by_id(path, id), path);
  std::filesystem::rename(path, dir_.file("log.1"));
  EXPECT_EQ(disk_.find_by_id(path, id), dir_.file("log.1"));
  EXPECT_EQ(disk_.find_by_id(path, {id.device, 0}), "");
  EXPECT_EQ(disk_.find_by_id(dir_.file("no/such/log"), id), "");
}

/// ext4 gives a deleted file's inode to the next new one.
TEST_F(DiskTest, ANewFileIsNeverTakenForADeletedOne) {
  const auto path = dir_.write("log", "one\n");
  const FileId id = disk_.find(path).value();
  EXPECT_EQ((*disk_.open(path, 0640))->id(), id);
  std::filesystem::remove(path);
  for (int i = 0; i < 50; ++i) {
    dir_.write("log", "two\n");
    EXPECT_FALSE(disk_.find(path).value() == id);
    std::filesystem::remove(path);
  }
}

TEST_F(DiskTest, AFileIsKnownAlsoWhereItsDeviceHasAnotherNumber) {
  EXPECT_EQ((FileId{1, 2, 3}), (FileId{9, 2, 3}));
  EXPECT_FALSE((FileId{1, 2, 0} == FileId{9, 2, 0}));
  EXPECT_FALSE((FileId{1, 2, 3} == FileId{1, 2, 4}));
}

TEST_F(DiskTest, PipesAndDevicesHaveNoContentToGoBackTo) {
  ASSERT_EQ(::mkfifo(dir_.file("fifo").c_str(), 0600), 0);
  const int reader = ::open(dir_.file("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  EXPECT_FALSE((*disk_.open(dir_.file("fifo"), 0640))->regular());
  EXPECT_FALSE((*disk_.open("/dev/null", 0640))->regular());
  EXPECT_TRUE((*disk_.open(dir_.file("log"), 0640))->regular());
  EXPECT_FALSE((*disk_.open("/dev/null", 0640))->sync());
  ::close(reader);
}

}  // namespace
}  // namespace gcstreamd
