#include "gcstreamd/app/log.hpp"

#include <gmock/gmock.h>

#include "helpers/datagrams.hpp"
#include "helpers/temp_dir.hpp"

namespace gcstreamd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class LogTest : public ::testing::Test {
 protected:
  static LogConfig config(const std::string& target, const std::string& level = "info") {
    LogConfig config;
    config.target = target;
    config.level = level;
    return config;
  }
  std::string journal() const { return dir_.file("journal"); }

  TempDir dir_;
};

TEST_F(LogTest, TheJournalGetsFields) {
  Datagrams socket(journal());
  const auto log = make_log(config("journal"), journal());
  log->log(about("main", "events_lost"), spdlog::level::err, "main: {} lost", 3);
  EXPECT_EQ(socket.next(),
            "MESSAGE=main: 3 lost\nPRIORITY=3\nSYSLOG_IDENTIFIER=gcstreamd\nSTREAM=main\n"
            "EVENT=events_lost\n");
}

TEST_F(LogTest, WhatConcernsNoStreamHasNoneAndEachLevelItsPriority) {
  Datagrams socket(journal());
  const auto log = make_log(config("journal", "debug"), journal());
  log->warn("a");
  log->info("b");
  log->debug("c");
  EXPECT_EQ(socket.next(), "MESSAGE=a\nPRIORITY=4\nSYSLOG_IDENTIFIER=gcstreamd\n");
  EXPECT_EQ(socket.next(), "MESSAGE=b\nPRIORITY=6\nSYSLOG_IDENTIFIER=gcstreamd\n");
  EXPECT_EQ(socket.next(), "MESSAGE=c\nPRIORITY=7\nSYSLOG_IDENTIFIER=gcstreamd\n");
}

TEST_F(LogTest, WithoutTheJournalsSocketItIsStandardErrorWithAPrefix) {
  ::testing::internal::CaptureStderr();
  make_log(config("journal"), journal())->warn("nobody there");
  make_log(config("journal"), "")->error("standard error is not the journal");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "<4>nobody there\n<3>standard error is not the journal\n");
}

TEST_F(LogTest, ForPeopleItIsStandardErrorWithATime) {
  Datagrams socket(journal());
  ::testing::internal::CaptureStderr();
  make_log(config("stderr"), journal())->info("well");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), EndsWith("Z info    well\n"));
  EXPECT_EQ(socket.next(), std::nullopt);
}

TEST_F(LogTest, LevelAndTargetCanBeChanged) {
  Datagrams socket(journal());
  ::testing::internal::CaptureStderr();
  const auto log = make_log(config("journal", "error"), journal());
  log->info("too quiet");
  EXPECT_EQ(socket.next(), std::nullopt);
  configure_log(*log, config("journal", "info"));
  log->info("now");
  EXPECT_THAT(socket.next().value_or(""), HasSubstr("MESSAGE=now\n"));
  configure_log(*log, config("stderr"));
  log->info("elsewhere");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), EndsWith("elsewhere\n"));
  EXPECT_EQ(socket.next(), std::nullopt);
}

}  // namespace
}  // namespace gcstreamd
