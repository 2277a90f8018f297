#include "gcstreamd/app/record_log.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

namespace gcstreamd {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class RecordLogTest : public ::testing::Test {
 protected:
  RecordLogTest() { logger_->set_pattern("%l %s %! %v"); }
  static StreamConfig audited() {
    StreamConfig config;
    config.name = "main";
    config.sinks.emplace_back().type = "audit";
    return config;
  }
  static SteadyTime at(int s) { return SteadyTime{} + seconds(1000 + s); }
  std::size_t lines() const {
    const std::string text = out_.str();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  std::ostringstream out_;
  std::shared_ptr<spdlog::logger> logger_ = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(out_));
  StreamConfig config_ = audited();
  RecordLog log_{logger_, config_};
};

TEST_F(RecordLogTest, ALineHasItsStreamItsEventAndItsLevel) {
  log_.on(AuditRecord("connection_open").text("host", "h"), at(0));
  EXPECT_EQ(out_.str(), "info main connection_open main: connection_open host=\"h\"\n");
}

TEST_F(RecordLogTest, AnErrorSaysWhatToDoNext) {
  log_.on(AuditRecord("events_lost").number("from", 7), at(0));
  EXPECT_THAT(out_.str(), HasSubstr("error main events_lost main: events_lost from=7 hint=\"the "));
}

TEST_F(RecordLogTest, TheRecordsOwnHintGoesFirst) {
  EXPECT_EQ(log_line(AuditRecord("oauth_error").text("hint", "renew it")),
            "oauth_error hint=\"renew it\"");
}

TEST_F(RecordLogTest, WhatTheLevelLeavesOutIsNotCountedEither) {
  logger_->set_level(spdlog::level::warn);
  for (int i = 0; i < 100; ++i)
    log_.on(AuditRecord("connection_open"), at(0));
  log_.finish();
  EXPECT_EQ(out_.str(), "");
}

TEST_F(RecordLogTest, AFloodIsAFewLinesAndACount) {
  for (int i = 0; i < 1000; ++i)
    log_.on(AuditRecord("invalid_event").text("error", "no object"), at(0));
  EXPECT_EQ(lines(), LogLimit::kMost);
  log_.tick(at(59));
  EXPECT_EQ(lines(), LogLimit::kMost);
  log_.tick(at(60));
  EXPECT_THAT(out_.str(), HasSubstr("\nwarning main invalid_event main: invalid_event: 990 more"));
  log_.on(AuditRecord("invalid_event").text("error", "again"), at(61));
  EXPECT_THAT(out_.str(), HasSubstr("error=\"again\""));
}

TEST_F(RecordLogTest, WithoutAnAuditLogEachLossIsWritten) {
  config_.sinks.clear();
  for (int i = 0; i < 1000; ++i) {
    log_.on(AuditRecord("events_lost").number("from", 7), at(0));
    log_.on(AuditRecord("invalid_event"), at(0));
  }
  EXPECT_EQ(lines(), 1000 + LogLimit::kMost);
  log_.finish();
  EXPECT_THAT(out_.str(), EndsWith("990 more of these within a minute, not written here\n"));
}

TEST_F(RecordLogTest, TheEndTellsWhatWasLeftOut) {
  for (int i = 0; i < 12; ++i)
    log_.on(AuditRecord("invalid_event"), at(0));
  log_.finish();
  EXPECT_THAT(out_.str(), EndsWith("the audit log has each\n"));
}

TEST_F(RecordLogTest, MetricsHaveALineOfTheirOwnElsewhere) {
  log_.on(AuditRecord("metrics"), at(0));
  EXPECT_THAT(out_.str(), Not(HasSubstr("metrics")));
}

}  // namespace
}  // namespace gcstreamd
