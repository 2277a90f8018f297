// For tests: a server of the Notifications protocol, and what its clients say and hear.
//
// Ownership: owns the server and the thread that it runs in; read what is left of it after stop().
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "simulator/notifications/topic.hpp"
#include "simulator/server.hpp"
#include "simulator/test_client.hpp"

namespace gcstream_sim {

inline constexpr const char* kChannels = "/api/v2/notifications/channels";

// A server in a thread of its own, and a client that has a token.
class NotificationServer {
 public:
  explicit NotificationServer(std::string_view script, const NotificationOptions& options = {},
                              const std::vector<std::string>& faults = {},
                              const std::filesystem::path& truth = {})
      : server_(context_, options_for(script, options, faults, truth)),
        thread_([this] { context_.run(); }) {
    token_ = nlohmann::json::parse(connect().ask_token().body).at("access_token");
  }
  ~NotificationServer() { stop(); }
  NotificationServer(const NotificationServer&) = delete;
  NotificationServer& operator=(const NotificationServer&) = delete;

  TestClient connect() const { return {server_.port(), authority_.certificate_pem()}; }
  Answer ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    return connect().ask(
        fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    method, target, token_, body.size(), body));
  }
  nlohmann::json create() { return nlohmann::json::parse(ask("POST", kChannels).body); }
  // With the conversations of all queues that are listed.
  Answer subscribe(const nlohmann::json& channel) {
    nlohmann::json topics = nlohmann::json::array();
    const nlohmann::json page =
        nlohmann::json::parse(ask("GET", "/api/v2/routing/queues?pageSize=100").body);
    for (const nlohmann::json& entity : page.at("entities")) {
      topics.push_back({{"id", queue_topic(entity.at("id").get<std::string>(), "conversations")}});
    }
    return ask("PUT",
               fmt::format("{}/{}/subscriptions?ignoreErrors=true", kChannels,
                           channel.at("id").get<std::string>()),
               topics.dump());
  }
  Answer upgrade(TestClient& client, const nlohmann::json& channel) const {
    const auto uri = channel.at("connectUri").get<std::string>();
    EXPECT_TRUE(uri.starts_with(fmt::format("wss://localhost:{}/channels/", server_.port())));
    return client.ask(fmt::format(
        "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        uri.substr(uri.find("/channels/"))));
  }
  TestClient listen(const nlohmann::json& channel) const {
    TestClient client = connect();
    EXPECT_EQ(upgrade(client, channel).status, 101U);
    return client;
  }
  TestClient listen() {
    const nlohmann::json channel = create();
    EXPECT_EQ(subscribe(channel).status, 200U);
    return listen(channel);
  }
  const Server& stop() {
    if (thread_.joinable()) {
      boost::asio::post(context_, [this] { server_.stop(); });
      thread_.join();
    }
    return server_;
  }

 private:
  Options options_for(std::string_view script, const NotificationOptions& notifications,
                      const std::vector<std::string>& faults,
                      const std::filesystem::path& truth) const {
    Options options;
    options.protocol = Protocol::notifications;
    options.notifications = notifications;
    options.identity = authority_.issue({});
    options.authority = authority_;
    options.credentials = {"me", "s3cret", std::chrono::seconds(60)};
    options.script = script_of(script);
    for (const std::string& fault : faults) {
      options.faults.push_back(standing_fault(fault));
    }
    options.feed.truth = truth;
    options.rate = 1000;
    options.wait_for_client = true;
    options.heartbeat = std::chrono::hours(1);
    return options;
  }

  CertificateAuthority authority_;
  boost::asio::io_context context_;
  Server server_;
  std::thread thread_;
  std::string token_;
};

inline nlohmann::json next(TestClient& client) {
  const auto frame = client.frame();
  return nlohmann::json::parse(frame && frame->head.opcode == Opcode::text ? frame->payload
                                                                           : "null");
}

inline std::string topic(TestClient& client) {
  return next(client).value("topicName", "");
}

inline unsigned close_code(TestClient& client) {
  const auto frame = client.frame();
  if (!frame || frame->head.opcode != Opcode::close || frame->payload.size() < 2) {
    return 0;
  }
  client.send_frame(Opcode::close, frame->payload.substr(0, 2));
  return static_cast<unsigned char>(frame->payload[0]) * 256U +
         static_cast<unsigned char>(frame->payload[1]);
}

}  // namespace gcstream_sim
