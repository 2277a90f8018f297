#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"
#include "support/tls_connection.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

constexpr std::string_view kHtml = "<!doctype html><html><body>Please log in</body></html>";

/// What the token endpoint does, and what of it stands in the `oauth_error`.
struct OAuthFault {
  std::string name;
  std::function<void(const HttpRequest&)> answer;
  int status = 0;  ///< 0: none in the record
  std::string error;
  std::string hint;
  std::string cause;
};

void PrintTo(const OAuthFault& fault, std::ostream* out) {
  *out << fault.name;
}

OAuthFault refusal(int status, std::string hint, std::string body = "{}", Headers headers = {}) {
  return {"status_" + std::to_string(status),
          [=](const HttpRequest& request) { request.reply(status, body, headers); },
          status,
          "HTTP " + std::to_string(status),
          std::move(hint),
          "oauth_http_" + std::to_string(status)};
}

OAuthFault not_a_token(std::string name, std::string body, std::string error) {
  return {std::move(name),
          [=](const HttpRequest& request) { request.reply(200, body); },
          0,
          std::move(error),
          "endpoints.oauth_url",
          "oauth_error"};
}

OAuthFault raw(std::string name, std::string bytes, std::string error, std::string hint) {
  return {std::move(name),
          [=](const HttpRequest& request) {
            request.send_raw_bytes(bytes);
            request.hang_up();
          },
          0,
          std::move(error),
          std::move(hint),
          "oauth_error"};
}

OAuthFault slow(std::string name, std::string first, std::string dripped) {
  return {std::move(name),
          [=](const HttpRequest& request) {
            request.send_raw_bytes(first);
            request.drip(dripped);
          },
          0,
          "no whole answer within 1 s",
          "connect_timeout_s",
          "oauth_timeout"};
}

/// More than the daemon takes, without a length that says so.
void send_endless_body(const HttpRequest& request) {
  const std::string chunk = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  try {
    request.send_raw_bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 1000; ++i) {
      request.send_raw_bytes(chunk);
    }
  } catch (const ConnectionEnded&) {
    return;
  }
  ADD_FAILURE() << "the daemon read 64 MiB";
}

class OAuthFaultTest : public StreamTest, public ::testing::WithParamInterface<OAuthFault> {};

TEST_P(OAuthFaultTest, is_told_with_a_hint_and_retried) {
  const OAuthFault& fault = GetParam();
  stream()["connect_timeout_s"] = fault.cause == "oauth_timeout" ? 1 : 20;
  run();
  fault.answer(peer_.expect_http());
  const Session session = peer_.open_stream();
  const json record = first("oauth_error");
  EXPECT_EQ(record.value("status", 0), fault.status);
  EXPECT_NE(record.at("error").get<std::string>().find(fault.error), std::string::npos) << record;
  EXPECT_NE(record.at("hint").get<std::string>().find(fault.hint), std::string::npos) << record;
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), fault.cause);
  EXPECT_EQ(records("oauth_error").size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Status, OAuthFaultTest,
    ::testing::Values(refusal(204, "endpoints.oauth_url", ""),
                      refusal(302, "endpoints.oauth_url", std::string(kHtml),
                              {{"Location", "https://login.example/next?x=1"}}),
                      refusal(400, "oauth.client_id", R"({"error":"invalid_client"})"),
                      refusal(401, "oauth.client_id"), refusal(403, "roles and scopes"),
                      refusal(404, "region"), refusal(405, "oauth.client_auth"),
                      refusal(407, "proxy"), refusal(429, "reconnect.base_delay_ms"),
                      refusal(500, "status page"), refusal(503, "status page", std::string(kHtml)),
                      refusal(504, "status page")),
    case_name<OAuthFault>);

INSTANTIATE_TEST_SUITE_P(
    Answer, OAuthFaultTest,
    ::testing::Values(
        not_a_token("no_access_token", R"({"expires_in":5})", "no access_token"),
        not_a_token("html", std::string(kHtml), "not JSON"), not_a_token("empty", "", "not JSON"),
        raw("not_http", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "not HTTP", "endpoints.oauth_url"),
        raw("announced_as_huge", "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", "too large",
            "endpoints.oauth_url"),
        raw("huge_header", "HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'x') + "\r\n\r\n",
            "header is too large", "endpoints.oauth_url"),
        OAuthFault{"huge_body", send_endless_body, 0, "too large", "endpoints.oauth_url",
                   "oauth_error"}),
    case_name<OAuthFault>);

INSTANTIATE_TEST_SUITE_P(
    Connection, OAuthFaultTest,
    ::testing::Values(raw("hang_up", "", "hung up", "connection broke"),
                      raw("hang_up_in_the_body",
                          "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"acc", "hung up",
                          "connection broke"),
                      OAuthFault{"cut_off", [](const HttpRequest& request) { request.drop(); }, 0,
                                 "hung up", "connection broke", "oauth_error"},
                      slow("slow_header", "HTTP/1.1 200 OK\r\nX: ", "x"),
                      slow("slow_body", "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", " ")),
    case_name<OAuthFault>);

using OAuthScenarioTest = StreamTest;

TEST_F(OAuthScenarioTest, a_redirect_is_sent_nothing) {
  const Peer other;
  run();
  peer_.expect_http().reply(
      307, "", {{"Location", "https://localhost:" + std::to_string(other.port()) + "/token"}});
  const Session session = peer_.open_stream();  // the same endpoint again
  EXPECT_NE(first("oauth_error").at("error").get<std::string>().find("a redirect to localhost"),
            std::string::npos);
}

TEST_F(OAuthScenarioTest, interim_answers_are_passed_over) {
  run();
  const HttpRequest request = peer_.expect_http();
  request.send_raw_bytes("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  request.send_raw_bytes("HTTP/1.1 100 Continue\r\n\r\n");
  request.reply(200, R"({"access_token":"late","expires_in":3600})");
  EXPECT_EQ(peer_.reopen_stream().socket.request().query().at("access_token"), "late");
  EXPECT_TRUE(records("oauth_error").empty());
}

class RetryAfterTest : public StreamTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(RetryAfterTest, is_obeyed_by_the_token_request) {
  run();
  peer_.expect_http().reply(
      503, "{}", {{"Retry-After", GetParam()}, {"Date", "Sun, 06 Nov 1994 08:49:36 GMT"}});
  const Session session = peer_.open_stream();
  EXPECT_EQ(first("scheduling_reconnect").at("delayMs"), 1000);
}

INSTANTIATE_TEST_SUITE_P(Forms, RetryAfterTest,
                         ::testing::Values("1", "Sun, 06 Nov 1994 08:49:37 GMT",
                                           "Sunday, 06-Nov-94 08:49:37 GMT",
                                           "Sun Nov  6 08:49:37 1994"));

TEST_F(OAuthScenarioTest, a_retry_after_that_is_over_does_not_delay) {
  run();
  peer_.expect_http().reply(429, "{}", {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  const Session session = peer_.open_stream();
  EXPECT_LE(first("scheduling_reconnect").at("delayMs"), 50);
}

TEST_F(OAuthScenarioTest, a_retry_after_of_years_is_a_day) {
  run();
  peer_.expect_http().reply(429, "{}", {{"Retry-After", "99999999999"}});
  EXPECT_EQ(first("scheduling_reconnect").at("delayMs"), 86400000);
}

TEST_F(OAuthScenarioTest, a_refusal_after_a_token_was_granted_waits_the_longest) {
  stream()["reconnect"] = {{"base_delay_ms", 1}, {"max_delay_ms", 200}};
  run();
  peer_.serve_token("stale");
  peer_.expect_http().reply(401, "{}");
  peer_.expect_http().reply(401, "{}");
  const Session session = peer_.open_stream("fresh");
  const auto reconnects = records("scheduling_reconnect");
  ASSERT_EQ(reconnects.size(), 2U);
  EXPECT_EQ(reconnects[1].at("cause"), "oauth_http_401");
  EXPECT_EQ(reconnects[1].at("delayMs"), 200);
}

TEST_F(OAuthScenarioTest, the_secret_is_read_anew_for_each_request) {
  run();
  const HttpRequest refused = peer_.expect_http();
  EXPECT_EQ(refused.form().at("client_secret"), kClientSecret);
  dir_.write(kSecretFile, "the-new-secret");
  refused.reply(401, "{}");
  EXPECT_EQ(peer_.serve_token().form().at("client_secret"), "the-new-secret");
}

TEST_F(OAuthScenarioTest, a_secret_that_is_gone_is_told_and_read_again) {
  run();
  const HttpRequest refused = peer_.expect_http();
  std::filesystem::remove(dir_ / kSecretFile);
  refused.reply(503, "{}");
  const json record = await("oauth_error", 2).at(1);
  EXPECT_NE(record.at("error").get<std::string>().find("secret"), std::string::npos);
  EXPECT_NE(record.at("hint").get<std::string>().find("read again"), std::string::npos);
  dir_.write(kSecretFile, "mended");
  EXPECT_EQ(peer_.serve_token().form().at("client_secret"), "mended");
}

struct Life {
  std::string name;
  std::string body;
  int expires_in;
};

void PrintTo(const Life& life, std::ostream* out) {
  *out << life.name;
}

class ExpiresInTest : public StreamTest, public ::testing::WithParamInterface<Life> {};

TEST_P(ExpiresInTest, gives_a_usable_token_without_a_hot_loop) {
  run();
  peer_.expect_http().reply(200, GetParam().body);
  Session session = peer_.reopen_stream();
  EXPECT_EQ(first("token_acquired").at("expiresIn"), GetParam().expires_in);
  session.socket.send(event(1));
  await_events(1);
  EXPECT_TRUE(records("token_refreshed").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Lives, ExpiresInTest,
    ::testing::Values(Life{"absent", R"({"access_token":"t"})", 300},
                      Life{"zero", R"({"access_token":"t","expires_in":0})", 300},
                      Life{"negative", R"({"access_token":"t","expires_in":-1})", 300},
                      Life{"shorter_than_the_margin", R"({"access_token":"t","expires_in":30})",
                           30}),
    case_name<Life>);

}  // namespace
}  // namespace gcstreamd::testing
