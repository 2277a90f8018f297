#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "simulator/server.hpp"
#include "simulator/test_client.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// A server that plays a script in a thread of its own.
class TestServer {
 public:
  explicit TestServer(std::string_view script, const std::vector<std::string>& faults = {},
                      std::chrono::milliseconds ping = {}, std::uint64_t most_behind = 0)
      : server_(context_, options(script, faults, ping, most_behind)),
        thread_([this] { context_.run(); }) {}
  ~TestServer() { stop(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  TestClient connect() const { return {server_.port(), authority_.certificate_pem()}; }
  std::string token() const {
    return json::parse(connect().ask_token().body).at("access_token").get<std::string>();
  }
  TestClient subscribe(const std::string& token, std::optional<std::uint64_t> after = {}) const {
    TestClient client = connect();
    EXPECT_EQ(client.ask_upgrade(token).status, 101U);
    client.subscribe(after);
    return client;
  }
  // Ends its thread; read what is left of it only after that.
  const Server& stop() {
    if (thread_.joinable()) {
      boost::asio::post(context_, [this] { server_.stop(); });
      thread_.join();
    }
    return server_;
  }
  const Server& join() {
    thread_.join();
    return server_;
  }

 private:
  Options options(std::string_view script, const std::vector<std::string>& faults,
                  std::chrono::milliseconds ping, std::uint64_t most_behind) const {
    Options options;
    options.identity = authority_.issue({});
    options.authority = authority_;
    options.credentials = {"me", "s3cret", std::chrono::seconds(60)};
    options.script = script_of(script);
    for (const std::string& fault : faults) {
      options.faults.push_back(standing_fault(fault));
    }
    options.rate = 1000;
    options.wait_for_client = true;
    options.ping = ping;
    options.most_behind = most_behind;
    return options;
  }

  CertificateAuthority authority_;
  boost::asio::io_context context_;
  Server server_;
  std::thread thread_;
};

// Answers the close, too, and leaves.
std::uint16_t close_code(TestClient& client) {
  while (const auto frame = client.frame()) {
    if (frame->head.opcode == Opcode::close && frame->payload.size() >= 2) {
      client.send_frame(Opcode::close, frame->payload);
      client.leave();
      return static_cast<std::uint16_t>(static_cast<unsigned char>(frame->payload[0]) << 8 |
                                        static_cast<unsigned char>(frame->payload[1]));
    }
  }
  return 0;
}

// False: the stream ended.
bool await_ping(TestClient& client) {
  while (const auto frame = client.frame()) {
    if (frame->head.opcode == Opcode::ping) {
      return true;
    }
  }
  return false;
}

TEST(ScriptedServer, pings_wait_for_the_answer_to_the_last) {
  TestServer server("", {}, std::chrono::milliseconds(1));
  TestClient client = server.subscribe(server.token());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(await_ping(client));
    client.send_frame(Opcode::pong, {});
  }
  ASSERT_TRUE(await_ping(client));
  const Counters& counters = server.stop().counters();
  EXPECT_EQ(counters.pings, 4U);
  EXPECT_EQ(counters.pongs, 3U);
}

// Of the hour, as an event's timestamp has it: 2026-11-23T18:44:55.123Z.
int milliseconds_of(const std::string& event) {
  const std::string time = json::parse(event).at("timestamp");
  return (std::stoi(time.substr(14, 2)) * 60 + std::stoi(time.substr(17, 2))) * 1000 +
         std::stoi(time.substr(20, 3));
}

TEST(ScriptedServer, nothing_is_created_while_a_client_is_far_behind) {
  const TestServer server("", {"stall 1"}, {}, 3);
  TestClient client = server.subscribe(server.token());
  int longest_pause = 0;
  int last = milliseconds_of(client.frame().value().payload);
  for (int i = 0; i < 100; ++i) {
    const int next = milliseconds_of(client.frame().value().payload);
    longest_pause = std::max(longest_pause, next - last);
    last = next;
  }
  EXPECT_GT(longest_pause, 500);
}

TEST(ScriptedServer, each_tls_fault_is_the_one_that_it_is_called) {
  const std::map<std::string, std::string> told{
      {"expired", "certificate has expired"},
      {"not-yet-valid", "certificate is not yet valid"},
      {"wrong-host", "hostname mismatch"},
      {"self-signed", "self-signed certificate"},
      {"unknown-ca", "unable to get local issuer certificate"},
      {"tls1.1", "tlsv1 alert protocol version"},
      {"no-cipher", "sslv3 alert handshake failure"},
      {"truncated", "unexpected eof while reading"}};
  for (const auto& [fault, error] : told) {
    const TestServer server("tls " + fault);
    EXPECT_EQ(server.connect().handshake_error(), error) << fault;
    EXPECT_EQ(server.connect().handshake_error(), "") << fault;
  }
}

TEST(ScriptedServer, a_client_certificate_is_demanded) {
  const TestServer server("tls client-certificate");
  EXPECT_EQ(server.connect().ask_token().status, 0U);
  EXPECT_EQ(server.connect().ask_token().status, 200U);
}

TEST(ScriptedServer, token_faults_come_in_their_order) {
  const TestServer server(
      "token status 429 retry-after 7\ntoken html\ntoken hangup\ntoken slow 0.1\ntoken huge "
      "1100000");
  const Answer limited = server.connect().ask_token();
  EXPECT_EQ(limited.status, 429U);
  EXPECT_THAT(limited.head, HasSubstr("Retry-After: 7\r\n"));
  EXPECT_THAT(server.connect().ask_token().head, HasSubstr("Content-Type: text/html"));
  EXPECT_EQ(server.connect().ask_token().status, 0U);
  EXPECT_EQ(server.connect().ask_token().status, 200U);
  EXPECT_EQ(server.connect().ask_token().body.size(), 1'100'000U);
  EXPECT_LT(server.connect().ask_token().body.size(), 1000U);
}

TEST(ScriptedServer, upgrade_faults_befall_upgrades_with_a_valid_token_only) {
  const TestServer server("refuse 503 retry-after 1\nupgrade hangup\nupgrade bad-accept");
  const std::string token = server.token();
  EXPECT_EQ(server.connect().ask_upgrade("unknown").status, 401U);
  const Answer refused = server.connect().ask_upgrade(token);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_THAT(refused.head, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(server.connect().ask_upgrade(token).status, 0U);
  EXPECT_THAT(server.connect().ask_upgrade(token).head,
              Not(HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
  EXPECT_THAT(server.connect().ask_upgrade(token).head, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

TEST(ScriptedServer, plays_numbers_on_the_stream_and_waits_for_the_client_to_come_back) {
  TestServer server("expect-resume none\nsend 2\ngap 1\nsend 1\nexpect-resume 2\nsend 1\nstop");
  const std::string token = server.token();
  {
    TestClient first = server.subscribe(token);
    EXPECT_EQ(first.number(), 1U);
    EXPECT_EQ(first.number(), 2U);
    EXPECT_EQ(first.number(), 4U);
  }
  TestClient second = server.subscribe(token, 2);
  EXPECT_EQ(second.number(), 3U);
  EXPECT_EQ(second.number(), 4U);
  EXPECT_EQ(second.number(), 5U);
  EXPECT_EQ(close_code(second), 1001U);
  EXPECT_EQ(server.join().script_failure(), std::nullopt);
  EXPECT_TRUE(server.stop().script_over());
  EXPECT_EQ(server.stop().last_sequence_number(), 5U);
}

TEST(ScriptedServer, ends_when_an_expectation_fails) {
  TestServer server("send 1\ncut\nexpect-resume 1\nforever\nsend 1\nend");
  const std::string token = server.token();
  TestClient first = server.subscribe(token);
  EXPECT_EQ(first.number(), 1U);
  EXPECT_EQ(first.frame(), std::nullopt);
  TestClient second = server.subscribe(token, 0);
  EXPECT_EQ(close_code(second), 1001U);
  EXPECT_THAT(server.join().script_failure().value_or(""), HasSubstr("line 3"));
  EXPECT_EQ(server.stop().script_line(), 5U);
}

TEST(ScriptedServer, ends_of_a_connection_differ) {
  const TestServer server("cut\ncut tls\ncut rst\nclose 4403 not entitled");
  const std::string token = server.token();
  for (const Ending ending : {Ending::eof, Ending::close_notify, Ending::reset}) {
    TestClient client = server.subscribe(token);
    EXPECT_EQ(client.frame(), std::nullopt);
    EXPECT_EQ(client.ending(), ending);
  }
  TestClient closed = server.subscribe(token);
  EXPECT_EQ(close_code(closed), 4403U);
}

TEST(ScriptedServer, a_held_close_leaves_tcp_to_the_client) {
  const TestServer server("close hold 1000 too old\nsend 1");
  const std::string token = server.token();
  TestClient held = server.subscribe(token);
  const auto close = held.frame();
  ASSERT_TRUE(close);
  EXPECT_EQ(close->head.opcode, Opcode::close);
  EXPECT_EQ(close->payload.substr(2), "too old");
  held.send_frame(Opcode::close, close->payload);
  TestClient next = server.subscribe(token);
  EXPECT_EQ(next.number(), 1U);
  EXPECT_EQ(held.frame(), std::nullopt);
  EXPECT_EQ(held.ending(), Ending::timeout);
}

TEST(ScriptedServer, a_stalled_stream_answers_its_pings_afterwards) {
  const TestServer server("stall 0.3\nsend 1\nstall\nsend 1");
  const std::string token = server.token();
  TestClient client = server.subscribe(token);
  client.send_frame(Opcode::ping, "there?");
  EXPECT_EQ(client.frame()->payload, "there?");
  EXPECT_EQ(client.number(), 1U);
  TestClient next = server.subscribe(token, 1);
  EXPECT_EQ(next.number(), 2U);
}

TEST(ScriptedServer, broken_frames_look_broken) {
  const TestServer server(
      "bad rsv\nbad masked\nfragment 2\nbinary\nunnumbered\ndrip 0.1\nreset\nsend");
  TestClient client = server.subscribe(server.token());
  EXPECT_EQ(client.frame()->head.reserved, 4U);
  EXPECT_TRUE(client.frame()->masked);
  EXPECT_FALSE(client.frame()->head.last);
  EXPECT_EQ(client.frame()->head.opcode, Opcode::continuation);
  EXPECT_EQ(client.frame()->head.opcode, Opcode::binary);
  EXPECT_EQ(client.number(), std::nullopt);
  EXPECT_EQ(client.number(), 3U);
  EXPECT_EQ(client.number(), 1U);
}

TEST(ScriptedServer, subscriptions_are_denied_rejected_or_served_from_elsewhere) {
  const TestServer server(
      "send 2\ncut\nignore-position start\nclose 1012\ndeny 403 no\nreject 1008 no\n"
      "refuse-position\nignore-position tip\nsend 1");
  const std::string token = server.token();
  TestClient cut = server.subscribe(token);
  EXPECT_EQ(cut.number(), 1U);
  EXPECT_EQ(cut.number(), 2U);
  EXPECT_EQ(cut.frame(), std::nullopt);
  TestClient from_start = server.subscribe(token, 2);
  EXPECT_EQ(from_start.number(), 1U);
  EXPECT_EQ(close_code(from_start), 1012U);
  TestClient denied = server.subscribe(token, 2);
  EXPECT_EQ(denied.frame()->payload, R"({"type":"error","status":403,"message":"no"})");
  denied.send_frame(Opcode::ping, "still there");
  EXPECT_EQ(denied.frame()->payload, "still there");
  TestClient rejected = server.subscribe(token, 2);
  EXPECT_EQ(close_code(rejected), 1008U);
  TestClient refused = server.subscribe(token, 2);
  EXPECT_EQ(close_code(refused), 1000U);
  EXPECT_EQ(server.subscribe(token, 0).number(), 3U);
}

TEST(ScriptedServer, expired_tokens_are_refused_and_new_ones_are_not) {
  const TestServer server("send 1\nexpire\nsend 1");
  const std::string token = server.token();
  TestClient client = server.subscribe(token);
  EXPECT_EQ(client.number(), 1U);
  EXPECT_EQ(client.number(), 2U);
  EXPECT_EQ(server.connect().ask_upgrade(token).status, 401U);
  EXPECT_EQ(server.connect().ask_upgrade(server.token()).status, 101U);
}

TEST(ScriptedServer, serves_live_events_only_when_the_script_lets_it) {
  const TestServer server("send 1\nclose 1012\nexpect-resume 1\nserve 0.5\nclose 1013");
  const std::string token = server.token();
  TestClient first = server.subscribe(token);
  EXPECT_EQ(first.number(), 1U);
  EXPECT_EQ(close_code(first), 1012U);
  TestClient second = server.subscribe(token, 1);
  EXPECT_EQ(second.number(), 2U);
  EXPECT_EQ(close_code(second), 1013U);
  TestClient third = server.subscribe(token);
  EXPECT_NE(third.number(), std::nullopt);
}

TEST(ScriptedServer, standing_faults_befall_every_occasion_and_leave_live_events_alone) {
  const TestServer server("", {"close 1012", "token expires-in 0"});
  for (int i = 0; i < 3; ++i) {
    const Answer answer = server.connect().ask_token();
    EXPECT_EQ(json::parse(answer.body).at("expires_in"), 0);
    TestClient client = server.subscribe(json::parse(answer.body).at("access_token"));
    EXPECT_EQ(close_code(client), 1012U);
  }
}

}  // namespace
}  // namespace gcstream_sim
