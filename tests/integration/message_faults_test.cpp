#include "integration/stream_test.hpp"
#include "support/case_name.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// Bytes of the server that end the connection, and the daemon's close code for them.
struct BadBytes {
  std::string name;
  std::string bytes;
  std::uint16_t code;
  std::string error;
  std::string hint;
};

void PrintTo(const BadBytes& one, std::ostream* out) {
  *out << one.name;
}

BadBytes broken(std::string name, std::string bytes, std::string error) {
  return {std::move(name), std::move(bytes), 1002, std::move(error), "protocol"};
}

class MessageFaultTest : public StreamTest, public ::testing::WithParamInterface<BadBytes> {
 protected:
  Session send_bad_bytes() {
    stream()["limits"]["max_frame_bytes"] = 4096;
    Session session = open();
    session.socket.send(event(1));
    await_events(1);
    session.socket.send_raw_bytes(GetParam().bytes);
    return session;
  }

  void expect_told_and_resumed() {
    Session session = peer_.reopen_stream();
    EXPECT_EQ(session.subscription.at("sequenceNumber"), 1);
    const json error = first("connection_error");
    EXPECT_EQ(error.at("stage"), "stream");
    EXPECT_NE(error.at("error").get<std::string>().find(GetParam().error), std::string::npos)
        << error;
    EXPECT_NE(error.at("hint").get<std::string>().find(GetParam().hint), std::string::npos)
        << error;
    const json closed = first("connection_closed");
    EXPECT_EQ(closed.at("code"), GetParam().code);
    EXPECT_EQ(closed.at("initiator"), "client");
    EXPECT_EQ(first("scheduling_reconnect").at("cause"),
              "close_" + std::to_string(GetParam().code));
    session.socket.send(event(2));
    EXPECT_EQ(await_events(2), events(1, 2));
  }
};

TEST_P(MessageFaultTest, closes_with_its_code_and_the_stream_resumes) {
  Session session = send_bad_bytes();
  EXPECT_EQ(session.socket.expect_close().code, GetParam().code);
  expect_told_and_resumed();
}

TEST_P(MessageFaultTest, is_told_the_same_where_the_server_cuts_the_connection) {
  Session session = send_bad_bytes();
  EXPECT_EQ(session.socket.expect_close_unanswered().code, GetParam().code);
  session.socket.drop();
  expect_told_and_resumed();
}

class EndlessServerTest : public MessageFaultTest {};

TEST_P(EndlessServerTest, does_not_hold_the_stream) {
  Session session = send_bad_bytes();
  EXPECT_EQ(session.socket.expect_close_unanswered().code, GetParam().code);
  expect_told_and_resumed();
}

INSTANTIATE_TEST_SUITE_P(
    Frames, EndlessServerTest,
    ::testing::Values(BadBytes{"bad_utf8", "\x81\x04{\"\xFF\"", 1007, "utf8", "UTF-8"},
                      broken("reserved_bits", std::string("\xF1\x00", 2), "reserved bits")),
    case_name<BadBytes>);

const std::string kMask("\x01\x02\x03\x04");

INSTANTIATE_TEST_SUITE_P(
    Frames, MessageFaultTest,
    ::testing::Values(
        BadBytes{"too_large", std::string("\x81\x7E\x10\x01", 4) + std::string(4097, ' '), 1009,
                 "exceeded", "limits.max_frame_bytes"},
        BadBytes{"announced_as_huge", std::string("\x82\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10),
                 1009, "exceeded", "limits.max_frame_bytes"},
        BadBytes{"too_large_in_fragments",
                 std::string("\x01\x7E\x0F\xFF", 4) + std::string(4095, ' ') + "\x80\x02  ", 1009,
                 "exceeded", "limits.max_frame_bytes"},
        BadBytes{"bad_utf8", "\x81\x04{\"\xFF\"", 1007, "utf8", "UTF-8"},
        BadBytes{"utf8_cut_at_the_end", "\x81\x02 \xC3", 1007, "utf8", "UTF-8"},
        broken("reserved_bits", std::string("\xF1\x00", 2), "reserved bits"),
        broken("unknown_data_opcode", std::string("\x83\x00", 2), "opcode"),
        broken("unknown_control_opcode", std::string("\x8B\x00", 2), "opcode"),
        broken("fragmented_control_frame", std::string("\x09\x00", 2), "fragmented"),
        broken("oversized_control_frame",
               std::string("\x89\x7E\x00\x7E", 4) + std::string(126, 'x'), "control frame size"),
        broken("masked_frame", std::string("\x81\x82", 2) + kMask + "{}", "masked"),
        broken("continuation_of_nothing", std::string("\x80\x00", 2), "continuation"),
        broken("text_within_fragments", std::string("\x01\x01 \x81\x01 ", 6), "data frame"),
        broken("length_that_is_not_the_shortest", std::string("\x81\x7E\x00\x02{}", 6),
               "canonical")),
    case_name<BadBytes>);

}  // namespace
}  // namespace gcstreamd::testing
