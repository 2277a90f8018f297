#include <csignal>
#include <regex>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using LifecycleTest = StreamTest;

bool counts_all(const std::string& line) {
  const auto record = json::parse(line, nullptr, false);
  return record.is_object() && record.value("type", "") == "metrics" &&
         record.value("messageCount", 0) >= 3 && record.value("heartbeats", 0) == 1 &&
         record.value("duplicates", 0) == 1 && record.value("eventsLost", 0) == 2;
}

TEST_F(LifecycleTest, a_metrics_record_has_all_fields_and_true_counts) {
  config_["metrics"]["interval_s"] = 1;
  stream()["integrity"]["on_gap"] = "record";
  Session session = open();
  send_all(session, {R"({"type":"heartbeat"})", event(1), event(2), event(2), event(5), event(6)});
  const json record = json::parse(wait_for_line(audit_path(), "metrics of it all", counts_all));
  EXPECT_GE(record.at("latencyMs").get<double>(), 0);
  EXPECT_GE(record.at("throughputEps").get<double>(), 0);
  EXPECT_TRUE(record.at("lastHeartbeat").get<std::string>().ends_with('Z'));
  EXPECT_EQ(record.at("sequenceGaps"), 1);
  EXPECT_EQ(record.at("reconnects"), 0);
  EXPECT_GE(record.at("uptimeS").get<double>(), 0);
}

TEST_F(LifecycleTest, metrics_count_reconnects) {
  config_["metrics"]["interval_s"] = 1;
  Session session = open();
  session.socket.drop();
  session = peer_.reopen_stream();
  const std::string line = wait_for_line(audit_path(), "metrics after the reconnect", [](auto& l) {
    return l.find(R"("reconnects":1)") != std::string::npos;
  });
  EXPECT_EQ(json::parse(line).at("type"), "metrics");
}

TEST_F(LifecycleTest, metrics_are_logged_for_people) {
  config_["metrics"]["interval_s"] = 1;
  config_["log"]["level"] = "info";
  const Session session = open();
  const std::regex readable("main.*latency|latency.*main", std::regex::icase);
  const std::string line =
      wait_for_line(daemon_->stderr_path(), "a metrics line",
                    [&](const std::string& text) { return std::regex_search(text, readable); });
  EXPECT_FALSE(json::accept(line)) << line;
}

class StopTest : public StreamTest, public ::testing::WithParamInterface<int> {};

TEST_P(StopTest, closes_with_1000_and_exits_0) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  daemon_->signal(GetParam());
  const CloseFrame close = session.socket.expect_close();
  EXPECT_EQ(close.code, 1000);
  EXPECT_EQ(close.reason, "Client initiated graceful shutdown");
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_EQ(records("daemon_stopping").at(0).at("signal"),
            GetParam() == SIGTERM ? "SIGTERM" : "SIGINT");
  EXPECT_TRUE(records("scheduling_reconnect").empty());
  EXPECT_EQ(fields_of(records("connection_closed").at(0)),
            (json{{"code", 1000},
                  {"reason", "Client initiated graceful shutdown"},
                  {"initiator", "client"}}));
}

INSTANTIATE_TEST_SUITE_P(Signals, StopTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& number) {
                           return std::string(number.param == SIGTERM ? "SIGTERM" : "SIGINT");
                         });

TEST_F(LifecycleTest, events_that_came_before_the_close_are_in_the_sinks) {
  Session session = open();
  send_all(session, events(1, 200));
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
  const Lines delivered = read_lines(events_path());
  EXPECT_EQ(first_difference(delivered, events(1, delivered.size())), "");
  EXPECT_EQ(records("event_received").size(), delivered.size());
}

TEST_F(LifecycleTest, a_server_that_never_answers_the_close_is_left) {
  config_["shutdown_timeout_s"] = 1;
  Session session = open();
  daemon_->signal(SIGTERM);
  session.socket.expect_close_unanswered();
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

TEST_F(LifecycleTest, a_second_signal_exits_at_once) {
  config_["shutdown_timeout_s"] = 600;
  Session session = open();
  daemon_->signal(SIGTERM);
  session.socket.expect_close_unanswered();
  daemon_->signal(SIGTERM);
  EXPECT_NO_THROW(daemon_->wait_exit());
}

TEST_F(LifecycleTest, a_stop_during_a_burst_leaves_whole_lines_only) {
  Session session = open();
  send_all(session, events(1, 500));
  await_events(1);
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 0);
  EXPECT_TRUE(read_file(events_path()).ends_with('\n'));
  EXPECT_TRUE(read_file(audit_path()).ends_with('\n'));
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

}  // namespace
}  // namespace gcstreamd::testing
