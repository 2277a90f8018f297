#include "gcstreamd/sinks/log_source.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "gcstreamd/sinks/read_ahead.hpp"
#include "helpers/audit_log.hpp"

namespace gcstreamd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Kind = ReadFault::Kind;

/// Some 400 kB that do not repeat soon.
std::string long_text() {
  std::string text;
  for (int i = 0; i < 50000; ++i)
    text += std::to_string(i * 7919 % 50021) + (i % 9 == 0 ? "\n" : ",");
  return text;
}

std::string read_all(LogSource& source, std::size_t room = 1000) {
  std::string text;
  std::string piece(room, '\0');
  while (const std::size_t got = source.read(piece.data(), piece.size()))
    text.append(piece, 0, got);
  return text;
}

struct Form {
  const char* name;
  std::string (*stored)(std::string_view text);
  bool compressed;
};

std::string plain(std::string_view text) {
  return std::string(text);
}

void PrintTo(const Form& form, std::ostream* out) {
  *out << form.name;
}

class LogSourceTest : public testing::TestWithParam<Form> {
 protected:
  OpenedLog open(std::string_view stored) {
    OpenedLog log = open_log(dir_.write("log", stored));
    EXPECT_TRUE(log.source) << log.fault.what;
    return log;
  }

  TempDir dir_;
};

TEST_P(LogSourceTest, GivesTheTextAndUsesTheWholeFile) {
  const std::string text = long_text();
  const std::string stored = GetParam().stored(text);
  for (const std::size_t room : {1U, 4096U, 1000000U}) {
    OpenedLog log = open(stored);
    EXPECT_EQ(log.compressed, GetParam().compressed);
    EXPECT_EQ(log.stored, stored.size());
    EXPECT_EQ(read_all(*log.source, room), text);
    EXPECT_EQ(log.source->fault().kind, Kind::none) << log.source->fault().what;
    EXPECT_EQ(log.source->consumed(), stored.size());
  }
}

TEST_P(LogSourceTest, PartsOneBehindTheOtherAreOneText) {
  const std::string text = long_text();
  OpenedLog log =
      open(GetParam().stored("first\n") + GetParam().stored("") + GetParam().stored(text));
  EXPECT_EQ(read_all(*log.source), "first\n" + text);
  EXPECT_EQ(log.source->fault().kind, Kind::none) << log.source->fault().what;
}

TEST_P(LogSourceTest, AnEmptyTextIsNoFault) {
  OpenedLog log = open(GetParam().stored(""));
  EXPECT_EQ(read_all(*log.source), "");
  EXPECT_EQ(log.source->fault().kind, Kind::none);
}

TEST_P(LogSourceTest, ReadAheadGivesTheSame) {
  const std::string text = long_text();
  const std::string stored = GetParam().stored(text);
  for (const std::size_t block : {100U, 4096U, 1000000U}) {
    ReadAhead ahead(open(stored).source, block);
    EXPECT_EQ(read_all(ahead), text);
    EXPECT_EQ(ahead.consumed(), stored.size());
  }
}

INSTANTIATE_TEST_SUITE_P(, LogSourceTest,
                         testing::Values(Form{"plain", plain, false}, Form{"gzip", gzipped, true},
                                         Form{"zstd", zstd_compressed, true}),
                         [](const auto& one) { return one.param.name; });

class CompressedTest : public LogSourceTest {};

TEST_P(CompressedTest, CutOffAnywhereIsDamage) {
  const std::string text = "some text that is compressed, some text that is compressed";
  const std::string stored = GetParam().stored(text);
  for (std::size_t size = 4; size < stored.size(); ++size) {
    for (const std::size_t room : {1U, 7U, 1000U}) {
      OpenedLog log = open(stored.substr(0, size));
      EXPECT_THAT(text, StartsWith(read_all(*log.source, room)));
      EXPECT_EQ(log.source->fault().kind, Kind::damaged) << size;
      EXPECT_THAT(log.source->fault().what, HasSubstr("cut off")) << size;
    }
  }
}

TEST_P(CompressedTest, AChangedByteOfTheDataIsDamage) {
  const std::string stored = GetParam().stored(long_text());
  std::string changed = stored;
  changed[stored.size() / 2] = static_cast<char>(changed[stored.size() / 2] ^ 0x40);
  OpenedLog log = open(changed);
  EXPECT_NE(read_all(*log.source), long_text());
  EXPECT_EQ(log.source->fault().kind, Kind::damaged);
}

TEST_P(CompressedTest, SomethingElseBehindItIsDamage) {
  OpenedLog log = open(GetParam().stored("text") + "{\"ts\":1}");
  EXPECT_EQ(read_all(*log.source), "text");
  EXPECT_EQ(log.source->fault().kind, Kind::damaged);
}

TEST_P(CompressedTest, ReadAheadTellsOfDamageAfterWhatWasGood) {
  const std::string stored = GetParam().stored(long_text());
  ReadAhead ahead(open(stored.substr(0, stored.size() - 2)).source, 4096);
  EXPECT_EQ(read_all(ahead), long_text());
  EXPECT_EQ(ahead.fault().kind, Kind::damaged);
}

TEST_P(CompressedTest, ReadAheadMayBeLeftEarly) {
  ReadAhead ahead(open(GetParam().stored(long_text())).source, 64);
  char first = 0;
  EXPECT_EQ(ahead.read(&first, 1), 1U);
  EXPECT_EQ(first, '0');
}

INSTANTIATE_TEST_SUITE_P(, CompressedTest,
                         testing::Values(Form{"gzip", gzipped, true},
                                         Form{"zstd", zstd_compressed, true}),
                         [](const auto& one) { return one.param.name; });

TEST(OpenLog, ASkippableFrameBeginsZstdToo) {
  const TempDir dir;
  const std::string skippable("\x50\x2A\x4D\x18\x04\0\0\0abcd", 12);
  OpenedLog log = open_log(dir.write("log", skippable + zstd_compressed("text")));
  EXPECT_EQ(read_all(*log.source), "text");
  EXPECT_EQ(log.source->fault().kind, Kind::none);
}

TEST(OpenLog, WhatIsNoFileIsRefused) {
  const TempDir dir;
  EXPECT_THAT(open_log(dir.file("absent")).fault.what, HasSubstr("ENOENT"));
  EXPECT_THAT(open_log(dir.file(".")).fault.what, HasSubstr("directory"));
  ASSERT_EQ(::mkfifo(dir.file("pipe").c_str(), 0600), 0);
  EXPECT_THAT(open_log(dir.file("pipe")).fault.what, HasSubstr("regular file"));
}

TEST(OpenLog, TwoNamesOfAFileAreOne) {
  const TempDir dir;
  const std::string path = dir.write("log", "x");
  std::filesystem::create_symlink(path, dir.file("link"));
  std::filesystem::create_hard_link(path, dir.file("hard"));
  EXPECT_EQ(open_log(path).id, open_log(dir.file("link")).id);
  EXPECT_EQ(open_log(path).id, open_log(dir.file("hard")).id);
}

}  // namespace
}  // namespace gcstreamd
