#include <gmock/gmock.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>

#include "integration/stream_test.hpp"
#include "support/notify_listener.hpp"

namespace gcstreamd::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SystemdTest : public StreamTest {
 protected:
  std::string address() const { return (dir_ / "notify").string(); }

  Session connect(Variables more = {}) {
    more["NOTIFY_SOCKET"] = address();
    run(std::move(more));
    return peer_.open_stream();
  }

  NotifyListener manager_{address()};
};

std::uint64_t number_after(const std::string& text, std::string_view key) {
  const auto at = text.find(key);
  std::uint64_t number = 0;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + key.size(), text.data() + text.size(), number);
  return number;
}

std::uint64_t monotonic_usec() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

TEST_F(SystemdTest, ready_comes_with_a_status_and_before_any_event) {
  run({{"NOTIFY_SOCKET", address()}});
  const std::string ready = manager_.await("READY=1");
  EXPECT_THAT(ready, HasSubstr("\nSTATUS=main: "));
  EXPECT_THAT(ready, HasSubstr(", 0 lost\n"));
}

TEST_F(SystemdTest, the_status_says_what_a_stream_receives) {
  Session session = connect();
  send_all(session, events(1, 12));
  await_events(12);
  const std::string status = manager_.await("STATUS=main: receiving");
  EXPECT_THAT(status, HasSubstr("/s, last 12, 0 lost\n"));
}

TEST_F(SystemdTest, a_reload_that_is_done_begins_and_ends) {
  Session session = connect();
  manager_.await("READY=1");
  const std::uint64_t before = monotonic_usec();
  config_["log"]["level"] = "warn";
  reload();
  const std::string reloading = manager_.await("RELOADING=1");
  const std::uint64_t told = number_after(reloading, "\nMONOTONIC_USEC=");
  EXPECT_GE(told, before);
  EXPECT_LE(told, monotonic_usec());
  manager_.await("READY=1");
  EXPECT_EQ(await("config_reloaded").size(), 1U);
}

TEST_F(SystemdTest, a_reload_that_is_refused_ends_too) {
  Session session = connect();
  manager_.await("READY=1");
  config_["log"]["level"] = "loud";
  reload();
  manager_.await("RELOADING=1");
  manager_.await("READY=1");
  EXPECT_EQ(await("config_rejected").size(), 1U);
}

TEST_F(SystemdTest, a_stop_is_told_once_and_ends_in_order) {
  Session session = connect();
  manager_.await("READY=1");
  EXPECT_EQ(stop(session), 0);
  EXPECT_THAT(manager_.await("STOPPING=1"), HasSubstr("STATUS=stopping\n"));
  for (const std::string& more : manager_.rest())
    EXPECT_THAT(more, Not(HasSubstr("STOPPING")));
}

TEST_F(SystemdTest, the_watchdog_gets_signs_of_life_again_and_again) {
  Session session = connect({{"WATCHDOG_USEC", "100000"}});
  manager_.await("WATCHDOG=1");
  manager_.await("WATCHDOG=1");
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SystemdTest, what_a_busy_manager_did_not_take_is_told_later) {
  Session session = connect({{"WATCHDOG_USEC", "2000"}});
  manager_.await("READY=1");
  manager_.clog();
  reload();
  await("config_reloaded");
  manager_.await("READY=1");
}

TEST_F(SystemdTest, a_watchdog_of_another_process_is_left_alone) {
  Session session =
      connect({{"WATCHDOG_USEC", "1000"}, {"WATCHDOG_PID", std::to_string(::getpid())}});
  send_all(session, events(1, 1));
  manager_.await("STATUS=main: receiving");  // seconds later
  for (const std::string& more : manager_.rest())
    EXPECT_THAT(more, Not(HasSubstr("WATCHDOG")));
  daemon_->signal(SIGTERM);
  session.socket.expect_close();
  manager_.await("STOPPING=1");
}

TEST_F(SystemdTest, an_abstract_socket_is_told_as_well) {
  const std::string abstract = "@gcstreamd-test-" + std::to_string(::getpid());
  NotifyListener manager(abstract);
  run({{"NOTIFY_SOCKET", abstract}});
  manager.await("READY=1");
}

TEST_F(SystemdTest, a_socket_that_nobody_reads_stops_nothing) {
  run({{"NOTIFY_SOCKET", (dir_ / "nobody").string()}, {"WATCHDOG_USEC", "1000"}});
  Session session = peer_.open_stream();
  send_all(session, events(1, 3));
  await_events(3);
  EXPECT_EQ(stop(session), 0);
}

TEST_F(SystemdTest, a_start_that_fails_is_never_ready) {
  file_sink()["path"] = (dir_ / "missing" / "events.ndjson").string();
  run({{"NOTIFY_SOCKET", address()}});
  EXPECT_EQ(daemon_->wait_exit(), 74);
  EXPECT_THAT(manager_.rest(), IsEmpty());
}

}  // namespace
}  // namespace gcstreamd::testing
