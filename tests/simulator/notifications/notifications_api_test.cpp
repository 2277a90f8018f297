#include "simulator/notifications/notifications_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr EventTime kNoon{seconds(1'767'268'800)};
constexpr const char* kChannels = "/api/v2/notifications/channels";

class NotificationsApiTest : public testing::Test {
 protected:
  static NotificationOptions with_rule() {
    NotificationOptions options;
    options.most_topics = 3;
    options.requests = 2;
    options.rejected = {{"*.presence", {"user:see"}}};
    return options;
  }
  Response ask(const char* method, const std::string& target, const std::string& body = {}) {
    return api.answer({method, target, "", body, false}, now);
  }
  json create() { return json::parse(ask("POST", kChannels).body); }
  static std::string subscriptions(const json& channel, const char* query = "?ignoreErrors=true") {
    return std::string(kChannels) + "/" + channel.at("id").get<std::string>() + "/subscriptions" +
           query;
  }
  std::string queue(std::size_t index, const char* suffix = "conversations") {
    const auto page = board.centre().directory().page(DirectoryKind::queues, 100, 1);
    return queue_topic(page.at("entities").at(index).at("id").get<std::string>(), suffix);
  }
  std::string presence() {
    const auto page = board.centre().directory().page(DirectoryKind::users, 100, 1);
    return user_topic(page.at("entities").at(0).at("id").get<std::string>(), "presence");
  }
  static std::string body_of(const std::vector<std::string>& topics) {
    json body = json::array();
    for (const std::string& topic : topics) {
      body.push_back({{"id", topic}});
    }
    return body.dump();
  }
  std::vector<std::string> listed(const json& channel) {
    std::vector<std::string> topics;
    const json answer = json::parse(ask("GET", subscriptions(channel, "")).body);
    for (const json& entity : answer.at("entities")) {
      topics.push_back(entity.at("id"));
    }
    return topics;
  }

  EventTime now = kNoon;
  Switchboard board{with_rule(), {}, kNoon};
  NotificationsApi api{board, "wss://localhost:1"};
};

TEST_F(NotificationsApiTest, a_channel_has_an_id_a_uri_and_an_end) {
  const json channel = create();
  EXPECT_EQ(channel.at("expires"), "2026-01-02T12:00:00.000Z");
  EXPECT_EQ(channel.at("connectUri"),
            "wss://localhost:1/channels/" + channel.at("id").get<std::string>());
  const json list = json::parse(ask("GET", kChannels).body);
  EXPECT_EQ(list.at("entities"), json::array({channel}));
  EXPECT_EQ(NotificationsApi::channel_of("/channels/abc?x=1"), "abc");
  EXPECT_FALSE(NotificationsApi::channel_of(kChannels));
}

TEST_F(NotificationsApiTest, with_ignore_errors_each_topic_has_its_verdict) {
  const json channel = create();
  const Response response =
      ask("PUT", subscriptions(channel), body_of({queue(0), presence(), "v2.weather"}));
  EXPECT_EQ(response.status, 200U);
  const json entities = json::parse(response.body).at("entities");
  EXPECT_EQ(entities.at(0), (json{{"id", queue(0)}, {"state", "Permitted"}}));
  EXPECT_EQ(entities.at(1).at("state"), "Rejected");
  EXPECT_EQ(entities.at(1).at("missingPermissions"), json::array({"user:see"}));
  EXPECT_EQ(entities.at(2).at("rejectionReason"), "Unknown topic");
  EXPECT_THAT(listed(channel), ElementsAre(queue(0)));
}

TEST_F(NotificationsApiTest, without_it_one_topic_that_is_refused_fails_all) {
  const json channel = create();
  ask("PUT", subscriptions(channel), body_of({queue(1)}));
  const Response response = ask("PUT", subscriptions(channel, ""), body_of({queue(0), presence()}));
  EXPECT_EQ(response.status, 403U);
  EXPECT_EQ(json::parse(response.body).at("details").at(0).at("id"), presence());
  EXPECT_THAT(listed(channel), ElementsAre(queue(1)));
}

TEST_F(NotificationsApiTest, put_replaces_post_adds_and_delete_takes_all) {
  const json channel = create();
  ask("PUT", subscriptions(channel), body_of({queue(0)}));
  ask("POST", subscriptions(channel), body_of({queue(1), queue(0)}));
  EXPECT_THAT(listed(channel), ElementsAre(queue(0), queue(1)));
  ask("PUT", subscriptions(channel), body_of({queue(2)}));
  EXPECT_THAT(listed(channel), ElementsAre(queue(2)));
  EXPECT_EQ(ask("DELETE", subscriptions(channel, "")).status, 204U);
  EXPECT_THAT(listed(channel), ElementsAre());
}

TEST_F(NotificationsApiTest, too_many_topics_are_refused_and_change_nothing) {
  const json channel = create();
  ask("PUT", subscriptions(channel), body_of({queue(0), queue(1), queue(2)}));
  EXPECT_EQ(ask("POST", subscriptions(channel), body_of({queue(3)})).status, 400U);
  EXPECT_EQ(ask("PUT", subscriptions(channel), body_of({"a", "b", "c", "d"})).status, 400U);
  EXPECT_EQ(listed(channel).size(), 3U);
}

TEST_F(NotificationsApiTest, setting_topics_renews_the_channel) {
  const json channel = create();
  now += hours(23);
  ask("PUT", subscriptions(channel), body_of({queue(0)}));
  now += hours(23);
  EXPECT_EQ(ask("GET", subscriptions(channel, "")).status, 200U);
  now += hours(1);
  EXPECT_EQ(ask("PUT", subscriptions(channel), body_of({queue(0)})).status, 404U);
}

TEST_F(NotificationsApiTest, what_is_malformed_or_unknown_is_refused) {
  const json channel = create();
  EXPECT_EQ(ask("PUT", subscriptions(channel), "{}").status, 400U);
  EXPECT_EQ(ask("PUT", subscriptions(channel), R"([{"name":"x"}])").status, 400U);
  EXPECT_EQ(ask("PATCH", subscriptions(channel), "[]").status, 405U);
  EXPECT_EQ(ask("DELETE", kChannels).status, 405U);
  EXPECT_EQ(ask("GET", "/api/v2/nothing").status, 404U);
  EXPECT_EQ(ask("PUT", subscriptions({{"id", "nobody"}}), "[]").status, 404U);
}

TEST_F(NotificationsApiTest, too_many_requests_are_told_when_to_come_again) {
  EXPECT_FALSE(api.throttle(now));
  EXPECT_FALSE(api.throttle(now));
  const auto refused = api.throttle(now + seconds(20));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429U);
  EXPECT_EQ(json::parse(refused->body).at("code"), "too.many.requests.retry.after");
  EXPECT_THAT(refused->headers, testing::Contains(testing::Pair("Retry-After", "40")));
  Response response = *refused;
  api.add_headers(response);
  EXPECT_THAT(response.headers, testing::Contains(testing::Pair("inin-ratelimit-allowed", "2")));
  EXPECT_EQ(api.counters().throttled, 1U);
}

TEST_F(NotificationsApiTest, available_topics_name_their_permissions) {
  const json answer = json::parse(ask("GET", "/api/v2/notifications/availabletopics").body);
  EXPECT_EQ(answer.at("entities").at(0), (json{{"id", "v2.routing.queues.{id}.conversations"},
                                               {"requiresPermissions", {"routing:queue:view"}},
                                               {"transports", {"WebSocket"}}}));
}

TEST_F(NotificationsApiTest, directories_are_listed_in_pages) {
  const json page = json::parse(ask("GET", "/api/v2/users?pageSize=10&pageNumber=3").body);
  EXPECT_EQ(page.at("entities").size(), 4U);
  EXPECT_EQ(page.at("pageCount"), 3);
  EXPECT_EQ(json::parse(ask("GET", "/api/v2/routing/queues").body).at("total"), 8);
}

TEST_F(NotificationsApiTest, details_are_asked_for_over_what_happened) {
  board.happen(50, now);
  const Response response = ask("POST", "/api/v2/analytics/conversations/details/query",
                                R"({"interval":"2026-01-01T00:00:00Z/2026-01-02T00:00:00Z"})");
  EXPECT_GT(json::parse(response.body).at("totalHits"), 0);
  EXPECT_EQ(ask("POST", "/api/v2/analytics/conversations/details/query", "{}").status, 400U);
}

TEST_F(NotificationsApiTest, each_call_has_the_word_of_a_step) {
  const auto word = [](const char* method, const std::string& target) {
    return NotificationsApi::call_of({method, target, "", "", false}).value_or("none");
  };
  const std::string channel = std::string(kChannels) + "/x/subscriptions?ignoreErrors=true";
  EXPECT_EQ(word("POST", kChannels), "create");
  EXPECT_EQ(word("GET", kChannels), "list");
  EXPECT_EQ(word("PUT", channel), "subscribe");
  EXPECT_EQ(word("GET", channel), "topics");
  EXPECT_EQ(word("GET", "/api/v2/routing/queues?pageSize=1"), "queues");
  EXPECT_EQ(word("GET", "/api/v2/users"), "users");
  EXPECT_EQ(word("POST", "/api/v2/analytics/conversations/details/query"), "details");
  EXPECT_EQ(word("GET", "/"), "none");
}

}  // namespace
}  // namespace gcstream_sim
