#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// A daemon whose syncs hang or fail as long as the test says so.
class SlowDiskTest : public StreamTest {
 protected:
  Process& run_on_disk() {
    return run({{"LD_PRELOAD", GCSTREAMD_DISK_SHIM},
                {"GCSTREAMD_DISK_FILE", (dir_ / "disk").string()},
                {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  }
  Session open_on_disk() {
    run_on_disk();
    return peer_.open_stream();
  }
  ~SlowDiskTest() override { ::close(lock_); }
  /// From now on syncs do not end until `go_on`.
  void stall() {
    lock_ = ::open(dir_.write("disk", "0").c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(::flock(lock_, LOCK_EX), 0);
  }
  /// 1 is durable, 2 only written.
  void hang_behind(Session& session) {
    session.socket.send(event(1));
    await_events(1);
    stall();
    session.socket.send(event(2));
    await_events(2);
  }
  void fail(int number) const { dir_.write("disk", std::to_string(number)); }
  void go_on() {
    dir_.write("disk", "0");
    ::close(std::exchange(lock_, -1));
  }

 private:
  int lock_ = -1;
};

TEST_F(SlowDiskTest, while_syncs_hang_events_are_written_and_pings_answered) {
  Session session = open_on_disk();
  session.socket.send(event(1));
  await_events(1);
  stall();
  send_all(session, events(2, 500));
  await_events(500);
  session.socket.ping("still there?");
  EXPECT_EQ(session.socket.expect_pong(), "still there?");
  go_on();
  EXPECT_EQ(stop(session), 0);
  session = open_on_disk();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 500);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SlowDiskTest, a_stop_does_not_wait_for_a_sync_that_hangs) {
  config_["shutdown_timeout_s"] = 1;
  Session session = open_on_disk();
  hang_behind(session);
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  EXPECT_EQ(daemon_->wait_exit(), 74);  // nobody knows what becomes of 2
  go_on();
  session = open_on_disk();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 2);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SlowDiskTest, a_stream_that_is_replaced_waits_for_the_disk_of_the_one_before) {
  config_["shutdown_timeout_s"] = 1;
  stream()["start_at"] = 0;
  Session session = open_on_disk();
  hang_behind(session);
  stream()["oauth"]["client_id"] = "another";
  reload();
  session.socket.expect_close();
  wait_for_lines(daemon_->stderr_path(), "the end of the limit", [](const Lines& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find("connection_closed") != std::string::npos;
    });
  });
  EXPECT_TRUE(records("config_reloaded").empty());
  go_on();
  session = peer_.open_stream("token-1");
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 0);  // another org: start_at holds
  EXPECT_EQ(first("position_moved").at("cause"), "other_org_or_endpoint");
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SlowDiskTest, nothing_is_taken_before_the_start_is_saved_and_the_server_hears_of_us) {
  stream()["liveness"]["idle_timeout_s"] = 2;
  stall();
  Session session = open_on_disk();
  send_all(session, events(1, 3));
  session.socket.expect_pong();  // unasked: nothing is read meanwhile
  EXPECT_TRUE(read_lines(events_path()).empty());
  go_on();
  EXPECT_EQ(await_events(3), events(1, 3));
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("heartbeat_missed").empty());
}

TEST_F(SlowDiskTest, failing_syncs_stop_the_stream_until_the_disk_is_back) {
  file_sink()["retry"] = audit_sink()["retry"] = {{"base_delay_ms", 10}, {"max_delay_ms", 20}};
  Session session = open_on_disk();
  send_all(session, events(1, 5));
  await_events(5);
  fail(EIO);
  session.socket.send(event(6));
  session.socket.expect_close();
  go_on();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 6);
  send_all(session, events(7, 9));
  EXPECT_EQ(await_events(9), events(1, 9));
  EXPECT_EQ(stop(session), 0);
  EXPECT_GE(records("sink_failed").size(), 1U);
  EXPECT_EQ(records("event_received").size(), 9U);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

}  // namespace
}  // namespace gcstreamd::testing
