#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

constexpr long kDay = 86400;

/// The daemon's wall clock can be set; monotonic time goes on as it does.
class ClockTest : public StreamTest {
 protected:
  Session open_with_clock() {
    set_clock(0);
    run({{"LD_PRELOAD", GCSTREAMD_CLOCK_SHIM},
         {"GCSTREAMD_CLOCK_FILE", (dir_ / "clock").string()},
         {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
    return peer_.open_stream();
  }
  void set_clock(long seconds) const { dir_.write("clock", std::to_string(seconds)); }
};

TEST_F(ClockTest, jumps_of_the_wall_clock_change_timestamps_and_nothing_else) {
  stream()["liveness"]["idle_timeout_s"] = 5;
  Session session = open_with_clock();
  session.socket.send(event(1));
  const std::string before = await("event_received", 1).back().at("ts");
  set_clock(400 * kDay);
  session.socket.send(event(2));
  const std::string later = await("event_received", 2).back().at("ts");
  set_clock(-400 * kDay);
  session.socket.send(event(3));
  const std::string earlier = await("event_received", 3).back().at("ts");
  EXPECT_LT(earlier, before);
  EXPECT_LT(before, later);
  session.socket.expect_ping();
  session.socket.pong("");
  session.socket.send(event(4));
  EXPECT_EQ(await_events(4), events(1, 4));
  EXPECT_EQ(stop(session), 0);
  for (const auto* unexpected :
       {"token_refreshed", "heartbeat_missed", "connection_error", "scheduling_reconnect",
        "sequence_reset", "duplicate_suppressed"}) {
    EXPECT_TRUE(records(unexpected).empty()) << unexpected;
  }
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(ClockTest, a_retry_after_date_is_read_by_the_server_s_own_clock) {
  set_clock(0);
  run({{"LD_PRELOAD", GCSTREAMD_CLOCK_SHIM},
       {"GCSTREAMD_CLOCK_FILE", (dir_ / "clock").string()},
       {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  set_clock(-kDay);
  peer_.serve_token();
  peer_.expect_http().reply(503, "",
                            {{"Date", "Mon, 23 Nov 2026 10:00:00 GMT"},
                             {"Retry-After", "Mon, 23 Nov 2026 10:00:01 GMT"}});
  const Session session = peer_.reopen_stream();
  const auto delay = first("scheduling_reconnect").at("delayMs").get<int>();
  EXPECT_GE(delay, 1000);
  EXPECT_LE(delay, 2000);
}

}  // namespace
}  // namespace gcstreamd::testing
