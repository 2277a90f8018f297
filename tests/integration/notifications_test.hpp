#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {

inline constexpr std::string_view kQueueTopic =
    "v2.routing.queues.0a1b2c3d-0000-4000-8000-00000000000a.conversations";
inline constexpr std::string_view kUserTopic =
    "v2.users.0a1b2c3d-0000-4000-8000-00000000000b.conversations";

/// An event as the service sends it; each number makes another one.
std::string notification(std::uint64_t number, std::string_view topic = kQueueTopic);
std::vector<std::string> notifications(std::uint64_t from, std::uint64_t to);
/// A notice about the channel itself.
std::string system_notice(std::string_view topic);
inline constexpr std::string_view kServiceHeartbeat =
    R"({"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}})";
/// Now and then, in UTC as the service writes it.
std::string utc(std::chrono::system_clock::time_point time);

/// One daemon with the protocol `notifications` against one scripted peer, which plays the REST API
/// and the streaming host. Calls come on connections of their own, one after the other.
class NotificationsTest : public StreamTest {
 protected:
  NotificationsTest();

  /// Waits for a call, and throws where another one comes.
  [[nodiscard]] HttpRequest expect_call(std::string_view method, std::string_view path);
  /// The token's request and what follows it are awaited in this order by the functions below.
  void serve_channel(std::string_view id);
  void answer_channel(const HttpRequest& request, std::string_view id) const;
  /// The topics that were set; those in `rejected` are refused.
  std::vector<std::string> serve_topics(std::string_view id,
                                        const std::vector<std::string>& rejected = {});
  static std::vector<std::string> answer_topics(const HttpRequest& request,
                                                const std::vector<std::string>& rejected = {});
  [[nodiscard]] WebSocket open_socket(std::string_view id);
  /// Serves one call or another, whichever comes: a token, a channel (named `id`) and its topics;
  /// returns its socket once it is there, or the call where it is none of these.
  struct Served {
    std::optional<WebSocket> socket;
    std::optional<HttpRequest> other;
  };
  [[nodiscard]] Served serve_any(std::string_view id);
  /// Channel, topics, socket: what comes when a token is at hand.
  [[nodiscard]] WebSocket open_channel(std::string_view id);
  /// Starts the daemon and brings its channel up.
  [[nodiscard]] WebSocket begin(std::string_view id = "channel-1-secret");
  int stop(WebSocket& socket);
  void kill();
  std::vector<std::uint64_t> numbers() const;

  std::string host() const { return "localhost:" + std::to_string(peer_.port()); }
};

void send_all(WebSocket& socket, const std::vector<std::string>& messages);

}  // namespace gcstreamd::testing
