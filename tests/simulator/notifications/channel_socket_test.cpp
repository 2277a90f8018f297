// The Notifications protocol from outside: over TLS, with a script that goes wrong.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "simulator/notifications/notification_server.hpp"
#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using testing::StartsWith;

TEST(ChannelSocket, a_channel_is_created_subscribed_and_heard) {
  NotificationServer server("");
  TestClient client = server.listen();
  const json event = next(client);
  EXPECT_THAT(event.at("topicName").get<std::string>(), StartsWith("v2.routing.queues."));
  EXPECT_TRUE(event.at("eventBody").contains("participants"));
  EXPECT_GT(event.at("eventBody").at("eventTime"), 0);
}

TEST(ChannelSocket, a_silent_one_answers_json_pings) {
  NotificationServer server("wait 60");
  TestClient client = server.listen();
  client.send_frame(Opcode::text, R"({"message":"ping"})");
  const json pong = next(client);
  EXPECT_EQ(pong.at("topicName"), "channel.metadata");
  EXPECT_EQ(pong.at("eventBody").at("message"), "pong");
}

TEST(ChannelSocket, rest_calls_need_a_token_and_the_socket_needs_none) {
  NotificationServer server("send 1\nexpire\nsend 1\nwait 60");
  const json channel = server.create();
  server.subscribe(channel);
  TestClient first = server.listen(channel);
  next(first);
  next(first);
  EXPECT_EQ(server.ask("POST", kChannels).status, 401U);
  TestClient second = server.listen(channel);
  EXPECT_EQ(close_code(first), 1000U);
}

TEST(ChannelSocket, an_unknown_channel_is_refused_as_configured) {
  NotificationOptions options;
  for (const auto& [gone, status] : {std::pair(GoneChannel::not_found, 404U),
                                     {GoneChannel::unauthorized, 401U},
                                     {GoneChannel::in_band, 101U}}) {
    options.gone = gone;
    NotificationServer server("", options);
    TestClient client = server.connect();
    const Answer answer = client.ask(
        "GET /channels/nobody HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_EQ(answer.status, status);
    if (status == 101U) {
      EXPECT_EQ(next(client).at("result"), "404");
    }
  }
}

TEST(ChannelSocket, a_second_socket_displaces_the_first) {
  NotificationServer server("send 1\nwait 60");
  const json channel = server.create();
  EXPECT_EQ(server.subscribe(channel).status, 200U);
  TestClient first = server.listen(channel);
  EXPECT_THAT(topic(first), StartsWith("v2.routing"));
  TestClient second = server.listen(channel);
  EXPECT_EQ(close_code(first), 1000U);
}

TEST(ChannelSocket, notices_come_unasked_and_do_what_they_say) {
  NotificationServer server("notice other\nnotice no_longer_subscribed\nnotice token_revoked");
  TestClient first = server.listen();
  EXPECT_THAT(topic(first), StartsWith("v2.system.other."));
  EXPECT_THAT(topic(first), StartsWith("v2.system.no_longer_subscribed."));
  TestClient second = server.listen();
  EXPECT_THAT(topic(second), StartsWith("v2.system.token_revoked."));
  EXPECT_EQ(server.ask("GET", kChannels).status, 401U);
}

TEST(ChannelSocket, events_go_on_between_the_notice_and_the_close) {
  NotificationServer server("notice socket_closing 0.2\nsend 1\nwait 60");
  TestClient client = server.listen();
  EXPECT_EQ(topic(client), "v2.system.socket_closing");
  EXPECT_THAT(topic(client), StartsWith("v2.routing"));
  EXPECT_EQ(close_code(client), 1001U);
}

TEST(ChannelSocket, events_go_wrong_as_the_script_says) {
  NotificationServer server(
      "send 2\nduplicate 1\nreorder 2\nbinary\nfragment 2\noversize 20000\nheartbeat\n"
      "error 500 broken\nbad json\nclose 1012");
  TestClient client = server.listen();
  next(client);
  const json second = next(client);
  EXPECT_EQ(next(client), second);
  const json later = next(client);
  EXPECT_GE(later.at("eventBody").at("eventTime"), next(client).at("eventBody").at("eventTime"));
  EXPECT_EQ(client.frame()->head.opcode, Opcode::binary);
  EXPECT_FALSE(client.frame()->head.last);
  EXPECT_EQ(client.frame()->head.opcode, Opcode::continuation);
  EXPECT_EQ(client.frame()->payload.size(), 20'000U);
  EXPECT_EQ(next(client).at("eventBody").at("message"), "WebSocket Heartbeat");
  EXPECT_EQ(next(client), (json{{"result", "500"}, {"message", "broken"}}));
  EXPECT_EQ(json::parse(client.frame()->payload, nullptr, false).is_discarded(), true);
  EXPECT_EQ(close_code(client), 1012U);
}

TEST(ChannelSocket, a_channel_expires_as_the_script_says) {
  NotificationServer server("channel expire in-band\nchannel expire\nchannel displace 4002");
  const json channel = server.create();
  server.subscribe(channel);
  TestClient in_band = server.listen(channel);
  EXPECT_EQ(next(in_band).at("result"), "404");
  EXPECT_EQ(server.subscribe(channel).status, 404U);
  TestClient closed = server.listen();
  EXPECT_EQ(close_code(closed), 1001U);
  TestClient displaced = server.listen();
  EXPECT_EQ(close_code(displaced), 4002U);
}

TEST(ChannelSocket, rest_calls_fail_as_the_script_says) {
  NotificationServer server("request create 429 retry-after 7\nrequest subscribe 404\nsend 1", {},
                            {"request details 503"});
  EXPECT_EQ(server.ask("GET", kChannels).status, 200U);
  const Answer refused = server.ask("POST", kChannels);
  EXPECT_EQ(refused.status, 429U);
  EXPECT_NE(refused.head.find("Retry-After: 7\r\n"), std::string::npos);
  const json channel = server.create();
  EXPECT_EQ(server.subscribe(channel).status, 404U);
  EXPECT_EQ(server.subscribe(channel).status, 200U);
  TestClient client = server.listen(channel);
  EXPECT_THAT(topic(client), StartsWith("v2.routing"));
  EXPECT_EQ(server.ask("POST", "/api/v2/analytics/conversations/details/query").status, 503U);
}

TEST(ChannelSocket, the_service_goes_down_and_what_happens_meanwhile_is_heard_by_nobody) {
  NotificationServer server("send 1\nservice down\nhappen 3\nservice up\nsend 1");
  const json channel = server.create();
  server.subscribe(channel);
  TestClient client = server.listen(channel);
  const json before = next(client);
  EXPECT_EQ(client.frame(), std::nullopt);
  EXPECT_NE(client.ending(), Ending::timeout);
  TestClient again = server.listen(channel);
  EXPECT_NE(next(again), before);
  EXPECT_GE(server.stop().notifications()->board.counters().unheard, 3U);
}

TEST(ChannelSocket, topics_and_queues_come_and_go_as_the_script_says) {
  NotificationServer server(
      "topic reject *.conversations see:it\nsend 1\ntopic permit *.conversations\n"
      "queue add North\nqueue remove Billing\nsend 1");
  const json channel = server.create();
  const json verdicts = json::parse(server.subscribe(channel).body).at("entities");
  EXPECT_EQ(verdicts.at(0).at("missingPermissions"), json::array({"see:it"}));
  const json users = json::parse(server.ask("GET", "/api/v2/users?pageSize=1").body);
  const std::string user = users.at("entities").at(0).at("id");
  TestClient client = server.listen(channel);
  const std::string page = server.ask("GET", "/api/v2/routing/queues?pageSize=100").body;
  EXPECT_NE(page.find("Billing"), std::string::npos);
  server.ask("PUT",
             fmt::format("{}/{}/subscriptions", kChannels, channel.at("id").get<std::string>()),
             json::array({{{"id", user_topic(user, "routingStatus")}}}).dump());
  EXPECT_THAT(topic(client), StartsWith("v2.users." + user));
  EXPECT_THAT(topic(client), StartsWith("v2.users." + user));
  const std::string after = server.ask("GET", "/api/v2/routing/queues?pageSize=100").body;
  EXPECT_NE(after.find("North"), std::string::npos);
  EXPECT_EQ(after.find("Billing"), std::string::npos);
}

TEST(ChannelSocket, a_socket_is_told_to_go_when_its_life_is_over) {
  NotificationOptions options;
  options.socket_life = milliseconds(1);
  options.closing_notice = milliseconds(1);
  NotificationServer server("wait 60", options);
  TestClient client = server.listen();
  EXPECT_EQ(topic(client), "v2.system.socket_closing");
  EXPECT_EQ(close_code(client), 1001U);
}

TEST(ChannelSocket, too_many_calls_are_refused_until_the_window_is_over) {
  NotificationOptions options;
  options.requests = 2;
  NotificationServer server("wait 60", options);
  EXPECT_EQ(server.ask("GET", kChannels).status, 200U);
  EXPECT_EQ(server.ask("GET", kChannels).status, 200U);
  const Answer refused = server.ask("GET", kChannels);
  EXPECT_EQ(refused.status, 429U);
  EXPECT_NE(refused.head.find("Retry-After: "), std::string::npos);
  EXPECT_NE(refused.head.find("ININ-Correlation-Id: "), std::string::npos);
  EXPECT_EQ(server.stop().notifications()->api.counters().throttled, 1U);
}

}  // namespace
}  // namespace gcstream_sim
