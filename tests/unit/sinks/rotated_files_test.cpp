#include "gcstreamd/sinks/rotated_files.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "helpers/temp_dir.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
namespace errc = boost::system::errc;
namespace fs = std::filesystem;

constexpr auto kFirst = "e.ndjson.20261123T184455Z-000001";
constexpr auto kSecond = "e.ndjson.20261123T184455Z-000002";

class RotatedFiles : public testing::Test {
 protected:
  std::vector<std::string> listed(const std::string& path) const {
    std::vector<std::string> names;
    const auto files = list_rotated(path);
    EXPECT_TRUE(files) << files.error().message();
    if (files)
      for (const RotatedFile& file : *files)
        names.push_back(file.name);
    return names;
  }

  TempDir dir_;
  std::string live_ = dir_.file("e.ndjson");
};

TEST_F(RotatedFiles, AreListedInTheirOrderWithoutWhatIsNotOurs) {
  dir_.write("e.ndjson", "live");
  dir_.write(kSecond, "22");
  dir_.write(std::string(kFirst) + ".zst", "1");
  dir_.write("e.ndjson.1", "x");
  dir_.write("e.ndjson.torn-2026", "x");
  dir_.write(std::string(kSecond) + ".zst.tmp", "x");
  dir_.write("f.ndjson.20261123T184455Z-000001", "x");
  fs::create_directory(dir_.file("e.ndjson.20261123T184455Z-000007"));
  fs::create_symlink(live_, dir_.file("e.ndjson.20261123T184455Z-000008"));
  EXPECT_THAT(listed(live_), ElementsAre(std::string(kFirst) + ".zst", kSecond));
  EXPECT_EQ(list_rotated(live_)->at(1).bytes, 2U);
}

TEST_F(RotatedFiles, OfADirectoryThatIsNotThereAreAnError) {
  EXPECT_EQ(list_rotated(dir_.file("none/e")).error().value(), ENOENT);
  EXPECT_EQ(newest_rotated(dir_.file("none/e")).error().value(), ENOENT);
}

TEST_F(RotatedFiles, TheNewestIsKnownByName) {
  EXPECT_EQ(newest_rotated(live_).value(), "");
  dir_.write(kSecond, "");
  dir_.write(kFirst, "1");
  EXPECT_EQ(newest_rotated(live_).value(), kSecond);
}

TEST_F(RotatedFiles, ALiveFileGetsItsNextName) {
  dir_.write("e.ndjson", "one");
  EXPECT_EQ(rotate_file(live_, wall()).value(), dir_.file(kFirst));
  EXPECT_FALSE(fs::exists(live_));
  dir_.write("e.ndjson", "two");
  EXPECT_EQ(rotate_file(live_, wall(-1h)).value(), dir_.file(kSecond));
  EXPECT_EQ(TempDir::read(dir_.file(kFirst)), "one");
  EXPECT_EQ(TempDir::read(dir_.file(kSecond)), "two");
}

TEST_F(RotatedFiles, ANameThatAnythingHasIsNotTaken) {
  fs::create_directory(dir_.file(kFirst));
  dir_.write("e.ndjson", "one");
  EXPECT_EQ(rotate_file(live_, wall()).value(), dir_.file(kSecond));
}

TEST_F(RotatedFiles, WhatIsNoRegularFileIsNotRotated) {
  EXPECT_EQ(rotate_file(live_, wall()).error().value(), ENOENT);
  ASSERT_EQ(::mkfifo(live_.c_str(), 0600), 0);
  EXPECT_EQ(rotate_file(live_, wall()).error(), errc::operation_not_supported);
  EXPECT_EQ(rotate_file("/dev/null", wall()).error(), errc::operation_not_supported);
  EXPECT_TRUE(fs::exists(live_));
}

TEST_F(RotatedFiles, BehindALinkTheFileIsRotatedAndTheLinkStays) {
  fs::create_directory(dir_.file("data"));
  dir_.write("data/real", "one");
  fs::create_symlink("data/real", live_);
  const auto first = dir_.file("data/real.20261123T184455Z-000001");
  EXPECT_EQ(rotate_file(live_, wall()).value(), first);
  EXPECT_TRUE(fs::is_symlink(live_));
  EXPECT_EQ(TempDir::read(first), "one");
  // Also while nothing is behind the link.
  EXPECT_THAT(listed(live_), ElementsAre("real.20261123T184455Z-000001"));
  EXPECT_EQ(behind_links(live_), dir_.file("data/real"));
}

TEST_F(RotatedFiles, LinksInACircleEnd) {
  fs::create_symlink("b", dir_.file("a"));
  fs::create_symlink("a", dir_.file("b"));
  EXPECT_EQ(rotate_file(dir_.file("a"), wall()).error(), errc::operation_not_supported);
}

TEST_F(RotatedFiles, InTheWorkingDirectoryAPathNeedsNoSlash) {
  EXPECT_THAT(listed("no-such-live-file.ndjson"), IsEmpty());
  EXPECT_TRUE(disk_space("no-such-live-file.ndjson"));
}

class RenameWithoutReplacing : public testing::TestWithParam<boost::system::error_code (*)(
                                   const std::string&, const std::string&)> {
 protected:
  TempDir dir_;
};

TEST_P(RenameWithoutReplacing, MovesTheFile) {
  const auto from = dir_.write("a", "one");
  EXPECT_FALSE(GetParam()(from, dir_.file("b")));
  EXPECT_FALSE(fs::exists(from));
  EXPECT_EQ(TempDir::read(dir_.file("b")), "one");
}

TEST_P(RenameWithoutReplacing, LeavesBothWhereTheNameIsTaken) {
  const auto from = dir_.write("a", "one");
  const auto to = dir_.write("b", "two");
  EXPECT_EQ(GetParam()(from, to), errc::file_exists);
  EXPECT_EQ(TempDir::read(from), "one");
  EXPECT_EQ(TempDir::read(to), "two");
}

TEST_P(RenameWithoutReplacing, LeavesNothingWhereThereIsNoFile) {
  EXPECT_EQ(GetParam()(dir_.file("a"), dir_.file("b")), errc::no_such_file_or_directory);
  EXPECT_FALSE(fs::exists(dir_.file("b")));
}

INSTANTIATE_TEST_SUITE_P(Both, RenameWithoutReplacing,
                         testing::Values(&rename_no_replace, &rename_to_reserved));

TEST_F(RotatedFiles, TheAgeOfAFileIsSinceItsBirth) {
  dir_.write("e.ndjson", "one");
  const auto age = file_age(live_);
  ASSERT_TRUE(age);
  EXPECT_GE(*age, 0ns);
  EXPECT_LT(*age, 1h);
  EXPECT_EQ(file_age(dir_.file("none")).error().value(), ENOENT);
}

TEST_F(RotatedFiles, AFileFromTheFutureHasNoAge) {
  dir_.write("e.ndjson", "one");
  const timespec future{4102444800, 0};  // 2100
  const timespec times[2] = {future, future};
  ASSERT_EQ(::utimensat(AT_FDCWD, live_.c_str(), times, 0), 0);
  EXPECT_GE(file_age(live_).value(), 0ns);
}

TEST_F(RotatedFiles, TheSpaceIsThatOfTheFilesDirectory) {
  const auto space = disk_space(live_);  // the file is not there
  ASSERT_TRUE(space);
  EXPECT_GT(space->total, 0U);
  EXPECT_LE(space->free, space->total);
  EXPECT_EQ(disk_space(dir_.file("none/e")).error().value(), ENOENT);
}

}  // namespace
}  // namespace gcstreamd
