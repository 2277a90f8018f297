#include <fmt/format.h>
#include <gmock/gmock.h>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string queue_id(int number) {
  std::string digits = std::to_string(number);
  return "0a1b2c3d-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

std::string topic_of(int queue) {
  return "v2.routing.queues." + queue_id(queue) + ".conversations";
}

/// Topics that follow the org's queues and users.
class TopicsTest : public NotificationsTest {
 protected:
  TopicsTest() {
    stream().erase("topics");
    stream()["discovery_interval_s"] = 1;
  }
  void serve_directory(std::string_view path, std::string_view page,
                       const std::vector<std::pair<int, std::string>>& entries, int pages = 1) {
    const HttpRequest request = expect_call("GET", path);
    EXPECT_EQ(request.query()["pageNumber"], page);
    json answer{{"entities", json::array()}, {"pageCount", pages}};
    for (const auto& [number, name] : entries) {
      answer["entities"].push_back({{"id", queue_id(number)}, {"name", name}});
    }
    request.reply(200, answer.dump());
  }
  void serve_queues(const std::vector<std::pair<int, std::string>>& entries) {
    serve_directory("/api/v2/routing/queues", "1", entries);
  }
};

TEST_F(TopicsTest, queues_are_found_by_name_page_by_page) {
  stream()["queues"] = {"Sales *", queue_id(9)};
  stream()["discovery_interval_s"] = 3600;
  run();
  peer_.serve_token();
  serve_directory("/api/v2/routing/queues", "1", {{1, "Sales north"}, {2, "Service"}}, 2);
  serve_directory("/api/v2/routing/queues", "2", {{3, "Sales south"}}, 2);
  serve_channel("c-secret");
  EXPECT_THAT(serve_topics("c-secret"), ElementsAre(topic_of(1), topic_of(3), topic_of(9)));
  WebSocket socket = open_socket("c-secret");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(TopicsTest, users_are_listed_where_they_are_asked_for) {
  stream()["users"] = {"*"};
  stream()["discovery_interval_s"] = 3600;
  run();
  peer_.serve_token();
  serve_directory("/api/v2/users", "1", {{1, "Ada"}});
  serve_channel("c-secret");
  EXPECT_THAT(serve_topics("c-secret"), ElementsAre("v2.users." + queue_id(1) + ".conversations"));
  WebSocket socket = open_socket("c-secret");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(TopicsTest, a_new_queue_is_heard_over_a_new_channel_before_the_old_one_ends) {
  stream()["queues"] = {"*"};
  run();
  peer_.serve_token();
  serve_queues({{1, "One"}});
  WebSocket old = open_channel("c-1-secret");
  serve_queues({{1, "One"}});
  serve_queues({{1, "One"}, {2, "Two"}});
  serve_channel("c-2-secret");
  EXPECT_THAT(serve_topics("c-2-secret"), ElementsAre(topic_of(1), topic_of(2)));
  WebSocket socket = open_socket("c-2-secret");
  old.expect_close();
  socket.send(notification(1, topic_of(2)));
  await_events(1);
  EXPECT_TRUE(records("coverage_gap").empty());
}

TEST_F(TopicsTest, more_topics_than_one_channel_holds_are_spread) {
  std::vector<std::string> topics;
  for (int i = 0; i < 1500; ++i) {
    topics.push_back(topic_of(i));
  }
  stream()["topics"] = topics;
  run();
  peer_.serve_token();
  // Two groups ask at the same time: whichever comes is served.
  std::vector<WebSocket> sockets;
  std::size_t wanted = 0;
  int channels = 0;
  while (sockets.size() < 2) {
    HttpRequest request = peer_.expect_http();
    if (request.method == "POST") {
      const std::string id = "c-" + std::to_string(++channels) + "-secret";
      request.reply(200,
                    json{{"id", id}, {"connectUri", "wss://" + host() + "/channels/" + id}}.dump());
    } else if (request.method == "PUT") {
      const json asked = json::parse(request.body);
      EXPECT_LE(asked.size(), 1000U);
      wanted += asked.size();
      request.reply(200, R"({"entities":[]})");
    } else {
      sockets.push_back(request.accept_websocket());
    }
  }
  EXPECT_EQ(wanted, topics.size());
  sockets[0].send(notification(1, topic_of(3)));
  sockets[1].send(notification(2, topic_of(1400)));
  await_events(2);
  await("event_received", 2);
  EXPECT_THAT(numbers(), ElementsAre(1, 2));
}

TEST_F(TopicsTest, a_directory_that_cannot_be_listed_is_told_and_asked_again) {
  stream()["queues"] = {"*"};
  run();
  peer_.serve_token();
  expect_call("GET", "/api/v2/routing/queues")
      .reply(403, R"({"code":"missing.permissions","message":"routing:queue:view"})");
  serve_queues({{1, "One"}});
  WebSocket socket = open_channel("c-secret");
  EXPECT_THAT(first("connection_error").at("error").get<std::string>(),
              ::testing::HasSubstr("queues and users cannot be listed"));
}

TEST_F(TopicsTest, the_budget_of_requests_holds_for_all_streams_of_a_client) {
  config_["max_requests_per_minute"] = 10;
  stream()["queues"] = {"*"};
  run();
  peer_.serve_token();
  serve_queues({{1, "One"}});
  WebSocket socket = open_channel("c-secret");  // of ten, two are kept for what is live
  for (int poll = 0; poll < 5; ++poll) {
    serve_queues({{1, "One"}});
  }
  socket.send(kServiceHeartbeat);
  socket.send(notification(1, topic_of(1)));
  await_events(1);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(TopicsTest, a_crash_is_a_gap_however_long_the_next_start_lists_queues) {
  config_["metrics"]["interval_s"] = 1;
  stream()["queues"] = {"*"};
  stream()["discovery_interval_s"] = 3600;
  run();
  peer_.serve_token();
  serve_queues({{1, "One"}});
  WebSocket old = open_channel("c-1-secret");
  old.send(notification(1, topic_of(1)));
  await_events(1);
  await("metrics", 2);  // coverage is saved by now
  kill();
  const std::size_t told = records("metrics").size();
  run();
  peer_.serve_token();
  const HttpRequest request = expect_call("GET", "/api/v2/routing/queues");
  await("metrics", told + 2);
  const json entity{{"id", queue_id(1)}, {"name", "One"}};
  request.reply(200, json{{"entities", {entity}}, {"pageCount", 1}}.dump());
  WebSocket socket = open_channel("c-2-secret");
  const json gap = first("coverage_gap");
  EXPECT_EQ(gap.at("cause"), "crash");
  EXPECT_LT(gap.at("from"), records("daemon_started").at(1).at("ts"));
  EXPECT_EQ(stop(socket), 0);
}

}  // namespace
}  // namespace gcstreamd::testing
