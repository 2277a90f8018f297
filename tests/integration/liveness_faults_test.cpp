#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// What a server does whose link is dead.
struct DeadLink {
  std::string name;
  std::function<void(WebSocket&)> play;  ///< until the daemon ends the connection
};

void PrintTo(const DeadLink& one, std::ostream* out) {
  *out << one.name;
}

class LivenessFaultTest : public StreamTest, public ::testing::WithParamInterface<DeadLink> {};

TEST_P(LivenessFaultTest, is_pinged_then_missed_then_reconnected) {
  stream()["liveness"]["idle_timeout_s"] = 1;
  Session session = open();
  session.socket.send(event(1));
  await_events(1);
  GetParam().play(session.socket);
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 1);
  EXPECT_GE(first("heartbeat_missed").at("silentS").get<double>(), 1.0);
  const json error = first("connection_error");
  EXPECT_EQ(error.at("stage"), "stream");
  EXPECT_TRUE(error.at("error").get<std::string>().starts_with("no frame for 1."));
  EXPECT_NE(error.at("hint").get<std::string>().find("silent"), std::string::npos);
  const json closed = first("connection_closed");
  EXPECT_EQ(closed.at("code"), 1006);
  EXPECT_EQ(closed.at("initiator"), "client");
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), "stream_timeout");
}

void announce_and_drip(WebSocket& socket, std::string_view header) {
  socket.send_raw_bytes(header);
  socket.drip(" ");
}

INSTANTIATE_TEST_SUITE_P(
    Links, LivenessFaultTest,
    ::testing::Values(DeadLink{"silence",
                               [](WebSocket& socket) {
                                 socket.expect_ping();
                                 socket.expect_end();
                               }},
                      DeadLink{"slow_bytes_of_one_frame",
                               [](WebSocket& socket) {
                                 announce_and_drip(socket, std::string("\x81\x7E\x40\x00", 4));
                               }},
                      DeadLink{"half_of_a_frames_header",
                               [](WebSocket& socket) {
                                 socket.send_raw_bytes("\x81");
                                 socket.expect_end();
                               }},
                      DeadLink{"slow_bytes_of_a_ping",
                               [](WebSocket& socket) { announce_and_drip(socket, "\x89\x7D"); }}),
    case_name<DeadLink>);

}  // namespace
}  // namespace gcstreamd::testing
