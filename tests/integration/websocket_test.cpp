#include <csignal>
#include <regex>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using WebSocketTest = StreamTest;

TEST_F(WebSocketTest, the_upgrade_is_that_of_the_rfc) {
  const Session session = open();
  const HttpRequest& request = session.socket.request();
  EXPECT_EQ(request.header("host"), "localhost:" + std::to_string(peer_.port()));
  EXPECT_EQ(request.header("sec-websocket-version"), "13");
  EXPECT_EQ(request.header("sec-websocket-key").size(), 24U);
}

TEST_F(WebSocketTest, the_subscription_at_the_tip_has_no_sequence_number) {
  json subscription = open().subscription;
  const std::regex uuid_v4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::string id = subscription.at("id");
  EXPECT_TRUE(std::regex_match(id, uuid_v4)) << id;
  subscription.erase("id");
  EXPECT_EQ(
      subscription,
      (json{{"type", "interaction"},
            {"filter", {{"eventTypes", {"interaction:conversation", "routing:queue:member"}}}},
            {"bufferSize", 100}}));
}

TEST_F(WebSocketTest, the_subscription_is_audited_as_sent) {
  const json subscription = open().subscription;
  EXPECT_EQ(first("connection_open").at("host"), "localhost");
  const json record = first("subscription_sent");
  EXPECT_EQ(record.at("id"), subscription.at("id"));
  EXPECT_EQ(record.at("eventTypes"), subscription.at("filter").at("eventTypes"));
  EXPECT_EQ(record.at("bufferSize"), 100);
}

TEST_F(WebSocketTest, the_buffer_size_is_clamped) {
  stream()["buffer_size"] = 5000;
  EXPECT_EQ(open().subscription.at("bufferSize"), 500);
}

TEST_F(WebSocketTest, the_buffer_size_is_at_least_one) {
  stream()["buffer_size"] = 0;
  EXPECT_EQ(open().subscription.at("bufferSize"), 1);
}

TEST_F(WebSocketTest, a_stream_starts_after_the_configured_number) {
  stream()["start_at"] = 41;
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 41);
  session.socket.send(event(42));
  EXPECT_EQ(await_events(1), events(42, 42));
}

TEST_F(WebSocketTest, a_reconnect_resumes_with_another_id) {
  Session session = open();
  const json first_id = session.subscription.at("id");
  send_all(session, events(1, 3));
  await_events(3);
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  EXPECT_NE(session.subscription.at("id"), first_id);
}

TEST_F(WebSocketTest, text_binary_and_fragmented_messages_are_events) {
  Session session = open();
  session.socket.send(event(1));
  session.socket.send_binary(event(2));
  const std::string third = event(3);
  session.socket.send_fragmented({third.substr(0, 1), "", third.substr(1, 250), third.substr(251)});
  session.socket.send(event(4, 200000));
  EXPECT_EQ(await_events(4), (Lines{event(1), event(2), event(3), event(4, 200000)}));
}

TEST_F(WebSocketTest, a_ping_between_fragments_is_answered) {
  Session session = open();
  session.socket.ping("plain");
  EXPECT_EQ(session.socket.expect_pong(), "plain");
  const std::string text = event(1);
  session.socket.send_raw_bytes(std::string("\x01\x0A", 2) + text.substr(0, 10));
  session.socket.ping("within");
  EXPECT_EQ(session.socket.expect_pong(), "within");
  session.socket.send_raw_bytes(std::string("\x80\x7E", 2) +
                                static_cast<char>((text.size() - 10) >> 8) +
                                static_cast<char>((text.size() - 10) & 0xFF) + text.substr(10));
  EXPECT_EQ(await_events(1), events(1, 1));
}

TEST_F(WebSocketTest, bad_utf8_in_a_text_message_closes_with_1007) {
  Session session = open();
  session.socket.send("{\"eventType\":\"x\",\"a\":\"\xFF\"}");
  EXPECT_EQ(session.socket.expect_close().code, 1007);
  session = peer_.reopen_stream();
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
}

TEST_F(WebSocketTest, a_message_over_the_limit_closes_with_1009) {
  stream()["limits"]["max_frame_bytes"] = 4096;
  Session session = open();
  session.socket.send(event(1, 4096));
  await_events(1);
  session.socket.send(event(2, 4097));
  EXPECT_EQ(session.socket.expect_close().code, 1009);
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 1);
}

TEST_F(WebSocketTest, a_frame_that_breaks_the_protocol_ends_the_connection) {
  Session session = open();
  session.socket.send_raw_bytes(std::string("\xF1\x00", 2));
  session.socket.expect_end();
  session = peer_.reopen_stream();
}

TEST_F(WebSocketTest, silence_is_pinged_then_missed_then_reconnected) {
  stream()["liveness"]["idle_timeout_s"] = 1;
  Session session = open();
  session.socket.expect_ping();
  session.socket.expect_end();
  const json record = first("heartbeat_missed");
  EXPECT_GE(record.at("silentS").get<double>(), 1.0);
  session = peer_.reopen_stream();
}

TEST_F(WebSocketTest, a_link_that_answers_pings_is_not_silent) {
  stream()["liveness"]["idle_timeout_s"] = 3;
  Session session = open();
  for (int i = 0; i < 3; ++i) {
    session.socket.pong(session.socket.expect_ping());
  }
  session.socket.send(event(1));
  await_events(1);
  EXPECT_TRUE(records("heartbeat_missed").empty());
}

TEST_F(WebSocketTest, an_upgrade_answered_with_the_wrong_key_is_refused) {
  run();
  peer_.serve_token();
  const HttpRequest request = peer_.expect_http();
  request.reply(101, "", {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", "d3Jvbmc="}});
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(first("connection_error").at("stage"), "upgrade");
}

}  // namespace
}  // namespace gcstreamd::testing
