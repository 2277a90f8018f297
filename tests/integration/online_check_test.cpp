#include <functional>

#include "integration/online_check.hpp"
#include "integration/stream_test.hpp"
#include "support/case_name.hpp"
#include "support/full_listener.hpp"
#include "support/proxy_peer.hpp"

namespace gcstreamd::testing {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kWay{"dns", "tcp", "tls", "oauth", "dns", "tcp", "tls", "handshake"};

/// The rows where so many steps went well and the next one did not.
std::vector<std::string> failed_after(std::size_t good) {
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < kWay.size(); ++i) {
    expected.push_back(kWay[i] + (i < good ? " ok" : i == good ? " failed" : " not tried"));
  }
  return expected;
}

/// `check --online` against a scripted peer.
class OnlineCheckTest : public StreamTest {
 protected:
  void begin(Variables environment = {}) { check_.emplace(dir_, config_, std::move(environment)); }
  Finished finish() { return check_->finish(); }
  /// Serves the handshake and the close behind it.
  void serve_handshake() {
    WebSocket socket = peer_.expect_upgrade();
    EXPECT_EQ(socket.expect_close().code, 1000);
  }
  void set_stream_host(const std::string& authority) {
    stream()["endpoints"]["stream_url"] = "wss://" + authority + "/";
  }

  std::optional<OnlineCheck> check_;
};

TEST_F(OnlineCheckTest, a_way_that_works_is_shown_step_by_step) {
  begin();
  peer_.serve_token("t0ken-of-this-check");
  serve_handshake();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(rows(result.err), failed_after(kWay.size())) << result.err;
  EXPECT_NE(result.err.find("the stream can connect"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("t0ken-of-this-check"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(result.out).at("streams").at(0).at("name"), "main");
}

TEST_F(OnlineCheckTest, nothing_is_left_behind) {
  begin();
  peer_.serve_token();
  serve_handshake();
  EXPECT_EQ(finish().exit_code, 0);
  for (const auto& path : {dir_ / "state", events_path(), audit_path()}) {
    EXPECT_FALSE(fs::exists(path)) << path;
  }
}

TEST_F(OnlineCheckTest, a_running_daemon_is_not_disturbed) {
  Session session = open();
  session.socket.send(event(1));
  await_events(1);
  begin();
  peer_.serve_token("another");
  serve_handshake();
  EXPECT_EQ(finish().exit_code, 0);
  session.socket.send(event(2));
  EXPECT_EQ(await_events(2), events(1, 2));
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("scheduling_reconnect").empty());
}

TEST_F(OnlineCheckTest, a_configuration_with_faults_is_not_tried) {
  stream()["buffer_sise"] = 1;
  begin();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(result.err.find("STEP"), std::string::npos);
}

/// What the peer does, how many steps went well before, and what is said of the one that did not.
struct OnlineFault {
  std::string name;
  std::function<void(Peer&)> play;
  std::size_t good;
  std::string error;
  std::string hint;
  int exit_code = 69;
};

void PrintTo(const OnlineFault& fault, std::ostream* out) {
  *out << fault.name;
}

class OnlineFaultTest : public OnlineCheckTest,
                        public ::testing::WithParamInterface<OnlineFault> {};

TEST_P(OnlineFaultTest, is_shown_at_its_step_with_what_to_do) {
  const OnlineFault& fault = GetParam();
  stream()["connect_timeout_s"] = fault.name.starts_with("silent") ? 1 : 20;
  begin();
  fault.play(peer_);
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, fault.exit_code);
  EXPECT_EQ(rows(result.err), failed_after(fault.good)) << result.err;
  EXPECT_NE(result.err.find(fault.error), std::string::npos) << result.err;
  const auto what_to_do = result.err.find("what to do: ");
  ASSERT_NE(what_to_do, std::string::npos) << result.err;
  EXPECT_NE(result.err.find(fault.hint, what_to_do), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("1 of 1 stream(s) cannot connect: main"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Server, OnlineFaultTest,
    ::testing::Values(
        OnlineFault{"silent_in_tls", [](Peer& peer) { peer.expect_connection().expect_end(); }, 2,
                    "no TLS handshake within 1 s", "endpoint's port"},
        OnlineFault{"silent_token_endpoint", [](Peer& peer) { peer.expect_http().drip(" "); }, 3,
                    "no whole answer within 1 s", "endpoints.oauth_url"},
        OnlineFault{"refused_credentials",
                    [](Peer& peer) {
                      peer.expect_http().reply(
                          401, R"({"error":"invalid_client","error_description":")" +
                                   std::string(kClientSecret) + "\"}");
                    },
                    3, "HTTP 401: invalid_client: ***", "oauth.client_id", 77},
        OnlineFault{"no_token", [](Peer& peer) { peer.expect_http().reply(200, "{}"); }, 3,
                    "no access_token", "endpoints.oauth_url"},
        OnlineFault{"failing_token_endpoint", [](Peer& peer) { peer.expect_http().reply(503, ""); },
                    3, "HTTP 503", "status page"},
        OnlineFault{"forbidden_stream",
                    [](Peer& peer) {
                      peer.serve_token();
                      peer.expect_http().reply(403, "");
                    },
                    7, "HTTP 403", "analytics:events:read"},
        OnlineFault{"not_a_stream",
                    [](Peer& peer) {
                      peer.serve_token();
                      peer.expect_http().reply(200, "<html>");
                    },
                    7, "HTTP 200", "endpoints.stream_url"}),
    case_name<OnlineFault>);

TEST_F(OnlineCheckTest, a_name_that_is_not_there_is_told) {
  set_stream_host("no-such-host.invalid");
  stream()["connect_timeout_s"] = 1;
  begin();
  peer_.serve_token();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(rows(result.err), failed_after(4)) << result.err;
  EXPECT_NE(result.err.find("  no-such-host.invalid: "), std::string::npos) << result.err;
}

TEST_F(OnlineCheckTest, a_port_that_stays_silent_is_told) {
  const FullListener full;
  set_stream_host("127.0.0.1:" + std::to_string(full.port()));
  stream()["connect_timeout_s"] = 1;
  begin();
  peer_.serve_token();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(rows(result.err), failed_after(5)) << result.err;
  EXPECT_NE(result.err.find("no TCP connection within 1 s"), std::string::npos) << result.err;
}

TEST_F(OnlineCheckTest, an_authority_that_is_not_known_is_told) {
  const Peer other;
  stream()["tls"]["ca_file"] = other.ca_file();
  begin();
  peer_.expect_failed_handshake();
  const Finished result = finish();
  EXPECT_EQ(rows(result.err), failed_after(2)) << result.err;
  EXPECT_NE(result.err.find("put its certificate into tls.ca_file"), std::string::npos)
      << result.err;
}

TEST_F(OnlineCheckTest, a_proxy_is_a_step_of_its_own) {
  const ProxyPeer proxy;
  stream()["proxy"] = proxy.url("ops:hidden-w0rd");
  begin();
  peer_.take_over(proxy.expect_connect().open());
  peer_.serve_token();
  peer_.take_over(proxy.expect_connect().open());
  serve_handshake();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(rows(result.err),
            (std::vector<std::string>{"dns ok", "tcp ok", "proxy ok", "tls ok", "oauth ok",
                                      "dns ok", "tcp ok", "proxy ok", "tls ok", "handshake ok"}))
      << result.err;
  EXPECT_EQ((result.out + result.err).find("hidden-w0rd"), std::string::npos);
}

TEST_F(OnlineCheckTest, a_proxy_that_refuses_is_told) {
  const ProxyPeer proxy;
  stream()["proxy"] = proxy.url();
  begin();
  proxy.expect_connect().answer("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n");
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 69);
  const auto found = rows(result.err);
  ASSERT_EQ(found.size(), 10U) << result.err;
  EXPECT_EQ(found[1], "tcp ok");
  EXPECT_EQ(found[2], "proxy failed");
  EXPECT_EQ(found[3], "tls not tried");
  EXPECT_NE(result.err.find("put the proxy's user and password"), std::string::npos) << result.err;
}

TEST_F(OnlineCheckTest, a_proxy_that_is_not_there_is_told_at_tcp) {
  stream()["proxy"] = "http://127.0.0.1:1";
  begin();
  const Finished result = finish();
  EXPECT_EQ(rows(result.err).at(1), "tcp failed") << result.err;
  EXPECT_NE(result.err.find("check proxy (or $HTTPS_PROXY)"), std::string::npos) << result.err;
}

TEST_F(OnlineCheckTest, each_stream_is_tried_and_one_that_fails_decides) {
  auto other = stream();
  other["name"] = "other";
  other["proxy"] = "http://127.0.0.1:1";
  other["sinks"] = {{{"type", "audit"}, {"path", (dir_ / "other.jsonl").string()}}};
  config_["streams"].push_back(other);
  begin();
  peer_.serve_token();
  serve_handshake();
  const Finished result = finish();
  EXPECT_EQ(result.exit_code, 69);
  EXPECT_EQ(rows(result.err), failed_after(kWay.size())) << result.err;
  EXPECT_EQ(rows(result.err, "other").at(1), "tcp failed") << result.err;
  EXPECT_NE(result.err.find("1 of 2 stream(s) cannot connect: other"), std::string::npos);
}

}  // namespace
}  // namespace gcstreamd::testing
