#include "support/proxy_peer.hpp"

#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"
#include "support/full_listener.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

constexpr std::string_view kPassword = "hu$h:th1s";
constexpr std::string_view kCredentials = "ops:hu%24h%3Ath1s";
// printf 'ops:hu$h:th1s' | base64
constexpr std::string_view kBasic = "b3BzOmh1JGg6dGgxcw==";

/// One daemon whose connections lead through a scripted proxy to a scripted peer.
class ProxyTest : public StreamTest {
 protected:
  void use_proxy(const std::string& credentials = "") {
    stream()["proxy"] = proxy_.url(credentials);
  }
  /// The next connection of the daemon goes through the proxy to the peer.
  ConnectRequest lead_on() {
    ConnectRequest request = proxy_.expect_connect();
    peer_.take_over(request.open());
    return request;
  }
  std::string target() const { return "localhost:" + std::to_string(peer_.port()); }

  ProxyPeer proxy_;
};

TEST_F(ProxyTest, token_and_stream_go_through_it) {
  use_proxy();
  run();
  const ConnectRequest token = lead_on();
  EXPECT_EQ(token.target(), target());
  EXPECT_EQ(token.header("host"), target());
  EXPECT_EQ(token.header("proxy-authorization"), "");
  EXPECT_EQ(peer_.serve_token().server_name, "localhost");
  EXPECT_EQ(lead_on().target(), target());
  Session session = peer_.reopen_stream();
  send_all(session, events(1, 3));
  await_events(3);
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("connection_error").empty());
}

TEST_F(ProxyTest, a_reconnect_goes_through_it_as_well) {
  use_proxy();
  run();
  lead_on();
  peer_.serve_token();
  lead_on();
  peer_.reopen_stream().socket.drop();
  lead_on();
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("type"), "interaction");
}

TEST_F(ProxyTest, is_given_user_and_password_decoded) {
  use_proxy(std::string(kCredentials));
  run();
  EXPECT_EQ(lead_on().header("proxy-authorization"), "Basic " + std::string(kBasic));
}

TEST_F(ProxyTest, looks_the_target_up_itself) {
  Peer elsewhere(PeerOptions{.dns_names = {"stream.invalid"}});
  config_ = config_for(elsewhere, dir_);
  use_proxy();
  for (const char* key : {"oauth_url", "stream_url"}) {
    auto& url = stream()["endpoints"][key].get_ref<std::string&>();
    url.replace(url.find("localhost"), 9, "stream.invalid");
  }
  run();
  ConnectRequest token = proxy_.expect_connect();
  EXPECT_EQ(token.target(), "stream.invalid:" + std::to_string(elsewhere.port()));
  elsewhere.take_over(token.open());
  EXPECT_EQ(elsewhere.serve_token().server_name, "stream.invalid");
}

TEST_F(ProxyTest, an_interim_answer_and_a_slow_one_are_waited_for) {
  use_proxy();
  run();
  ConnectRequest request = proxy_.expect_connect();
  request.answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20");
  peer_.take_over(request.open("0 OK\r\n\r\n"));
  EXPECT_EQ(peer_.serve_token().method, "POST");
}

TEST_F(ProxyTest, the_password_is_in_no_output) {
  use_proxy(std::string(kCredentials));
  run();
  lead_on();
  peer_.expect_http().reply(500, R"({"error":"hu$h:th1s )" + std::string(kBasic) + "\"}");
  lead_on();
  peer_.serve_token();
  proxy_.expect_connect().answer(
      "HTTP/1.1 407 hu$h:th1s\r\nProxy-Authenticate: Basic realm=\"hu$h:th1s\"\r\n\r\n");
  lead_on();
  Session session = peer_.reopen_stream();
  session.socket.close(1011, "b3BzOmh1JGg6dGgxcw== was seen, and hu$h:th1s");
  lead_on();
  session = peer_.reopen_stream();
  stream()["proxy"] = proxy_.url("ops:an0ther");
  reload();
  await("config_reloaded");
  EXPECT_EQ(proxy_.expect_connect().header("proxy-authorization"), "Basic b3BzOmFuMHRoZXI=");
  for (const auto& path : {daemon_->stderr_path(), audit_path()}) {
    const std::string text = read_file(path);
    EXPECT_NE(text.find("***"), std::string::npos) << path;
    for (const std::string_view secret : {kPassword, kBasic, std::string_view("an0ther")}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << path << ": " << secret;
    }
  }
}

TEST_F(ProxyTest, check_masks_the_password) {
  use_proxy(std::string(kCredentials));
  dir_.write("config.json", config_.dump());
  const Finished result = run_gcstreamd(dir_.path(), {"check", "--config", config_path().string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("streams").at(0).at("proxy"),
            "http://ops:********@127.0.0.1:" + std::to_string(proxy_.port()));
  EXPECT_EQ((result.out + result.err).find("h1s"), std::string::npos);
}

TEST_F(ProxyTest, a_reload_moves_the_connection_to_another_way) {
  Session session = open();
  use_proxy();
  reload();
  session.socket.expect_close();
  lead_on();
  session = peer_.reopen_stream();
  stream()["proxy"] = nullptr;
  reload();
  session.socket.expect_close();
  const Session direct = peer_.reopen_stream();
  EXPECT_EQ(direct.subscription.at("type"), "interaction");
}

/// The environment's proxy is for other machines alone, so the peer has another name here.
class ProxyVariableTest : public ProxyTest {
 protected:
  ProxyVariableTest() {
    config_ = config_for(other_, dir_);
    const std::string host = "stream.invalid:" + std::to_string(other_.port());
    stream()["endpoints"] = {{"oauth_url", "https://" + host + "/oauth/token"},
                             {"stream_url", "wss://" + host + "/stream"}};
  }
  Peer other_{PeerOptions{.dns_names = {"stream.invalid"}}};
};

TEST_F(ProxyVariableTest, names_the_proxy) {
  run({{"HTTPS_PROXY", proxy_.url(std::string(kCredentials))},
       {"NO_PROXY", "localhost,10.0.0.0/8"}});
  ConnectRequest request = proxy_.expect_connect();
  EXPECT_EQ(request.header("proxy-authorization"), "Basic " + std::string(kBasic));
  other_.take_over(request.open());
  EXPECT_EQ(other_.serve_token().method, "POST");
}

TEST_F(ProxyVariableTest, no_proxy_exempts_the_host) {
  run({{"https_proxy", proxy_.url()}, {"no_proxy", ".invalid"}});
  EXPECT_EQ(first("connection_error").at("stage"), "dns");  // tried directly
}

TEST_F(ProxyTest, the_environments_is_not_for_this_machine_itself) {
  run({{"HTTPS_PROXY", proxy_.url()}});
  EXPECT_EQ(peer_.open_stream().subscription.at("type"), "interaction");
}

/// What the proxy does with a CONNECT, and what is told of it.
struct ProxyFault {
  std::string name;
  std::function<void(ConnectRequest&)> answer;
  std::string error;
  std::string hint;
  std::string cause;
};

void PrintTo(const ProxyFault& fault, std::ostream* out) {
  *out << fault.name;
}

class ProxyFaultTest : public ProxyTest, public ::testing::WithParamInterface<ProxyFault> {};

TEST_P(ProxyFaultTest, is_told_with_a_hint_and_retried) {
  const ProxyFault& fault = GetParam();
  use_proxy(std::string(kCredentials));
  stream()["connect_timeout_s"] = fault.cause == "proxy_timeout" ? 1 : 20;
  run();
  {
    ConnectRequest request = proxy_.expect_connect();
    fault.answer(request);
  }
  lead_on();
  peer_.serve_token();
  const json record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "proxy");
  EXPECT_NE(record.at("error").get<std::string>().find(fault.error), std::string::npos) << record;
  EXPECT_TRUE(record.at("error").get<std::string>().starts_with("127.0.0.1:")) << record;
  EXPECT_NE(record.at("hint").get<std::string>().find(fault.hint), std::string::npos) << record;
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), fault.cause);
  EXPECT_EQ(records("connection_error").size(), 1U);
}

ProxyFault refusal(int status, std::string error, std::string hint,
                   const std::string& headers = "") {
  const std::string bytes =
      "HTTP/1.1 " + std::to_string(status) + " No\r\n" + headers + "\r\n<html>no</html>";
  return {"status_" + std::to_string(status),
          [=](ConnectRequest& request) { request.answer(bytes); }, std::move(error),
          std::move(hint), "proxy_http_" + std::to_string(status)};
}

ProxyFault garbage(std::string name, const std::string& bytes, std::string error) {
  return {std::move(name), [=](ConnectRequest& request) { request.answer(bytes).expect_end(); },
          std::move(error), "check host and port in proxy", "proxy_error"};
}

INSTANTIATE_TEST_SUITE_P(
    Status, ProxyFaultTest,
    ::testing::Values(refusal(403, "HTTP 403 to CONNECT localhost:", "forbids the way"),
                      refusal(405, "HTTP 405", "host and port in proxy"),
                      refusal(407, "does not take these credentials", "user and password",
                              "Proxy-Authenticate: Basic realm=\"corp\"\r\n"),
                      refusal(502, "HTTP 502", "DNS, routes and log"),
                      refusal(503, "HTTP 503", "DNS, routes and log")),
    case_name<ProxyFault>);

INSTANTIATE_TEST_SUITE_P(
    Answer, ProxyFaultTest,
    ::testing::Values(garbage("not_http", "SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
                      garbage("tls", "\x15\x03\x01", "it speaks TLS"),
                      garbage("no_status", "HTTP/1.1 hello\r\n\r\n", "no status"),
                      garbage("huge_header", "HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x'),
                              "longer than 16384"),
                      garbage("bytes_behind", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 No\r\n",
                              "bytes behind")),
    case_name<ProxyFault>);

INSTANTIATE_TEST_SUITE_P(
    Connection, ProxyFaultTest,
    ::testing::Values(
        ProxyFault{"hang_up", [](ConnectRequest& request) { request.answer("HTTP/1.1 200 O"); },
                   "hung up", "that the proxy runs", "proxy_error"},
        ProxyFault{"silent", [](ConnectRequest& request) { request.answer("").expect_end(); },
                   "no whole answer to CONNECT within 1 s", "that the proxy runs", "proxy_timeout"},
        ProxyFault{
            "slow",
            [](ConnectRequest& request) { request.answer("HTTP/1.1 200 OK\r\nX: ").drip("x"); },
            "no whole answer to CONNECT within 1 s", "that the proxy runs", "proxy_timeout"}),
    case_name<ProxyFault>);

TEST_F(ProxyTest, another_scheme_than_basic_is_named) {
  use_proxy();
  run();
  proxy_.expect_connect().answer("HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\n\r\n");
  EXPECT_NE(first("connection_error").at("error").get<std::string>().find("by NTLM"),
            std::string::npos);
}

TEST_F(ProxyTest, a_retry_after_is_obeyed) {
  use_proxy();
  run();
  proxy_.expect_connect().answer("HTTP/1.1 503 No\r\nRetry-After: 1\r\n\r\n");
  lead_on();
  peer_.serve_token();
  EXPECT_EQ(first("scheduling_reconnect").at("delayMs"), 1000);
}

/// A proxy that cannot be reached.
struct NoProxyThere {
  std::string name;
  std::string proxy;
  std::string error;
  std::string cause;
};

void PrintTo(const NoProxyThere& fault, std::ostream* out) {
  *out << fault.name;
}

class NoProxyThereTest : public StreamTest, public ::testing::WithParamInterface<NoProxyThere> {};

TEST_P(NoProxyThereTest, is_told_of_the_proxy_and_not_of_the_host) {
  const FullListener full;
  std::string proxy = GetParam().proxy;
  if (proxy.empty()) {
    proxy = "http://127.0.0.1:" + std::to_string(full.port());
  }
  stream()["proxy"] = proxy;
  stream()["connect_timeout_s"] = 1;
  run();
  const json record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "proxy");
  EXPECT_NE(record.at("error").get<std::string>().find(GetParam().error), std::string::npos)
      << record;
  EXPECT_NE(record.at("hint").get<std::string>().find("check proxy"), std::string::npos);
  EXPECT_TRUE(
      first("scheduling_reconnect").at("cause").get<std::string>().starts_with(GetParam().cause));
}

INSTANTIATE_TEST_SUITE_P(
    Way, NoProxyThereTest,
    ::testing::Values(NoProxyThere{"refused", "http://127.0.0.1:1", "ECONNREFUSED", "proxy_error"},
                      NoProxyThere{"no_name", "http://proxy.invalid:3128",
                                   "proxy.invalid: ", "proxy_"},
                      NoProxyThere{"silent", "", "no TCP connection within 1 s", "proxy_timeout"}),
    case_name<NoProxyThere>);

}  // namespace
}  // namespace gcstreamd::testing
