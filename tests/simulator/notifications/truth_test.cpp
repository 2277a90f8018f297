// Whether the truth is true: it is compared with what a client heard.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "simulator/notifications/notification_server.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;

class Truth : public testing::Test {
 protected:
  ~Truth() override { std::filesystem::remove(path); }

  std::vector<json> lines() const {
    std::ifstream file(path);
    std::vector<json> all;
    for (std::string line; std::getline(file, line);) {
      all.push_back(json::parse(line));
    }
    return all;
  }
  // The events of queues' conversations that so many sockets were sent.
  std::vector<json> events(unsigned sockets) const {
    std::vector<json> found;
    for (const json& line : lines()) {
      const std::string topic = line.value("topic", "");
      if (topic.starts_with("v2.routing") && topic.ends_with(".conversations") &&
          line.at("sockets") == sockets) {
        found.push_back(line);
      }
    }
    return found;
  }
  static std::vector<json> hear(TestClient& client, int messages) {
    std::vector<json> heard;
    for (int i = 0; i < messages; ++i) {
      heard.push_back(next(client));
    }
    return heard;
  }

  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("truth_test." + std::to_string(::getpid()) + ".ndjson");
};

TEST_F(Truth, has_each_event_that_was_heard_and_those_that_nobody_heard) {
  NotificationServer server("send 3\nservice down\nhappen 4\nservice up\nsend 2\nwait 60", {}, {},
                            path);
  const json channel = server.create();
  server.subscribe(channel);
  TestClient client = server.listen(channel);
  std::vector<json> heard = hear(client, 3);
  EXPECT_EQ(client.frame(), std::nullopt);
  TestClient again = server.listen(channel);
  for (json& event : hear(again, 2)) {
    heard.push_back(std::move(event));
  }
  const auto sent = events(1);
  ASSERT_GE(sent.size(), heard.size());
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(sent[i].at("frame"), heard[i]);
  }
  EXPECT_EQ(events(0).size(), 4U);
}

TEST_F(Truth, what_nobody_heard_is_found_by_a_details_query) {
  NotificationServer server("send 1\nservice down\nhappen 20\nservice up\nsend 1\nwait 60", {}, {},
                            path);
  const json channel = server.create();
  server.subscribe(channel);
  TestClient client = server.listen(channel);
  hear(client, 1);
  EXPECT_EQ(client.frame(), std::nullopt);
  TestClient again = server.listen(channel);
  hear(again, 1);
  for (const json& event : events(0)) {
    const std::string at = event.at("at").get<std::string>();
    const std::string day = at.substr(0, 10);
    const json answer =
        json::parse(server
                        .ask("POST", "/api/v2/analytics/conversations/details/query",
                             json{{"interval", day + "T00:00:00Z/" + day + "T23:59:59Z"},
                                  {"paging", {{"pageSize", 100}, {"pageNumber", 1}}}}
                                 .dump())
                        .body);
    const auto& rows = answer.at("conversations");
    const auto row = std::find_if(rows.begin(), rows.end(), [&event](const json& one) {
      return one.at("conversationId") == event.at("conversation");
    });
    ASSERT_NE(row, rows.end());
    EXPECT_LE(row->at("conversationStart"), event.at("at"));
  }
}

TEST_F(Truth, tells_from_when_to_when_a_channel_was_live) {
  NotificationServer server("send 1\nservice down\nservice up\nwait 60", {}, {}, path);
  TestClient client = server.listen();
  hear(client, 1);
  EXPECT_EQ(client.frame(), std::nullopt);
  server.stop();
  std::vector<bool> live;
  for (const json& line : lines()) {
    if (line.contains("channel")) {
      EXPECT_EQ(line.at("channel"), 1);
      live.push_back(line.at("live"));
    }
  }
  EXPECT_EQ(live, (std::vector<bool>{true, false}));
}

}  // namespace
}  // namespace gcstream_sim
