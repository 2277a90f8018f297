#include "gcstreamd/core/rotation.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <random>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Compress = RotateConfig::Compress;

constexpr std::string_view kBase = "events.ndjson";

RotateConfig by_size(std::uint64_t max_bytes) {
  RotateConfig rotate;
  rotate.max_bytes = max_bytes;
  return rotate;
}

RotateConfig by_age(std::chrono::seconds max_age) {
  RotateConfig rotate;
  rotate.max_age = max_age;
  return rotate;
}

TEST(RotationTrigger, WithoutLimitsNothingIsEverDue) {
  RotationTrigger trigger;
  trigger.opened(std::numeric_limits<std::uint64_t>::max(), 1000h, at(0s));
  EXPECT_FALSE(trigger.due({}, at(1000h), std::numeric_limits<std::uint64_t>::max()));
  EXPECT_FALSE(trigger.due_at({}));
}

TEST(RotationTrigger, AFileIsDueOnceItHasItsMostBytes) {
  RotationTrigger trigger;
  trigger.opened(0, 0s, at(0s));
  trigger.resized(4095, at(1s));
  EXPECT_FALSE(trigger.due(by_size(4096), at(1s)));
  trigger.resized(4096, at(2s));
  EXPECT_TRUE(trigger.due(by_size(4096), at(2s)));
}

TEST(RotationTrigger, AFileIsDueBeforeBytesThatItHasNoRoomFor) {
  RotationTrigger trigger;
  trigger.opened(4000, 0s, at(0s));
  EXPECT_FALSE(trigger.due(by_size(4096), at(0s), 96));
  EXPECT_TRUE(trigger.due(by_size(4096), at(0s), 97));
  EXPECT_TRUE(trigger.due(by_size(4096), at(0s), std::numeric_limits<std::uint64_t>::max()));
}

TEST(RotationTrigger, AnEmptyFileIsNeverDueAndBeginsWithItsFirstByte) {
  RotationTrigger trigger;
  trigger.opened(0, 1000h, at(0s));
  EXPECT_FALSE(trigger.due(by_size(4096), at(0s), 5000));
  EXPECT_FALSE(trigger.due(by_age(10s), at(100s)));
  EXPECT_FALSE(trigger.due_at(by_age(10s)));
  trigger.resized(1, at(100s));
  EXPECT_EQ(trigger.due_at(by_age(10s)), at(110s));
  trigger.resized(2, at(105s));
  EXPECT_FALSE(trigger.due(by_age(10s), at(110s - 1ms)));
  EXPECT_TRUE(trigger.due(by_age(10s), at(110s)));
}

TEST(RotationTrigger, TheAgeAtOpeningCounts) {
  RotationTrigger trigger;
  trigger.opened(1, 7s, at(0s));
  EXPECT_FALSE(trigger.due(by_age(10s), at(2999ms)));
  EXPECT_TRUE(trigger.due(by_age(10s), at(3s)));
}

TEST(RotationTrigger, AgesThatNoClockHasAreClamped) {
  RotationTrigger trigger;
  trigger.opened(1, -5h, at(0s));
  EXPECT_EQ(trigger.due_at(by_age(10s)), at(10s));
  trigger.opened(1, std::chrono::nanoseconds::max(), at(0s));
  EXPECT_TRUE(trigger.due(by_age(3650 * 24h), at(0s)));
}

TEST(RotationTrigger, OtherLimitsCountAtOnce) {
  RotationTrigger trigger;
  trigger.opened(5000, 0s, at(0s));
  EXPECT_FALSE(trigger.due(by_size(10000), at(60s)));
  EXPECT_TRUE(trigger.due(by_size(5000), at(60s)));
  EXPECT_TRUE(trigger.due(by_age(60s), at(60s)));
}

TEST(RotatedName, IsTheContractsAndIsParsedBack) {
  const RotatedName name{std::chrono::floor<std::chrono::seconds>(wall()), 1, Compress::zstd};
  EXPECT_EQ(format_rotated_name(kBase, name), "events.ndjson.20261123T184455Z-000001.zst");
  for (const auto way : {Compress::none, Compress::gzip, Compress::zstd})
    for (const unsigned number : {1U, 42U, 999999U}) {
      const RotatedName one{name.time, number, way};
      EXPECT_EQ(parse_rotated_name(kBase, format_rotated_name(kBase, one)), one);
    }
}

TEST(RotatedName, NamesThatAreNotOursAreNone) {
  for (const std::string_view name : {"",
                                      "events.ndjson",
                                      "events.ndjson.",
                                      "events.ndjson.1",
                                      "events.ndjson.1.gz",
                                      "events.ndjson.torn-2026-11-23T18:44:55.000000Z",
                                      "other.20261123T184455Z-000001",
                                      "events.ndjson-20261123T184455Z-000001",
                                      "events.ndjson.20261123T184455Z",
                                      "events.ndjson.20261123T184455Z-",
                                      "events.ndjson.20261123T184455Z-00001",
                                      "events.ndjson.20261123T184455Z-0000001",
                                      "events.ndjson.20261123T184455Z-000000",
                                      "events.ndjson.20261123T184455Z-00000a",
                                      "events.ndjson.20261323T184455Z-000001",
                                      "events.ndjson.20260230T184455Z-000001",
                                      "events.ndjson.20261123T244455Z-000001",
                                      "events.ndjson.20261123T184460Z-000001",
                                      "events.ndjson.20261123t184455Z-000001",
                                      "events.ndjson.20261123T184455+-000001",
                                      "events.ndjson.20261123T184455Z-000001.zst.tmp",
                                      "events.ndjson.20261123T184455Z-000001.tmp",
                                      "events.ndjson.20261123T184455Z-000001.bz2",
                                      "events.ndjson.20261123T184455Z-000001.zst.gz",
                                      "events.ndjson.20261123T184455Z-000001 ",
                                      "xevents.ndjson.20261123T184455Z-000001",
                                      "events.ndjsonx.20261123T184455Z-000001"})
    EXPECT_FALSE(parse_rotated_name(kBase, name)) << name;
  EXPECT_FALSE(parse_rotated_name("", ".20261123T184455Z-000001"));
}

TEST(RotatedName, APathThatLooksRotatedIsKnown) {
  EXPECT_TRUE(looks_rotated("/log/events.ndjson.20261123T184455Z-000001"));
  EXPECT_TRUE(looks_rotated("a.20261123T184455Z-000001.zst"));
  EXPECT_FALSE(looks_rotated("/log/events.ndjson"));
  EXPECT_FALSE(looks_rotated("20261123T184455Z-000001"));
  EXPECT_FALSE(looks_rotated("/log/20261123T184455Z-000001"));
  EXPECT_FALSE(looks_rotated(""));
}

TEST(NextRotatedName, TheFirstHasTheTimeAndNumberOne) {
  EXPECT_EQ(next_rotated_name(kBase, {}, wall(999999us)), "events.ndjson.20261123T184455Z-000001");
}

std::string next_after(const std::vector<std::string>& existing, WallTime time) {
  return next_rotated_name(kBase, existing, time);
}

TEST(NextRotatedName, WithinOneSecondTheNumberGoesUp) {
  EXPECT_EQ(next_after({"events.ndjson.20261123T184455Z-000001"}, wall()),
            "events.ndjson.20261123T184455Z-000002");
  EXPECT_EQ(next_after({"events.ndjson.20261123T184455Z-000009.zst"}, wall()),
            "events.ndjson.20261123T184455Z-000010");
  EXPECT_EQ(next_after({"events.ndjson.20261123T184455Z-000002"}, wall(1s)),
            "events.ndjson.20261123T184456Z-000001");
}

TEST(NextRotatedName, AClockThatWentBackKeepsTheNewestTime) {
  EXPECT_EQ(next_after({"events.ndjson.20270101T000000Z-000003", "events.ndjson.1",
                        "events.ndjson.20261123T184455Z-000007.gz"},
                       wall()),
            "events.ndjson.20270101T000000Z-000004");
}

TEST(NextRotatedName, BehindTheLastNumberComesTheNextSecond) {
  EXPECT_EQ(next_after({"events.ndjson.20261231T235959Z-999999"}, wall()),
            "events.ndjson.20270101T000000Z-000001");
}

TEST(NextRotatedName, NamesOfOthersDoNotCount) {
  EXPECT_EQ(next_after({"events.ndjson.torn-x", "other.20991123T184455Z-000001",
                        "events.ndjson.20991123T184455Z-000001.zst.tmp"},
                       wall()),
            "events.ndjson.20261123T184455Z-000001");
}

TEST(NextRotatedName, ClocksOutOfFourDigitsStayWithinThem) {
  const auto sys = [](int year) {
    return WallTime{std::chrono::sys_days{std::chrono::year{year} / 1 / 1}};
  };
  EXPECT_EQ(next_after({}, sys(12000)), "events.ndjson.99991231T235959Z-000001");
  EXPECT_EQ(next_after({}, sys(-5)), "events.ndjson.00000101T000000Z-000001");
}

TEST(NextRotatedName, WhateverTheClockDoesNamesSortInTheOrderOfRotation) {
  std::mt19937 random(7);
  std::vector<std::string> names;
  for (int i = 0; i < 500; ++i) {
    const auto jump = std::chrono::milliseconds{static_cast<int>(random() % 4000) - 1500};
    std::string next = next_rotated_name(kBase, names, wall(i * 300ms + jump));
    EXPECT_LT(names.empty() ? "" : names.back(), next);
    names.push_back(next + (i % 3 == 0 ? ".zst" : i % 3 == 1 ? ".gz" : ""));
  }
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

std::string rotated(unsigned number, Compress compress = Compress::none) {
  return format_rotated_name(kBase,
                             {std::chrono::floor<std::chrono::seconds>(wall()), number, compress});
}

std::vector<std::string> doomed(const RotateConfig& rotate, const std::vector<RotatedFile>& files,
                                std::uint64_t live_bytes = 0) {
  std::vector<std::string> names;
  for (const RotatedFile& file : plan_retention(rotate, kBase, files, live_bytes))
    names.push_back(file.name);
  return names;
}

RotateConfig keeping(std::uint64_t keep, std::uint64_t max_total_bytes = 0) {
  RotateConfig rotate;
  rotate.keep = keep;
  rotate.max_total_bytes = max_total_bytes;
  return rotate;
}

TEST(Retention, WithoutLimitsAllIsKept) {
  EXPECT_THAT(doomed({}, {{rotated(1), 1}, {rotated(2), 1U << 30U}}, 1U << 30U), IsEmpty());
}

TEST(Retention, TheOldestBeyondTheNumberGo) {
  const std::vector<RotatedFile> files{{rotated(3), 1}, {rotated(1), 1}, {rotated(2), 1}};
  EXPECT_THAT(doomed(keeping(3), files), IsEmpty());
  EXPECT_THAT(doomed(keeping(2), files), ElementsAre(rotated(1)));
  EXPECT_THAT(doomed(keeping(1), files), ElementsAre(rotated(1), rotated(2)));
}

TEST(Retention, TheOldestGoUntilTheTotalFitsWithTheLiveFile) {
  const std::vector<RotatedFile> files{{rotated(1), 10}, {rotated(2), 20}, {rotated(3), 30}};
  EXPECT_THAT(doomed(keeping(0, 100), files, 40), IsEmpty());
  EXPECT_THAT(doomed(keeping(0, 99), files, 40), ElementsAre(rotated(1)));
  EXPECT_THAT(doomed(keeping(0, 90), files, 40), ElementsAre(rotated(1)));
  EXPECT_THAT(doomed(keeping(0, 89), files, 40), ElementsAre(rotated(1), rotated(2)));
}

TEST(Retention, ALiveFileThatIsTooLargeAloneLeavesNoRotatedOne) {
  EXPECT_THAT(doomed(keeping(0, 100), {{rotated(1), 1}, {rotated(2), 1}}, 101),
              ElementsAre(rotated(1), rotated(2)));
}

TEST(Retention, TheStricterLimitDecides) {
  const std::vector<RotatedFile> files{{rotated(1), 10}, {rotated(2), 10}, {rotated(3), 10}};
  EXPECT_THAT(doomed(keeping(1, 1000), files), ElementsAre(rotated(1), rotated(2)));
  EXPECT_THAT(doomed(keeping(2, 10), files), ElementsAre(rotated(1), rotated(2)));
}

TEST(Retention, AFileThatIsThereTwiceIsOne) {
  const std::vector<RotatedFile> files{{rotated(1), 10},
                                       {rotated(1, Compress::zstd), 2},
                                       {rotated(2, Compress::gzip), 10},
                                       {rotated(3), 10}};
  EXPECT_THAT(doomed(keeping(3), files), IsEmpty());
  EXPECT_THAT(doomed(keeping(2), files),
              testing::UnorderedElementsAre(rotated(1), rotated(1, Compress::zstd)));
  EXPECT_THAT(doomed(keeping(0, 31), files), testing::SizeIs(2));
}

TEST(Retention, WhatIsNotOursNeitherCountsNorGoes) {
  const std::vector<RotatedFile> files{
      {"events.ndjson", 1000},           {"events.ndjson.1", 1000},
      {"events.ndjson.torn-2026", 1000}, {"other.20261123T184455Z-000001", 1000},
      {rotated(1) + ".zst.tmp", 1000},   {rotated(1), 10}};
  EXPECT_THAT(doomed(keeping(1, 10), files), IsEmpty());
  EXPECT_THAT(doomed(keeping(1, 9), files), ElementsAre(rotated(1)));
}

TEST(Retention, AnEmptyFileHoldsANameAndIsLeftAlone) {
  EXPECT_THAT(doomed(keeping(1, 5), {{rotated(1), 0}, {rotated(2), 5}}), IsEmpty());
}

}  // namespace
}  // namespace gcstreamd
