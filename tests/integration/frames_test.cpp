#include "support/frames.hpp"
#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using FramesTest = StreamTest;

std::string text(const std::string& payload) {
  return encode({true, Opcode::text, payload});
}

std::string close(std::uint16_t code) {
  return encode({true, Opcode::close, close_payload(code, "")});
}

/// Every kind of frame that a server may send, and the events 1 to 4 in them.
std::string all_kinds() {
  const std::string second = event(2);
  return text(event(1)) + encode({true, Opcode::ping, "a"}) +
         encode({false, Opcode::text, second.substr(0, 99)}) + encode({true, Opcode::ping, ""}) +
         encode({false, Opcode::continuation, ""}) +
         encode({true, Opcode::continuation, second.substr(99)}) +
         encode({true, Opcode::binary, event(3)}) + encode({true, Opcode::pong, "b"}) +
         text(R"({"type":"heartbeat"})") + text(event(4));
}

class CutFramesTest : public FramesTest, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(CutFramesTest, are_the_same_events) {
  Session session = open();
  const std::string bytes = all_kinds() + close(1001);
  for (std::size_t at = 0; at < bytes.size(); at += GetParam()) {
    session.socket.send_raw_bytes(std::string_view(bytes).substr(at, GetParam()));
  }
  EXPECT_EQ(await_events(4), events(1, 4));
  EXPECT_EQ(first("connection_closed").at("code"), 1001);
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 4);
}

INSTANTIATE_TEST_SUITE_P(Bytes, CutFramesTest, ::testing::Values(1, 2, 3, 5, 700, 100000));

TEST_F(FramesTest, many_in_one_read_are_all_delivered) {
  Session session = open();
  std::string bytes;
  for (const std::string& one : events(1, 300)) {
    bytes += text(one);
  }
  session.socket.send_raw_bytes(bytes + encode({true, Opcode::ping, "last"}));
  EXPECT_EQ(session.socket.expect_pong(), "last");
  EXPECT_EQ(await_events(300), events(1, 300));
}

TEST_F(FramesTest, right_behind_the_answer_to_the_upgrade_are_read) {
  run();
  peer_.serve_token();
  const HttpRequest request = peer_.expect_http();
  request.send_raw_bytes(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(request.header("sec-websocket-key")) + "\r\n\r\n" + close(4321));
  EXPECT_EQ(first("connection_closed").at("code"), 4321);
}

TEST_F(FramesTest, of_bad_text_do_not_take_those_before_along) {
  Session session = open();
  session.socket.send_raw_bytes(text(event(1)) + text("{\"eventType\":\"x\",\"a\":\"\xFF\"}"));
  EXPECT_EQ(session.socket.expect_close().code, 1007);
  EXPECT_EQ(await_events(1), events(1, 1));
}

TEST_F(FramesTest, over_the_limit_do_not_take_those_before_along) {
  stream()["limits"]["max_frame_bytes"] = 4096;
  Session session = open();
  session.socket.send_raw_bytes(text(event(1, 4096)) + text(event(2, 4097)));
  EXPECT_EQ(session.socket.expect_close().code, 1009);
  EXPECT_EQ(await_events(1), Lines{event(1, 4096)});
}

/// What breaks the protocol, while the rest of the connection breaks, too.
using Wreck = std::pair<std::string, std::string>;

class WreckedFrameTest : public FramesTest, public ::testing::WithParamInterface<Wreck> {};

TEST_P(WreckedFrameTest, is_told_as_what_it_is) {
  const auto& [frame, not_tls] = GetParam();
  Session session = open();
  session.socket.send_and_break_off(text(event(1)) + frame, not_tls);
  session.socket.expect_end();
  const auto record = first("connection_closed");
  EXPECT_EQ(record.at("code"), frame[1] == '\x7F' ? 1009 : 1007);
  EXPECT_EQ(record.at("initiator"), "client");
  EXPECT_EQ(await_events(1), events(1, 1));
}

const std::string kTooLarge("\x81\x7F\0\0\0\0\x7F\0\0\0{", 11);
const std::string kNotText = text("{\"a\":\"\xFF\"}");
const std::string kPartOfARecord("\x17\x03\x03\x02\x00........", 13);
const std::string kRecordOfNobody("\x17\x03\x03\x00\x20................................", 37);

INSTANTIATE_TEST_SUITE_P(Poison, WreckedFrameTest,
                         ::testing::Values(Wreck(kTooLarge, kPartOfARecord),
                                           Wreck(kTooLarge, kRecordOfNobody),
                                           Wreck(kNotText, kPartOfARecord),
                                           Wreck(kNotText, kRecordOfNobody),
                                           Wreck(kNotText.substr(0, 10), kPartOfARecord)));

/// What must not reach Beast's read while our own close frame is on its way.
class BehindAGapTest : public FramesTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(BehindAGapTest, a_breach_does_not_hold_up_the_close) {
  Session session = open();
  session.socket.send_raw_bytes(text(event(1)) + text(event(9)) + GetParam());
  session.socket.expect_tls_end();
  Session next = peer_.reopen_stream();
  EXPECT_EQ(next.subscription.at("sequenceNumber"), 1);
  send_all(next, events(2, 9));
  EXPECT_EQ(await_events(9), events(1, 9));
  EXPECT_EQ(stop(next), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BehindAGapTest,
                         ::testing::Values(kTooLarge, kNotText + close(1000),
                                           std::string("\x81\x7E\x00\x02{}", 6),
                                           std::string("\x88\x7E\x00\x7E", 4) +
                                               std::string(126, 'x'),
                                           std::string("\x8B\x00", 2)));

class BrokenFrameTest : public FramesTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(BrokenFrameTest, ends_the_connection_behind_the_event_before_it) {
  Session session = open();
  session.socket.send_raw_bytes(text(event(1)) + GetParam() + text(event(2)));
  session.socket.expect_end();
  EXPECT_EQ(first("connection_closed").at("code"), 1002);
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 1);
  EXPECT_EQ(await_events(1), events(1, 1));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc6455, BrokenFrameTest,
    ::testing::Values(std::string("\xC1\x02{}", 4), std::string("\x91\x02{}", 4),  // reserved bits
                      std::string("\x81\x82\0\0\0\0{}", 8),                        // masked
                      std::string("\x81\x7E\x00\x02{}", 6),  // a length in too many bytes
                      std::string("\x81\x7F\0\0\0\0\0\0\0\x02{}", 12), std::string("\x83\x00", 2),
                      std::string("\x8B\x00", 2),                                  // unknown kinds
                      std::string("\x89\x7E\x00\x7E", 4) + std::string(126, 'x'),  // a long ping
                      std::string("\x09\x00", 2),                                  // in parts
                      std::string("\x80\x02{}", 4),             // goes on with nothing
                      std::string("\x01\x01{\x81\x02{}", 7)));  // begins amid another

}  // namespace
}  // namespace gcstreamd::testing
