#include "gcstreamd/core/online_report.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Result = OnlineStep::Result;
using enum OnlineStep::Result;

std::vector<Result> results(const OnlineLeg& leg) {
  std::vector<Result> all;
  for (const OnlineStep& step : leg.steps())
    all.push_back(step.result);
  return all;
}

std::vector<Stage> stages(const OnlineLeg& leg) {
  std::vector<Stage> all;
  for (const OnlineStep& step : leg.steps())
    all.push_back(step.stage);
  return all;
}

OnlineLeg leg(std::string_view url = "https://login.example/", const ProxyChoice& choice = {}) {
  return {*parse_url(url), choice, Stage::oauth};
}

TEST(OnlineLegTest, HasTheStepsOfItsWay) {
  EXPECT_THAT(stages(leg()), ElementsAre(Stage::dns, Stage::connect, Stage::tls, Stage::oauth));
  EXPECT_THAT(stages(leg("http://localhost:1/")),
              ElementsAre(Stage::dns, Stage::connect, Stage::oauth));
  ProxyChoice choice;
  choice.proxy = parse_proxy("http://proxy:3128");
  const OnlineLeg through = leg("https://login.example/", choice);
  EXPECT_THAT(stages(through),
              ElementsAre(Stage::dns, Stage::connect, Stage::proxy, Stage::tls, Stage::oauth));
  EXPECT_EQ(through.steps()[0].where, "proxy");
  EXPECT_EQ(through.steps()[1].where, "proxy:3128");
  EXPECT_EQ(through.steps()[2].where, "login.example:443");
}

TEST(OnlineLegTest, AFaultBelongsToTheStepThatWasUnderWay) {
  OnlineLeg one = leg();
  one.on_stage(Stage::dns, 1ms);
  one.on_stage(Stage::connect, 2ms);
  one.fail(Fault(Stage::connect, FaultKind::timeout, 0, "late"));
  EXPECT_THAT(results(one), ElementsAre(ok, failed, not_tried, not_tried));
  EXPECT_EQ(one.steps()[1].error, "late");
  EXPECT_THAT(one.steps()[1].hint, HasSubstr("connect_timeout_s"));
  EXPECT_EQ(one.steps()[1].took, 2ms);
}

TEST(OnlineLegTest, AProxyThatCannotBeReachedFailsAtTheStepOfItsWay) {
  ProxyChoice choice;
  choice.proxy = parse_proxy("http://proxy:3128");
  OnlineLeg one = leg("https://login.example/", choice);
  one.on_stage(Stage::dns, 1ms);
  one.on_stage(Stage::connect, 2ms);
  one.fail(Fault(Stage::proxy, FaultKind::system, 111, "refused"));
  EXPECT_THAT(results(one), ElementsAre(ok, failed, not_tried, not_tried, not_tried));
}

TEST(OnlineLegTest, ACertificateThatIsRefusedLateIsTheHandshakes) {
  OnlineLeg one = leg();
  for (const Stage stage : {Stage::dns, Stage::connect, Stage::tls, Stage::oauth})
    one.on_stage(stage, 1ms);
  one.fail(Fault(Stage::tls, TlsProblem::client_certificate, "wanted"));
  EXPECT_THAT(results(one), ElementsAre(ok, ok, failed, not_tried));
}

TEST(OnlineLegTest, AFileOfOursFailsBeforeAnythingIsTried) {
  OnlineLeg one = leg();
  one.fail(Fault(Stage::oauth, FaultKind::system, 0, "no secret"));
  EXPECT_THAT(results(one), ElementsAre(not_tried, not_tried, not_tried, failed));
}

Config two_streams() {
  Config config;
  for (const char* name : {"main", "a-long-name"}) {
    StreamConfig stream;
    stream.name = name;
    stream.endpoints.oauth_url = "https://login.example/";
    stream.endpoints.stream_url = "wss://api.a-long-host.example/";
    config.streams.push_back(stream);
  }
  return config;
}

TEST(OnlineReportTest, IsATableWhoseColumnsStandUnderOneAnother) {
  OnlineReport report(two_streams());
  OnlineLeg one = leg();
  one.on_stage(Stage::dns, 1500us);
  one.fail(Fault(Stage::dns, FaultKind::timeout, 0, "late"));
  const std::string heading = report.heading();
  const std::string rows =
      report.rows("main", one.steps(), Fault(Stage::dns, FaultKind::timeout, 0, "late"));
  EXPECT_EQ(heading.find("RESULT"), rows.find("failed"));
  EXPECT_EQ(heading.find("WHERE"), rows.find("login.example"));
  EXPECT_THAT(rows, HasSubstr("1.5\n  late\n  what to do: the name server"));
  EXPECT_THAT(rows, HasSubstr("not tried"));
}

TEST(OnlineReportTest, AServersWordsSteerNoTerminalAndForgeNoRow) {
  OnlineReport report(two_streams());
  OnlineLeg one = leg();
  const Fault fault(Stage::dns, FaultKind::timeout, 0, "late\x1b[31m\nmain oauth ok");
  one.fail(fault);
  const std::string rows = report.rows("main", one.steps(), fault, {"a\tnote"});
  EXPECT_THAT(rows, HasSubstr("  late?[31m?main oauth ok\n"));
  EXPECT_THAT(rows, HasSubstr("  a?note\n"));
}

TEST(OnlineReportTest, WhatTheDaemonDoesNextIsLeftOut) {
  OnlineReport report(two_streams());
  OnlineLeg one = leg();
  const Fault fault(Stage::dns, FaultKind::http_status, 503, "busy");
  one.fail(fault);
  EXPECT_THAT(report.rows("main", one.steps(), fault), Not(HasSubstr("the stream retries")));
}

TEST(OnlineReportTest, NothingThatFailedIsExitCode0) {
  OnlineReport report(two_streams());
  EXPECT_THAT(report.rows("main", leg().steps(), std::nullopt), Not(HasSubstr("what to do")));
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_EQ(report.summary(), "all streams can connect");
}

TEST(OnlineReportTest, RefusedCredentialsCountMoreThanAnythingElse) {
  OnlineReport report(two_streams());
  report.rows("main", leg().steps(), Fault(Stage::oauth, FaultKind::http_status, 503, ""));
  EXPECT_EQ(report.exit_code(), 69);
  report.rows("a-long-name", leg().steps(), Fault(Stage::oauth, FaultKind::http_status, 401, ""));
  EXPECT_EQ(report.exit_code(), 77);
  EXPECT_EQ(report.summary(), "2 of 2 stream(s) cannot connect: main, a-long-name");
}

}  // namespace
}  // namespace gcstreamd
