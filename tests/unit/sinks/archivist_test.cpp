#include "gcstreamd/sinks/archivist.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "gcstreamd/core/rotation.hpp"
#include "helpers/decompress.hpp"
#include "helpers/fake_disk.hpp"
#include "helpers/temp_dir.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Compress = RotateConfig::Compress;
using Kind = ArchiveNews::Kind;

std::string rotated(const std::string& base, unsigned number, Compress way = Compress::none) {
  return format_rotated_name(base, {std::chrono::floor<std::chrono::seconds>(wall()), number, way});
}

/// A disk that does not answer: whoever opens the file waits until the lease is given back.
class StuckFile {
 public:
  explicit StuckFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    ::signal(SIGIO, SIG_IGN);
    held_ = fd_ >= 0 && ::fcntl(fd_, F_SETLEASE, F_WRLCK) == 0;
  }
  ~StuckFile() { answer(); }
  StuckFile(const StuckFile&) = delete;
  StuckFile& operator=(const StuckFile&) = delete;

  bool held() const { return held_; }
  void answer() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }
  /// Whether somebody waits.
  bool awaited() const { return ::fcntl(fd_, F_GETLEASE) != F_WRLCK; }

 private:
  int fd_;
  bool held_ = false;
};

class ArchivistTest : public testing::Test {
 protected:
  ArchivistTest()
      : archivist_(std::make_unique<Archivist>(
            bench_.loop.get_executor(),
            [this, here = std::this_thread::get_id()](const auto& news) {
              EXPECT_EQ(std::this_thread::get_id(), here);
              told_.push_back(std::filesystem::path(news.path).filename().string());
            })) {}

  ArchiveTask task(const std::string& base, unsigned finished = 999999) const {
    RotateConfig rotate;
    rotate.compress = Compress::zstd;
    return {dir_.file(base), rotate, rotated(base, finished)};
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(dir_.file(name)); }

  TempDir dir_;
  SinkBench bench_;
  std::vector<std::string> told_;
  std::unique_ptr<Archivist> archivist_;
};

TEST_F(ArchivistTest, DoesTasksInOrderElsewhereAndTellsHere) {
  std::vector<std::string> wanted;
  for (const std::string base : {"a", "b", "c"}) {
    wanted.push_back(rotated(base, 1));
    dir_.write(wanted.back(), base);
    archivist_->tidy(task(base));
  }
  ASSERT_TRUE(bench_.run_until([&] { return told_.size() == 3; }));
  EXPECT_EQ(told_, wanted);
  ASSERT_TRUE(bench_.run_until([&] { return archivist_->idle(); }));
  for (const std::string base : {"a", "b", "c"})
    EXPECT_EQ(unzstd(dir_.file(rotated(base, 1, Compress::zstd))), base);
}

TEST_F(ArchivistTest, TasksThatWaitForOnePathBecomeOne) {
  StuckFile stuck(dir_.write(rotated("a", 1), "a1"));
  if (!stuck.held())
    GTEST_SKIP() << "no leases on this file system";
  dir_.write(rotated("a", 2), "a2");
  dir_.write(rotated("a", 3), "a3");
  archivist_->tidy(task("a", 1));
  ASSERT_TRUE(bench_.run_until([&] { return stuck.awaited(); }));
  archivist_->tidy(task("a", 3));
  ArchiveTask later = task("a", 2);  // an older finished file, and newer keys
  later.rotate.keep = 1;
  archivist_->tidy(later);
  EXPECT_FALSE(archivist_->idle());
  stuck.answer();
  ASSERT_TRUE(bench_.run_until([&] { return archivist_->idle(); }));
  EXPECT_FALSE(exists(rotated("a", 1, Compress::zstd)));
  EXPECT_FALSE(exists(rotated("a", 2)));
  EXPECT_EQ(unzstd(dir_.file(rotated("a", 3, Compress::zstd))), "a3");
}

TEST_F(ArchivistTest, AFaultIsToldAndTriedAgainWithTheNextTask) {
  dir_.write(rotated("a", 1), "a1");
  std::filesystem::create_directory(dir_.file(rotated("a", 1, Compress::zstd)));
  archivist_->tidy(task("a"));
  ASSERT_TRUE(bench_.run_until([&] { return !told_.empty(); }));
  EXPECT_TRUE(exists(rotated("a", 1)));
  std::filesystem::remove(dir_.file(rotated("a", 1, Compress::zstd)));
  archivist_->tidy(task("a"));
  ASSERT_TRUE(bench_.run_until([&] { return told_.size() == 2; }));
  EXPECT_EQ(unzstd(dir_.file(rotated("a", 1, Compress::zstd))), "a1");
}

TEST_F(ArchivistTest, StoppedInAFileItLeavesThatAsItWas) {
  constexpr std::uint64_t kSize = 20ULL << 30U;  // sparse: it takes no room, and long to read
  std::filesystem::resize_file(dir_.write(rotated("a", 1), ""), kSize);
  archivist_->tidy(task("a"));
  const auto begun = [&] { return exists(rotated("a", 1, Compress::zstd) + ".tmp"); };
  while (!begun() && !archivist_->idle())
    std::this_thread::yield();
  EXPECT_TRUE(archivist_->stop(10s));
  EXPECT_FALSE(begun());
  EXPECT_FALSE(exists(rotated("a", 1, Compress::zstd)));
  EXPECT_EQ(std::filesystem::file_size(dir_.file(rotated("a", 1))), kSize);
}

TEST_F(ArchivistTest, StopsAtOnceWithNothingToDoAndTwice) {
  EXPECT_TRUE(archivist_->stop(10s));
  EXPECT_TRUE(archivist_->stop(10s));
  archivist_->tidy(task("a"));  // nobody does it any more
  EXPECT_FALSE(archivist_->idle());
}

TEST_F(ArchivistTest, AfterItsEndNothingIsTold) {
  dir_.write(rotated("a", 1), "a1");
  archivist_->tidy(task("a"));
  while (!archivist_->idle())  // the loop does not run meanwhile
    std::this_thread::yield();
  EXPECT_TRUE(exists(rotated("a", 1, Compress::zstd)));
  archivist_.reset();
  bench_.loop.poll();
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(ArchivistTest, ADiskThatDoesNotAnswerHoldsUpNobody) {
  StuckFile stuck(dir_.write(rotated("a", 1), "a1"));
  if (!stuck.held())
    GTEST_SKIP() << "no leases on this file system";
  archivist_->tidy(task("a"));
  ASSERT_TRUE(bench_.run_until([&] { return stuck.awaited(); }));
  EXPECT_FALSE(archivist_->stop(1ms));
  archivist_.reset();  // while the thread still waits
  stuck.answer();
  bench_.loop.poll();
  EXPECT_THAT(told_, IsEmpty());
}

}  // namespace
}  // namespace gcstreamd
