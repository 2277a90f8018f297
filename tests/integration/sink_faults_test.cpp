#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// `/dev/full` opens like any file and has never room: ENOSPC without a disk.
class SinkFaultTest : public StreamTest {
 protected:
  void fill(json& sink) {
    fs::create_symlink("/dev/full", full_path_);
    sink["path"] = full_path_.string();
    sink["retry"] = {{"base_delay_ms", 10}, {"max_delay_ms", 20}};
  }
  /// From now on the same path is an ordinary file.
  void make_room() const {
    const fs::path link = dir_ / "room";
    fs::create_symlink(dir_ / "roomy.ndjson", link);
    fs::rename(link, full_path_);
  }
  Lines await_lines_in_roomy(std::size_t count) const {
    return wait_for_line_count(dir_ / "roomy.ndjson", count);
  }

  fs::path full_path_ = dir_ / "full";
};

TEST_F(SinkFaultTest, an_optional_sink_fails_alone) {
  json sink{{"type", "file"}, {"name", "spare"}, {"required", false}};
  fill(sink);
  stream()["sinks"].push_back(sink);
  Session session = open();
  session.socket.send(event(1));
  const json failed = first("sink_failed");
  EXPECT_EQ(failed.at("sink"), "spare");
  EXPECT_NE(failed.at("error").get<std::string>().find("ENOSPC"), std::string::npos);
  send_all(session, events(2, 5));
  EXPECT_EQ(await_events(5), events(1, 5));
  make_room();
  const json lost = first("events_lost");
  EXPECT_EQ(lost.at("sink"), "spare");
  EXPECT_EQ(lost.at("to"), 5);
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(SinkFaultTest, a_stop_beside_a_failed_optional_sink_saves_the_position) {
  json sink{{"type", "audit"}, {"name", "spare"}, {"required", false}};
  fill(sink);
  stream()["sinks"].push_back(sink);
  config_["shutdown_timeout_s"] = 3600;  // longer than any test waits
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  await("sink_failed");
  EXPECT_EQ(stop(session), 0);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SinkFaultTest, a_required_sink_that_fails_stops_the_stream_and_lets_it_go_on_later) {
  fill(file_sink());
  Session session = open();
  session.socket.send(event(1));
  EXPECT_EQ(session.socket.expect_close().code, 1000);
  EXPECT_EQ(first("sink_failed").at("sink"), "file");
  make_room();
  Session second = peer_.reopen_stream();
  EXPECT_EQ(second.subscription.at("sequenceNumber"), 1);
  send_all(second, events(2, 4));
  EXPECT_EQ(await_lines_in_roomy(4), events(1, 4));
  const json scheduled = first("scheduling_reconnect");
  EXPECT_EQ(scheduled.at("cause"), "sink");
  EXPECT_EQ(scheduled.at("delayMs"), 0);
  EXPECT_EQ(stop(second), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(SinkFaultTest, a_stream_that_waits_for_its_sink_stops_at_once) {
  fill(file_sink());
  Session session = open();
  session.socket.send(event(1));
  EXPECT_EQ(session.socket.expect_close().code, 1000);
  EXPECT_EQ(await("connection_closed").size(), 1U);
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

}  // namespace
}  // namespace gcstreamd::testing
