#include "gcstreamd/sinks/archive.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>

#include "gcstreamd/sinks/rotated_files.hpp"
#include "helpers/decompress.hpp"
#include "helpers/temp_dir.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Compress = RotateConfig::Compress;
using Kind = ArchiveNews::Kind;
namespace fs = std::filesystem;

RotateConfig compressing(Compress way) {
  RotateConfig rotate;
  rotate.compress = way;
  return rotate;
}

std::string rotated(unsigned number, Compress way = Compress::none) {
  return format_rotated_name("e", {std::chrono::floor<std::chrono::seconds>(wall()), number, way});
}

/// Lines that compress as events do.
std::string lines(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes)
    text += R"({"eventType":"interaction:media","id":")" + std::to_string(random()) + "\"}\n";
  return text;
}

std::vector<ArchiveNews> tidy(
    const ArchiveTask& task, const std::function<bool()>& stopped = [] { return false; }) {
  std::vector<ArchiveNews> all;
  tidy_archive(task, stopped, [&](ArchiveNews news) { all.push_back(std::move(news)); });
  return all;
}

std::string unpacked(const std::string& path) {
  return path.ends_with(".zst")  ? unzstd(path)
         : path.ends_with(".gz") ? gunzip(path)
                                 : TempDir::read(path);
}

class Archive : public testing::Test {
 protected:
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(fs::path(live_).parent_path()))
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  /// A task that may touch all that is there.
  ArchiveTask task(RotateConfig rotate) const { return {live_, rotate, rotated(999999)}; }

  TempDir dir_;
  std::string live_ = dir_.file("e");
};

class ArchiveCompresses : public Archive, public testing::WithParamInterface<Compress> {};

INSTANTIATE_TEST_SUITE_P(Ways, ArchiveCompresses, testing::Values(Compress::gzip, Compress::zstd));

TEST_P(ArchiveCompresses, WhatIsFinishedAndLeavesTheRest) {
  const std::string text = lines(700000, 1);
  dir_.write("e", "live");
  dir_.write(rotated(1), text);
  dir_.write(rotated(2), "second\n");
  dir_.write(rotated(3), "being written\n");
  dir_.write("e.1", "foreign");
  const auto news = tidy({live_, compressing(GetParam()), rotated(2)});
  EXPECT_THAT(names(),
              ElementsAre("e", "e.1", rotated(1, GetParam()), rotated(2, GetParam()), rotated(3)));
  EXPECT_EQ(unpacked(dir_.file(rotated(1, GetParam()))), text);
  EXPECT_EQ(unpacked(dir_.file(rotated(2, GetParam()))), "second\n");
  ASSERT_EQ(news.size(), 2U);
  EXPECT_EQ(news[0].kind, Kind::compressed);
  EXPECT_EQ(news[0].path, dir_.file(rotated(1)));
  EXPECT_EQ(news[0].bytes, text.size());
  EXPECT_EQ(news[0].bytes_after, fs::file_size(dir_.file(rotated(1, GetParam()))));
  EXPECT_THAT(tidy({live_, compressing(GetParam()), rotated(2)}), IsEmpty());
}

TEST_P(ArchiveCompresses, AHundredMegabytes) {
  const std::string block = lines(1U << 20U, 2);
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += block;
  dir_.write(rotated(1), text);
  EXPECT_EQ(tidy(task(compressing(GetParam()))).size(), 1U);
  EXPECT_TRUE(unpacked(dir_.file(rotated(1, GetParam()))) == text);
}

TEST_P(ArchiveCompresses, KeepingModeAndTime) {
  const std::string path = dir_.write(rotated(1), "one\n");
  const timespec times[2] = {{1700000000, 0}, {1700000001, 500}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  tidy(task(compressing(GetParam())));
  struct stat status {};
  ASSERT_EQ(::stat(dir_.file(rotated(1, GetParam())).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_EQ(status.st_mtim.tv_sec, 1700000001);
  EXPECT_EQ(status.st_uid, ::getuid());
}

/// The states that a crash can leave between two steps; each ends in one whole compressed file.
TEST_P(ArchiveCompresses, WhateverACrashLeft) {
  const std::string text = lines(300000, 3);
  const std::string packed = rotated(1, GetParam());
  dir_.write(rotated(1), text);
  tidy(task(compressing(GetParam())));
  const std::string whole = TempDir::read(dir_.file(packed));
  const std::vector<std::map<std::string, std::string>> states{
      {{rotated(1), text}},
      {{rotated(1), text}, {packed + ".tmp", ""}},
      {{rotated(1), text}, {packed + ".tmp", whole.substr(0, whole.size() / 2)}},
      {{rotated(1), text}, {packed + ".tmp", whole}},
      {{rotated(1), text}, {packed, whole}},
      {{rotated(1), text}, {packed, whole.substr(0, whole.size() / 2)}},
      {{rotated(1), text}, {packed, ""}},
      {{rotated(1), text}, {packed, whole}, {packed + ".tmp", "x"}},
      {{rotated(1), text}, {rotated(1, Compress::gzip), "x"}, {rotated(1, Compress::zstd), "y"}},
      {{packed, whole}},
      {{packed, whole}, {packed + ".tmp", "x"}},
  };
  for (std::size_t i = 0; i < states.size(); ++i) {
    for (const std::string& name : names())
      fs::remove(dir_.file(name));
    for (const auto& [name, content] : states[i])
      dir_.write(name, content);
    for (const ArchiveNews& news : tidy(task(compressing(GetParam()))))
      EXPECT_NE(news.kind, Kind::failed) << "state " << i << ": " << describe(news);
    EXPECT_THAT(names(), ElementsAre(packed)) << "state " << i;
    EXPECT_EQ(unpacked(dir_.file(packed)), text) << "state " << i;
  }
}

/// Files in any state, the work stopped at any block: what the files hold never changes.
TEST_F(Archive, AHundredRandomOrdersLoseNothing) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
    const TempDir dir;
    std::map<std::string, std::string> wanted;
    for (unsigned number = 1; number <= 3; ++number) {
      const std::string text = lines(below(300000) + 1, below(1000));
      dir.write(rotated(number), text);
      wanted[rotated(number)] = text;
    }
    for (int round = 0; round < 4; ++round) {
      const auto way = static_cast<Compress>(round == 3 ? 2 : below(3));
      for (const std::string_view leftover : {".gz.tmp", ".zst.tmp", ".gz", ".zst"})
        if (const std::string name = rotated(below(3) + 1);
            below(3) == 0 && fs::exists(dir.file(name)))
          dir.write(name + std::string(leftover), lines(below(5000), below(1000)));
      unsigned until = round == 3 ? 1000000 : below(12);
      tidy({dir.file("e"), compressing(way), rotated(round == 3 ? 3 : below(3) + 1)},
           [&] { return until == 0 || --until == 0; });
    }
    const auto files = list_rotated(dir.file("e")).value();
    ASSERT_EQ(files.size(), 3U) << "seed " << seed;
    for (const RotatedFile& file : files) {
      const std::string plain = file.name.substr(0, rotated(1).size());
      EXPECT_TRUE(unpacked(dir.file(file.name)) == wanted.at(plain)) << "seed " << seed;
    }
  }
}

TEST_F(Archive, StoppedInAFileLeavesItAsItWas) {
  const std::string text = lines(2000000, 5);
  dir_.write(rotated(1), text);
  int blocks = 3;
  EXPECT_THAT(tidy(task(compressing(Compress::zstd)), [&] { return blocks == 0 || --blocks == 0; }),
              IsEmpty());
  EXPECT_THAT(names(), ElementsAre(rotated(1)));
  EXPECT_EQ(TempDir::read(dir_.file(rotated(1))), text);
}

TEST_F(Archive, AFileThatSomebodyStillWritesToIsKept) {
  dir_.write(rotated(1), "one\n");
  const auto news = tidy(task(compressing(Compress::zstd)), [&] {
    std::ofstream(dir_.file(rotated(1)), std::ios::app) << "two\n";
    return false;
  });
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].error.value(), EBUSY);
  EXPECT_THAT(std::string(hint(news[0])), HasSubstr("writes to a rotated file"));
  EXPECT_THAT(names(), ElementsAre(rotated(1)));
  EXPECT_THAT(TempDir::read(dir_.file(rotated(1))), HasSubstr("one\ntwo\n"));
}

TEST_F(Archive, AFileThatCannotBeReplacedIsKeptAndTheOthersGoOn) {
  dir_.write(rotated(1), "one\n");
  dir_.write(rotated(2), "two\n");
  fs::create_directory(dir_.file(rotated(1, Compress::zstd)));
  const auto news = tidy(task(compressing(Compress::zstd)));
  ASSERT_EQ(news.size(), 2U);
  EXPECT_EQ(news[0].kind, Kind::failed);
  EXPECT_EQ(news[0].error.value(), EEXIST);
  EXPECT_EQ(news[1].kind, Kind::compressed);
  EXPECT_EQ(TempDir::read(dir_.file(rotated(1))), "one\n");
  EXPECT_THAT(names(), Not(testing::Contains(HasSubstr(".tmp"))));
}

TEST_F(Archive, OneFaultOfManyFilesIsToldOnce) {
  for (unsigned number = 1; number <= 5; ++number) {
    dir_.write(rotated(number), "x\n");
    fs::create_directory(dir_.file(rotated(number, Compress::gzip)));
  }
  EXPECT_EQ(tidy(task(compressing(Compress::gzip))).size(), 1U);
}

TEST_F(Archive, ADirectoryThatIsNotThereIsTold) {
  const auto news = tidy({dir_.file("none/e"), compressing(Compress::zstd), rotated(1)});
  ASSERT_EQ(news.size(), 1U);
  EXPECT_THAT(describe(news[0]), HasSubstr("(ENOENT)"));
}

TEST_F(Archive, WithoutAFinishedFileNothingIsTouched) {
  dir_.write(rotated(1), "x");
  dir_.write(rotated(1, Compress::zstd) + ".tmp", "x");
  RotateConfig rotate = compressing(Compress::zstd);
  rotate.max_total_bytes = 1;
  EXPECT_THAT(tidy({live_, rotate, ""}), IsEmpty());
  EXPECT_THAT(tidy({live_, rotate, "other.20261123T184455Z-000001"}), IsEmpty());
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(Archive, FilesOfOthersAreLeftAlone) {
  const std::vector<std::string> foreign{
      "e.1",       "e.20261123T184455Z-000001.tmp", "e.torn-2026",
      "e.zst.tmp", "f.20261123T184455Z-000001",     "f.ndjson"};
  for (const std::string& name : foreign)
    dir_.write(name, "x");
  RotateConfig rotate = compressing(Compress::gzip);
  rotate.keep = 1;
  rotate.max_total_bytes = 1;
  EXPECT_THAT(tidy(task(rotate)), IsEmpty());
  EXPECT_EQ(names(), foreign);
}

TEST_F(Archive, AnEmptyFileHoldsANameAndStays) {
  dir_.write(rotated(1), "");
  EXPECT_THAT(tidy(task(compressing(Compress::zstd))), IsEmpty());
  EXPECT_THAT(names(), ElementsAre(rotated(1)));
}

TEST_F(Archive, TooManyAreDeletedWithoutBeingCompressedFirst) {
  for (unsigned number = 1; number <= 4; ++number)
    dir_.write(rotated(number), "12345");
  RotateConfig rotate = compressing(Compress::gzip);
  rotate.keep = 1;
  const auto news = tidy(task(rotate));
  ASSERT_EQ(news.size(), 2U);
  EXPECT_EQ(describe(news[0]), live_ + ": 3 rotated files (15 bytes) deleted, from " + rotated(1) +
                                   " to " + rotated(3));
  EXPECT_EQ(news[1].kind, Kind::compressed);
  EXPECT_THAT(names(), ElementsAre(rotated(4, Compress::gzip)));
}

TEST_F(Archive, TheTotalCountsTheLiveFileAndWhatIsNotFinished) {
  dir_.write("e", std::string(50, 'x'));
  for (unsigned number = 1; number <= 4; ++number)
    dir_.write(rotated(number), std::string(10, 'x'));
  RotateConfig rotate;
  rotate.max_total_bytes = 70;
  tidy({live_, rotate, rotated(3)});
  EXPECT_THAT(names(), ElementsAre("e", rotated(3), rotated(4)));
  rotate.max_total_bytes = 1;
  tidy({live_, rotate, rotated(3)});
  EXPECT_THAT(names(), ElementsAre("e", rotated(4)));
}

TEST_F(Archive, WhatFitsOnceCompressedIsNotDeleted) {
  const std::string text(100000, 'x');
  for (unsigned number = 1; number <= 3; ++number)
    dir_.write(rotated(number), text);
  RotateConfig rotate = compressing(Compress::zstd);
  rotate.max_total_bytes = 150000;
  EXPECT_EQ(tidy(task(rotate)).size(), 3U);
  EXPECT_EQ(names().size(), 3U);
}

TEST_F(Archive, ALinkedFilesArchiveLiesBesideTheFileItself) {
  fs::create_directory(dir_.file("data"));
  fs::create_symlink("data/e", live_);
  dir_.write("data/" + rotated(1), "one\n");
  tidy(task(compressing(Compress::gzip)));
  EXPECT_EQ(gunzip(dir_.file("data/" + rotated(1, Compress::gzip))), "one\n");
}

/// In a child process: 0 where `holds`, 1 where not.
[[noreturn]] void leave(bool holds) {
  ::_exit(holds ? 0 : 1);
}

/// The exit status of a child process that runs `job`, -1 where it was killed.
int in_child(const std::function<void()>& job) {
  const pid_t child = ::fork();
  if (child == 0) {
    job();
    leave(false);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Archive, AKillAtAnyBlockLosesNothing) {
  const std::string text = lines(1500000, 4);
  for (int block = 0; block < 7; ++block) {
    const TempDir dir;
    dir.write(rotated(1), text);
    const ArchiveTask all{dir.file("e"), compressing(Compress::zstd), rotated(1)};
    const auto killed = [&] {
      int left = block;
      tidy(all, [&] { return left-- == 0 && ::raise(SIGKILL) == 0; });
    };
    EXPECT_EQ(in_child(killed), -1);
    EXPECT_EQ(TempDir::read(dir.file(rotated(1))), text);
    tidy(all);
    EXPECT_EQ(unzstd(dir.file(rotated(1, Compress::zstd))), text);
    EXPECT_EQ(list_rotated(dir.file("e")).value().size(), 1U);
  }
}

TEST_F(Archive, ALimitOfFileSizeLeavesTheFileAsItWas) {
  const std::string text = lines(1500000, 6);
  dir_.write(rotated(1), text);
  const auto limited = [&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto news = tidy(task(compressing(Compress::zstd)));
    leave(news.size() == 1 && news[0].error.value() == EFBIG);
  };
  EXPECT_EQ(in_child(limited), 0);
  EXPECT_THAT(names(), ElementsAre(rotated(1)));
  EXPECT_EQ(TempDir::read(dir_.file(rotated(1))), text);
}

/// A file system of `size` in `path`, in a name space of this process's own; needs no privileges
/// where the system allows user name spaces.
bool mount_small(const std::string& path, const std::string& size) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return false;
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
}

/// Fills the rest of the file system, and tells whether a file was compressed or why not.
void on_full_disk(const TempDir& dir, bool retention) {
  const auto live = dir.file("e");
  const std::string text = lines(400000, 7);
  dir.write(rotated(1), lines(200000, 8));
  dir.write(rotated(2), text);
  dir.write("filler", std::string(2000000, 'x'));
  RotateConfig rotate = compressing(Compress::zstd);
  rotate.max_total_bytes = retention ? 500000 : 0;
  const auto news = tidy({live, rotate, rotated(2)});
  if (!retention) {
    const bool told = news.size() == 1 && news[0].error.value() == ENOSPC &&
                      hint(news[0]).find("free space") == 0;
    fs::remove(dir.file("filler"));
    leave(told && TempDir::read(dir.file(rotated(2))) == text &&
          tidy({live, rotate, rotated(2)}).size() == 2 &&
          unzstd(dir.file(rotated(2, Compress::zstd))) == text);
  }
  const bool as_wanted = news.size() == 3 && news[0].kind == Kind::failed &&
                         news[1].kind == Kind::deleted && news[1].files == 1 &&
                         news[2].kind == Kind::compressed;
  leave(as_wanted && unzstd(dir.file(rotated(2, Compress::zstd))) == text);
}

class ArchiveOnFullDisk : public Archive, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(Retention, ArchiveOnFullDisk, testing::Bool());

TEST_P(ArchiveOnFullDisk, LosesNothingAndGoesOnOnceThereIsRoom) {
  constexpr int kNotAllowed = 77;
  const int status = in_child([&] {
    if (!mount_small(dir_.file(""), "1m"))
      ::_exit(kNotAllowed);
    on_full_disk(dir_, GetParam());
  });
  if (status == kNotAllowed)
    GTEST_SKIP() << "no name spaces here to mount a small file system in";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace gcstreamd
