#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ReconnectTest = StreamTest;

std::vector<json> values_of(const std::vector<json>& records, const std::string& key) {
  std::vector<json> values;
  for (const json& record : records) {
    values.push_back(record.at(key));
  }
  return values;
}

TEST_F(ReconnectTest, connections_that_only_open_and_close_use_up_the_attempts) {
  stream()["reconnect"]["max_attempts"] = 3;
  Session session = open();
  session.socket.close(1011, "not now");
  for (int i = 0; i < 3; ++i) {
    peer_.reopen_stream().socket.close(1011, "not now");
  }
  EXPECT_EQ(daemon_->wait_exit(), 69);
  EXPECT_EQ(values_of(records("scheduling_reconnect"), "attempt"), (std::vector<json>{1, 2, 3}));
  EXPECT_EQ(fields_of(first("max_reconnect_attempts_reached")), (json{{"attempts", 3}}));
}

TEST_F(ReconnectTest, heartbeats_alone_do_not_start_the_count_again) {
  stream()["reconnect"]["max_attempts"] = 2;
  Session session = open();
  for (int i = 0; i < 2; ++i) {
    session.socket.send(R"({"type":"heartbeat"})");
    session.socket.drop();
    session = peer_.reopen_stream();
  }
  session.socket.drop();
  EXPECT_EQ(daemon_->wait_exit(), 69);
}

TEST_F(ReconnectTest, an_event_of_the_connection_before_counts_for_that_one_alone) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  session.socket.drop();
  for (int i = 0; i < 2; ++i) {
    session = peer_.reopen_stream();
    session.socket.send(R"({"type":"heartbeat"})");
    session.socket.drop();
  }
  EXPECT_EQ(values_of(await("scheduling_reconnect", 3), "attempt"), (std::vector<json>{1, 2, 3}));
}

TEST_F(ReconnectTest, a_new_event_starts_the_count_again) {
  stream()["reconnect"]["max_attempts"] = 2;
  Session session = open();
  for (std::uint64_t number = 1; number <= 4; ++number) {
    session.socket.send(event(number));
    await_events(number);
    session.socket.drop();
    session = peer_.reopen_stream();
  }
  EXPECT_EQ(values_of(records("scheduling_reconnect"), "attempt"), (std::vector<json>{1, 1, 1, 1}));
}

TEST_F(ReconnectTest, without_jitter_the_delays_double_up_to_the_longest) {
  stream()["reconnect"] = {
      {"base_delay_ms", 10}, {"max_delay_ms", 50}, {"max_attempts", 5}, {"jitter", "none"}};
  Session session = open();
  for (int i = 0; i < 5; ++i) {
    session.socket.drop();
    session = peer_.reopen_stream();
  }
  EXPECT_EQ(values_of(records("scheduling_reconnect"), "delayMs"),
            (std::vector<json>{10, 20, 40, 50, 50}));
}

TEST_F(ReconnectTest, sigterm_ends_a_long_backoff_at_once) {
  stream()["reconnect"] = {{"base_delay_ms", 60000}, {"max_delay_ms", 60000}};
  Session session = open();
  session.socket.drop();
  const json reconnect = first("scheduling_reconnect");
  EXPECT_GE(reconnect.at("delayMs"), 30000);
  EXPECT_LE(reconnect.at("delayMs"), 60000);
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

TEST_F(ReconnectTest, sigterm_ends_a_wait_for_a_token) {
  stream()["reconnect"] = {{"base_delay_ms", 60000}, {"max_delay_ms", 60000}};
  run();
  peer_.expect_http().reply(503, "");
  await("oauth_error");
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

TEST_F(ReconnectTest, sigterm_ends_a_pending_upgrade) {
  run();
  peer_.serve_token();
  const HttpRequest pending = peer_.expect_http();
  daemon_->signal(SIGTERM);
  EXPECT_EQ(daemon_->wait_exit(), 0);
}

TEST_F(ReconnectTest, a_close_frame_and_the_end_together_are_one_reconnect) {
  Session session = open();
  session.socket.send_raw_bytes(std::string("\x88\x02\x03\xE9", 4));
  session.socket.drop();
  session = peer_.reopen_stream();
  session.socket.send(event(1));
  await_events(1);
  EXPECT_EQ(records("scheduling_reconnect").size(), 1U);
}

TEST_F(ReconnectTest, a_401_on_the_upgrade_fetches_a_new_token) {
  run();
  peer_.serve_token("stale");
  peer_.expect_http().reply(401, R"({"code":"authentication.required"})");
  const Session session = peer_.open_stream("fresh");
  EXPECT_EQ(session.socket.request().query().at("access_token"), "fresh");
  const auto reconnects = records("scheduling_reconnect");
  ASSERT_EQ(reconnects.size(), 1U);
  EXPECT_EQ(reconnects[0].at("attempt"), 1);
  const json error = first("connection_error");
  EXPECT_EQ(error.at("stage"), "upgrade");
  EXPECT_NE(error.at("hint").get<std::string>().find("scope"), std::string::npos);
}

TEST_F(ReconnectTest, a_403_hints_at_the_permission) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(403, "");
  const Session session = peer_.reopen_stream();
  const std::string hint = first("connection_error").at("hint");
  EXPECT_NE(hint.find("analytics:events:read"), std::string::npos) << hint;
}

TEST_F(ReconnectTest, a_429_hints_at_the_delay_and_a_longer_retry_after_wins) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(429, "", {{"Retry-After", "1"}});
  const Session session = peer_.reopen_stream();
  const std::string hint = first("connection_error").at("hint");
  EXPECT_NE(hint.find("reconnect.base_delay_ms"), std::string::npos) << hint;
  EXPECT_GE(first("scheduling_reconnect").at("delayMs"), 1000);
}

TEST_F(ReconnectTest, a_refused_connection_is_told_by_its_stage) {
  std::uint16_t closed_port = 0;
  {
    const Peer gone;
    closed_port = gone.port();
  }
  stream()["endpoints"]["stream_url"] = "wss://127.0.0.1:" + std::to_string(closed_port) + "/";
  stream()["reconnect"]["max_attempts"] = 2;
  run();
  peer_.serve_token();
  EXPECT_EQ(daemon_->wait_exit(), 69);
  const auto errors = records("connection_error");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0].at("stage"), "connect");
}

TEST_F(ReconnectTest, an_upgrade_that_is_never_answered_times_out) {
  stream()["connect_timeout_s"] = 1;
  run();
  peer_.serve_token();
  const HttpRequest pending = peer_.expect_http();
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(first("connection_error").at("stage"), "upgrade");
}

TEST_F(ReconnectTest, a_token_request_that_is_never_answered_times_out) {
  stream()["connect_timeout_s"] = 1;
  run();
  const HttpRequest pending = peer_.expect_http();
  EXPECT_EQ(peer_.open_stream().subscription.at("type"), "interaction");
}

}  // namespace
}  // namespace gcstreamd::testing
