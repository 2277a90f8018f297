#include "gcstreamd/sinks/position_file.hpp"

#include <gmock/gmock.h>

#include "helpers/fake_disk.hpp"
#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

SavedPosition example() {
  SavedPosition position;
  position.org = "client \"id\" \xc3\xa9";
  position.endpoint = "wss://api.mypurecloud.com/x";
  position.place = {3, kMaxNumber};
  position.sinks["audit"] = {"audit",
                             "/x/audit",
                             {7, 8, 9},
                             900,
                             30,
                             {3, 5},
                             {17, std::string(64, 'a')},
                             {2, std::string(64, 'b')}};
  position.sinks["second"] = {"", "/x/second", {7, 9, 0}, 0, 0, {2, 1}, {}, {}};
  return position;
}

TEST(PositionFile, ReadsBackWhatItWrote) {
  EXPECT_EQ(parse_position(serialize(example())), example());
  EXPECT_EQ(parse_position(serialize(SavedPosition{})), SavedPosition{});
}

TEST(PositionFile, KeepsTheFilterAndAnOperatorsWish) {
  SavedPosition position = example();
  position.filter = {"a", "b"};
  for (const auto wish : {SavedPosition::Wish::tip, SavedPosition::Wish::number}) {
    position.wish = wish;
    EXPECT_EQ(parse_position(serialize(position)), position);
  }
}

TEST(PositionFile, IsOneLine) {
  const std::string text = serialize(example());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(PositionFile, AnyChangedByteIsRefused) {
  const std::string text = serialize(example());
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ (1U << bit));
      ASSERT_FALSE(parse_position(damaged)) << "byte " << i << ", bit " << bit;
    }
}

TEST(PositionFile, AnyMissingEndIsRefused) {
  const std::string text = serialize(example());
  for (std::size_t size = 0; size + 1 < text.size(); ++size)
    ASSERT_FALSE(parse_position(std::string_view(text).substr(0, size))) << size;
}

TEST(PositionFile, AnythingElseIsRefused) {
  for (std::string_view text :
       {"", " ", "{}", "[]", "null", "5", R"({"checksum":5})", R"({"checksum":""})",
        R"({"version":1,"org":"","endpoint":"","epoch":0,"sequenceNumber":0,"sinks":{}})"})
    EXPECT_FALSE(parse_position(text)) << text;
  EXPECT_FALSE(parse_position(std::string(1000, '\0')));
}

// Checksums computed by: printf '%s' '{"version":…}' | sha256sum
TEST(PositionFile, AnotherVersionIsRefusedHoweverItIsWritten) {
  EXPECT_FALSE(parse_position(
      R"({"version":2,"checksum":"732322c128ed67841ef5aa42c7cd04ffcd74a61b2d17d710cd502b713d62930d"})"));
  EXPECT_NO_THROW(EXPECT_FALSE(parse_position(
      R"({"version":"1","checksum":"aa5bc61f44d5f633935d04cbccf2654c56806fc924b0083a6cb6b7545369ad64"})")));
  EXPECT_NO_THROW(EXPECT_FALSE(parse_position(
      R"({"version":1,"checksum":"2430f1a2ad2982d0067885488a4c89e21ad1d7c83b115ba8f1b20acc88dfaea8"})")));
}

TEST(PositionFile, AClientIdOfAnyBytesCanBeSaved) {
  SavedPosition position = example();
  position.org = "not utf-8: \xff";
  EXPECT_NO_THROW(EXPECT_TRUE(parse_position(serialize(position))));
}

TEST(SaveFile, ReplacesTheFileAndKeepsTheOneBefore) {
  const TempDir dir;
  PosixDisk disk;
  const auto path = dir.file("main.position");
  EXPECT_FALSE(save_file(disk, path, "first"));
  EXPECT_FALSE(save_file(disk, path, "second"));
  EXPECT_EQ(TempDir::read(path), "second");
  EXPECT_EQ(TempDir::read(previous_of(path)), "first");
  EXPECT_FALSE(save_file(disk, path, "third"));
  EXPECT_EQ(TempDir::read(previous_of(path)), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.file("")), {}), 2);
}

TEST(SaveFile, WhereItCannotTheOldFileStays) {
  const TempDir dir;
  PosixDisk disk;
  EXPECT_TRUE(save_file(disk, dir.file("no/such/dir/x"), "text"));
  const auto path = dir.write("x", "old");
  std::filesystem::create_directory(path + ".tmp");
  EXPECT_TRUE(save_file(disk, path, "new"));
  EXPECT_EQ(TempDir::read(path), "old");
}

/// Whatever call fails or is the last one before a crash: the new text or the one before it is
/// there in full, under one of the two names.
TEST(SaveFile, AtNoMomentIsThereNoWholeFile) {
  std::mt19937 random(1);
  for (const int answer : {FakeDisk::kCrash, EIO, ENOSPC})
    for (const bool power : {false, true})
      for (int at = 0; at < 10; ++at) {
        FakeDisk disk;
        disk.plan = [](std::string_view, const std::string&) { return 0; };
        ASSERT_FALSE(save_file(disk, "/x", "first"));
        ASSERT_FALSE(save_file(disk, "/x", "second"));
        int calls = 0;
        disk.plan = [&](std::string_view, const std::string&) {
          return calls++ == at ? answer : 0;
        };
        const bool saved = !save_file(disk, "/x", "third");
        disk.restart(power, random);
        const auto text = [&](const std::string& name) {
          return disk.has(name) ? disk[name].content : std::string();
        };
        const std::string newest = text("/x").empty() ? text("/x.previous") : text("/x");
        EXPECT_TRUE(newest == "third" || (newest == "second" && !saved)) << at << newest;
      }
}

TEST(Place, IsOrderedByEpochFirst) {
  EXPECT_LT((Place{1, 500}), (Place{2, 1}));
  EXPECT_LT((Place{2, 1}), (Place{2, 2}));
}

}  // namespace
}  // namespace gcstreamd
