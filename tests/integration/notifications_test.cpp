#include "integration/notifications_test.hpp"

#include <csignal>
#include <ctime>
#include <stdexcept>

namespace gcstreamd::testing {

using nlohmann::json;

std::string notification(std::uint64_t number, std::string_view topic) {
  constexpr std::uint64_t kStartMs = 1767225600000;
  return R"({"topicName":")" + std::string(topic) + R"(","version":"2","eventBody":{"id":"c-)" +
         std::to_string(number) + R"(","eventTime":)" + std::to_string(kStartMs + number * 10) +
         R"(,"participants":[{"name":"Zoë Müller 👋"}]},"metadata":{"CorrelationId":"k-)" +
         std::to_string(number) + R"("}})";
}

std::vector<std::string> notifications(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> all;
  for (std::uint64_t number = from; number <= to; ++number) {
    all.push_back(notification(number));
  }
  return all;
}

std::string system_notice(std::string_view topic) {
  return R"({"topicName":")" + std::string(topic) + R"(","eventBody":{"message":"so it is"}})";
}

std::string utc(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

NotificationsTest::NotificationsTest() {
  stream()["protocol"] = "notifications";
  stream()["endpoints"] = {{"oauth_url", "https://" + host() + "/oauth/token"},
                           {"api_url", "https://" + host()}};
  stream().erase("event_types");
  stream()["topics"] = {kQueueTopic};
  stream()["channels"] = {{"overlap_ms", 50}};
}

HttpRequest NotificationsTest::expect_call(std::string_view method, std::string_view path) {
  HttpRequest request = peer_.expect_http();
  if (request.method != method || request.path() != path) {
    throw std::runtime_error(std::string(method) + ' ' + std::string(path) +
                             " was awaited, but there came " + request.method + ' ' +
                             request.target);
  }
  return request;
}

void NotificationsTest::serve_channel(std::string_view id) {
  const HttpRequest request = expect_call("POST", "/api/v2/notifications/channels");
  EXPECT_EQ(request.header("authorization").substr(0, 7), "Bearer ");
  answer_channel(request, id);
}

void NotificationsTest::answer_channel(const HttpRequest& request, std::string_view id) const {
  const json answer{{"id", id},
                    {"connectUri", "wss://" + host() + "/channels/" + std::string(id)},
                    {"expires", utc(std::chrono::system_clock::now() + std::chrono::hours{24})}};
  request.reply(200, answer.dump());
}

std::vector<std::string> NotificationsTest::serve_topics(std::string_view id,
                                                         const std::vector<std::string>& rejected) {
  const HttpRequest request =
      expect_call("PUT", "/api/v2/notifications/channels/" + std::string(id) + "/subscriptions");
  EXPECT_EQ(request.query()["ignoreErrors"], "true");
  return answer_topics(request, rejected);
}

std::vector<std::string> NotificationsTest::answer_topics(
    const HttpRequest& request, const std::vector<std::string>& rejected) {
  std::vector<std::string> topics;
  json entities = json::array();
  for (const json& one : json::parse(request.body)) {
    topics.push_back(one.at("id"));
    const bool refused =
        std::find(rejected.begin(), rejected.end(), topics.back()) != rejected.end();
    json entity{{"id", topics.back()}, {"state", refused ? "Rejected" : "Permitted"}};
    if (refused) {
      entity["rejectionReason"] = "missing permissions";
      entity["missingPermissions"] = {"routing:queue:view"};
    }
    entities.push_back(entity);
  }
  request.reply(200, json{{"entities", entities}}.dump());
  return topics;
}

NotificationsTest::Served NotificationsTest::serve_any(std::string_view id) {
  HttpRequest request = peer_.expect_http();
  Served served;
  if (request.path() == "/oauth/token") {
    request.reply(200, R"({"access_token":"token-9","token_type":"bearer","expires_in":3600})");
  } else if (request.path() == "/api/v2/notifications/channels") {
    answer_channel(request, id);
  } else if (request.method == "PUT") {
    answer_topics(request);
  } else if (!request.header("sec-websocket-key").empty()) {
    served.socket = request.accept_websocket();
  } else {
    served.other = std::move(request);
  }
  return served;
}

WebSocket NotificationsTest::open_socket(std::string_view id) {
  const HttpRequest request = expect_call("GET", "/channels/" + std::string(id));
  EXPECT_EQ(request.header("authorization"), "");
  return request.accept_websocket();
}

WebSocket NotificationsTest::open_channel(std::string_view id) {
  serve_channel(id);
  serve_topics(id);
  return open_socket(id);
}

WebSocket NotificationsTest::begin(std::string_view id) {
  run();
  peer_.serve_token();
  return open_channel(id);
}

int NotificationsTest::stop(WebSocket& socket) {
  daemon_->signal(SIGTERM);
  socket.expect_close();
  return daemon_->wait_exit();
}

void NotificationsTest::kill() {
  daemon_->signal(SIGKILL);
  EXPECT_EQ(daemon_->wait_exit(), 128 + SIGKILL);
}

std::vector<std::uint64_t> NotificationsTest::numbers() const {
  std::vector<std::uint64_t> received;
  for (const json& record : records("event_received")) {
    received.push_back(record.at("sequenceNumber"));
  }
  return received;
}

void send_all(WebSocket& socket, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {
    socket.send(message);
  }
}

}  // namespace gcstreamd::testing
