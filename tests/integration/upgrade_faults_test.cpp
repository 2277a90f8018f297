#include <functional>

#include "integration/stream_test.hpp"
#include "support/case_name.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

/// What the server does to an upgrade, and what of it stands in the `connection_error`.
struct UpgradeFault {
  std::string name;
  std::function<void(const HttpRequest&)> answer;
  std::string error;
  std::string hint;
  std::string cause;
};

void PrintTo(const UpgradeFault& fault, std::ostream* out) {
  *out << fault.name;
}

UpgradeFault status(int code, std::string hint, std::string body = "", Headers headers = {}) {
  return {"status_" + std::to_string(code),
          [=](const HttpRequest& request) { request.reply(code, body, headers); },
          "HTTP " + std::to_string(code), std::move(hint), "upgrade_http_" + std::to_string(code)};
}

UpgradeFault raw(std::string name, std::string bytes, std::string error, std::string hint) {
  return {std::move(name),
          [=](const HttpRequest& request) {
            request.send_raw_bytes(bytes);
            request.hang_up();
          },
          std::move(error), std::move(hint), "upgrade_error"};
}

class UpgradeFaultTest : public StreamTest, public ::testing::WithParamInterface<UpgradeFault> {};

TEST_P(UpgradeFaultTest, is_told_with_a_hint_and_retried) {
  const UpgradeFault& fault = GetParam();
  stream()["connect_timeout_s"] = fault.cause == "upgrade_timeout" ? 1 : 20;
  run();
  peer_.serve_token();
  fault.answer(peer_.expect_http());
  if (fault.cause == "upgrade_http_401") {
    peer_.serve_token("fresh");
  }
  const Session session = peer_.reopen_stream();
  const json record = first("connection_error");
  EXPECT_EQ(record.at("stage"), "upgrade");
  EXPECT_NE(record.at("error").get<std::string>().find(fault.error), std::string::npos) << record;
  EXPECT_NE(record.at("hint").get<std::string>().find(fault.hint), std::string::npos) << record;
  EXPECT_EQ(first("scheduling_reconnect").at("cause"), fault.cause);
  EXPECT_EQ(records("connection_error").size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Status, UpgradeFaultTest,
    ::testing::Values(status(200, "endpoints.stream_url", "<html>Please log in</html>"),
                      status(301, "endpoints.stream_url", "", {{"Location", "wss://b.example/"}}),
                      status(302, "endpoints.stream_url", "", {{"Location", "/login?next=1"}}),
                      status(400, "endpoints.stream_url"),
                      status(401, "a new one is fetched", R"({"code":"authentication.required"})"),
                      status(403, "analytics:events:read"), status(404, "region"),
                      status(407, "proxy"), status(426, "endpoints.stream_url"),
                      status(429, "reconnect.base_delay_ms"), status(500, "status page"),
                      status(502, "status page", "<html>"), status(503, "status page")),
    case_name<UpgradeFault>);

INSTANTIATE_TEST_SUITE_P(
    Answer, UpgradeFaultTest,
    ::testing::Values(
        UpgradeFault{"wrong_accept",
                     [](const HttpRequest& request) {
                       request.send_raw_bytes(
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: d3Jvbmc=\r\n\r\n");
                       request.hang_up();
                     },
                     "Sec-WebSocket-Accept", "endpoints.stream_url", "upgrade_error"},
        raw("no_upgrade_header", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "not that of a WebSocket server", "endpoints.stream_url"),
        raw("not_http", "220 mail.example ESMTP\r\n\r\n", "not HTTP", "endpoints.stream_url"),
        raw("binary", std::string("\x00\x01\x02\xFF\r\n\r\n", 8), "not HTTP",
            "endpoints.stream_url"),
        raw("huge_header", "HTTP/1.1 101 OK\r\nX: " + std::string(20000, 'x') + "\r\n\r\n",
            "header is too large", "endpoints.stream_url")),
    case_name<UpgradeFault>);

INSTANTIATE_TEST_SUITE_P(
    Connection, UpgradeFaultTest,
    ::testing::Values(raw("hang_up", "", "hung up", "connection broke"),
                      raw("hang_up_in_the_header", "HTTP/1.1 101 Swi", "hung up",
                          "connection broke"),
                      UpgradeFault{"cut_off", [](const HttpRequest& request) { request.drop(); },
                                   "hung up", "connection broke", "upgrade_error"},
                      UpgradeFault{"slow",
                                   [](const HttpRequest& request) {
                                     request.send_raw_bytes(
                                         "HTTP/1.1 101 Switching Protocols\r\nX: ");
                                     request.drip("x");
                                   },
                                   "no whole answer to the upgrade within 1 s", "connect_timeout_s",
                                   "upgrade_timeout"}),
    case_name<UpgradeFault>);

using UpgradeScenarioTest = StreamTest;

TEST_F(UpgradeScenarioTest, a_redirects_host_is_named_and_sent_nothing) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(307, "", {{"Location", "https://other.example/stream?token=x1y2"}});
  const Session session = peer_.reopen_stream();
  const std::string error = first("connection_error").at("error");
  EXPECT_NE(error.find("a redirect to other.example that is not followed"), std::string::npos)
      << error;
  EXPECT_EQ(error.find("x1y2"), std::string::npos);
}

class UpgradeRetryAfterTest : public StreamTest,
                              public ::testing::WithParamInterface<std::string> {};

TEST_P(UpgradeRetryAfterTest, is_obeyed) {
  run();
  peer_.serve_token();
  peer_.expect_http().reply(
      429, "", {{"Retry-After", GetParam()}, {"Date", "Sun, 06 Nov 1994 08:49:36 GMT"}});
  const Session session = peer_.reopen_stream();
  EXPECT_EQ(first("scheduling_reconnect").at("delayMs"), 1000);
}

INSTANTIATE_TEST_SUITE_P(Forms, UpgradeRetryAfterTest,
                         ::testing::Values("1", "Sun, 06 Nov 1994 08:49:37 GMT",
                                           "Sunday, 06-Nov-94 08:49:37 GMT",
                                           "Sun Nov  6 08:49:37 1994"));

}  // namespace
}  // namespace gcstreamd::testing
