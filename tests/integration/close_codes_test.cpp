#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

struct CloseCode {
  std::uint16_t code;
  std::string hint;  ///< a part of it; "": none
};

void PrintTo(const CloseCode& one, std::ostream* out) {
  *out << one.code;
}

std::string code_name(const ::testing::TestParamInfo<CloseCode>& info) {
  return std::to_string(info.param.code);
}

/// Some close codes want a new token first.
Session come_back(Peer& peer) {
  HttpRequest request = peer.expect_http();
  if (request.method == "POST") {
    request.reply(200, R"({"access_token":"fresh","expires_in":3600})");
    return peer.reopen_stream();
  }
  WebSocket socket = request.accept_websocket();
  json subscription = socket.read_json();
  return {std::move(socket), std::move(subscription)};
}

class CloseCodeTest : public StreamTest, public ::testing::WithParamInterface<CloseCode> {};

TEST_P(CloseCodeTest, of_the_server_is_recorded_and_the_stream_comes_back) {
  const auto& [code, hint] = GetParam();
  Session session = open();
  session.socket.send(event(1));
  await_events(1);
  session.socket.close(code, "scripted reason");
  session = come_back(peer_);
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 1);
  json closed = fields_of(first("connection_closed"));
  EXPECT_NE(closed.value("hint", "").find(hint), std::string::npos) << closed;
  EXPECT_EQ(closed.contains("hint"), !hint.empty()) << closed;
  closed.erase("hint");
  EXPECT_EQ(closed, (json{{"code", code}, {"reason", "scripted reason"}, {"initiator", "server"}}));
  EXPECT_EQ(records("scheduling_reconnect").size(), 1U);
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), "close_" + std::to_string(code));
}

INSTANTIATE_TEST_SUITE_P(
    Codes, CloseCodeTest,
    ::testing::Values(CloseCode{1000, ""}, CloseCode{1001, "nothing to do here"},
                      CloseCode{1002, "protocol"}, CloseCode{1003, "event_types"},
                      CloseCode{1007, "UTF-8"}, CloseCode{1008, "event_types"},
                      CloseCode{1009, "limits.max_frame_bytes"},
                      CloseCode{1010, "endpoints.stream_url"}, CloseCode{1011, "status page"},
                      CloseCode{1012, "restarts"}, CloseCode{1013, "reconnect.base_delay_ms"},
                      CloseCode{3000, ""}, CloseCode{3999, ""}, CloseCode{4000, ""},
                      CloseCode{4401, "a new one is fetched"},
                      CloseCode{4403, "analytics:events:read"},
                      CloseCode{4429, "reconnect.base_delay_ms"}, CloseCode{4999, ""}),
    code_name);

/// A close frame that nobody may send.
struct BadClose {
  std::string name;
  std::string frame;
  std::string error;
};

void PrintTo(const BadClose& one, std::ostream* out) {
  *out << one.name;
}

BadClose bad_code(int code) {
  const std::string frame{'\x88', '\x02', static_cast<char>(code >> 8),
                          static_cast<char>(code & 0xFF)};
  return {"code_" + std::to_string(code), frame, "close frame reason code was invalid"};
}

class BadCloseTest : public StreamTest, public ::testing::WithParamInterface<BadClose> {};

TEST_P(BadCloseTest, is_answered_with_1002_and_the_stream_comes_back) {
  Session session = open();
  session.socket.send_raw_bytes(GetParam().frame);
  EXPECT_EQ(session.socket.expect_close().code, 1002);
  session = peer_.reopen_stream();
  const json closed = first("connection_closed");
  EXPECT_EQ(closed.at("code"), 1002);
  EXPECT_EQ(closed.at("initiator"), "client");
  EXPECT_NE(closed.at("reason").get<std::string>().find(GetParam().error), std::string::npos)
      << closed;
  EXPECT_NE(first("connection_error").at("hint").get<std::string>().find("protocol"),
            std::string::npos);
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), "close_1002");
}

INSTANTIATE_TEST_SUITE_P(
    Frames, BadCloseTest,
    ::testing::Values(bad_code(0), bad_code(999), bad_code(1004), bad_code(1005), bad_code(1006),
                      bad_code(1014), bad_code(1015), bad_code(1016), bad_code(2999),
                      BadClose{"one_byte", "\x88\x01\x03", "close frame payload size"},
                      BadClose{"reason_that_is_not_utf8", "\x88\x04\x03\xE8\xFF\xFE", "utf8"}),
    case_name<BadClose>);

using CloseTest = StreamTest;

TEST_F(CloseTest, an_empty_close_frame_is_1005) {
  Session session = open();
  session.socket.send_raw_bytes(std::string("\x88\x00", 2));
  session.socket.expect_close();
  session = peer_.reopen_stream();
  EXPECT_EQ(fields_of(first("connection_closed")),
            (json{{"code", 1005}, {"reason", ""}, {"initiator", "server"}}));
}

/// A connection that ends without a close frame.
struct LostConnection {
  std::string name;
  std::function<void(WebSocket&)> end;
  std::string error;
};

void PrintTo(const LostConnection& one, std::ostream* out) {
  *out << one.name;
}

class LostConnectionTest : public StreamTest,
                           public ::testing::WithParamInterface<LostConnection> {};

TEST_P(LostConnectionTest, is_1006_with_words_of_its_own) {
  Session session = open();
  GetParam().end(session.socket);
  session = peer_.reopen_stream();
  const json error = first("connection_error");
  EXPECT_EQ(error.at("stage"), "stream");
  EXPECT_EQ(error.at("error"), GetParam().error);
  EXPECT_NE(error.at("hint").get<std::string>().find("idle timeouts"), std::string::npos);
  EXPECT_EQ(fields_of(first("connection_closed")),
            (json{{"code", 1006}, {"reason", GetParam().error}, {"initiator", "server"}}));
}

INSTANTIATE_TEST_SUITE_P(
    Ends, LostConnectionTest,
    ::testing::Values(
        LostConnection{"close_notify", &WebSocket::hang_up,
                       "the connection ended without a close frame"},
        LostConnection{
            "cut_off", &WebSocket::drop,
            "the connection was cut off: neither a close frame nor TLS's close_notify came"},
        LostConnection{"reset", &WebSocket::reset, "Connection reset by peer (ECONNRESET)"}),
    case_name<LostConnection>);

}  // namespace
}  // namespace gcstreamd::testing
