#include <gmock/gmock.h>

#include <csignal>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// A channel's life.
class ChannelTest : public NotificationsTest {};

TEST_F(ChannelTest, events_pass_through_with_numbers_of_our_own) {
  WebSocket socket = begin();
  socket.send(kServiceHeartbeat);
  send_all(socket, notifications(1, 3));
  EXPECT_EQ(await_events(3), notifications(1, 3));
  await("event_received", 3);
  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3));
  EXPECT_EQ(first("event_received").at("eventType"), "conversations");
  EXPECT_EQ(stop(socket), 0);
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

TEST_F(ChannelTest, the_token_is_asked_for_as_the_service_wants_it) {
  run();
  const HttpRequest request = peer_.serve_token();
  EXPECT_EQ(request.header("authorization").substr(0, 6), "Basic ");
  EXPECT_EQ(request.form()["grant_type"], "client_credentials");
  EXPECT_EQ(request.form().count("scope"), 0U);
}

TEST_F(ChannelTest, a_rejected_topic_is_recorded_with_what_it_lacks) {
  stream()["topics"] = {kQueueTopic, kUserTopic};
  run();
  peer_.serve_token();
  serve_channel("c-1-secret");
  EXPECT_THAT(serve_topics("c-1-secret", {std::string(kUserTopic)}),
              ElementsAre(kQueueTopic, kUserTopic));
  WebSocket socket = open_socket("c-1-secret");
  const json rejected = fields_of(first("topic_rejected"));
  EXPECT_EQ(rejected.at("topic"), kUserTopic);
  EXPECT_EQ(rejected.at("missingPermissions"), json::array({"routing:queue:view"}));
  EXPECT_EQ(first("channel_opened").at("topics"), 1);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, what_comes_twice_is_delivered_once) {
  WebSocket socket = begin();
  send_all(socket, {notification(1), notification(1), notification(2), notification(1)});
  EXPECT_EQ(await_events(2), notifications(1, 2));
  EXPECT_EQ(stop(socket), 0);
  EXPECT_EQ(read_lines(events_path()), notifications(1, 2));
  EXPECT_EQ(first("duplicate_suppressed").at("count"), 2) << "one record a run";
}

TEST_F(ChannelTest, a_closing_notice_opens_the_next_channel_before_the_old_one_ends) {
  stream()["channels"]["overlap_ms"] = 1000;
  WebSocket old = begin();
  old.send(notification(1));
  await_events(1);
  old.send(system_notice("v2.system.socket_closing"));
  WebSocket socket = open_channel("channel-2-secret");
  old.send(notification(2));
  socket.send(notification(2));
  old.send(notification(3));
  socket.send(notification(4));
  EXPECT_EQ(old.expect_close().code, 1000);
  socket.send(notification(5));
  await_events(5);
  EXPECT_EQ(stop(socket), 0);
  const Lines lines = read_lines(events_path());
  EXPECT_THAT(lines, ::testing::UnorderedElementsAreArray(notifications(1, 5)));
  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_TRUE(records("coverage_gap").empty());
}

TEST_F(ChannelTest, a_channel_is_renewed_by_setting_its_topics_again) {
  stream()["channels"]["max_age_s"] = 2;
  WebSocket socket = begin();
  EXPECT_THAT(serve_topics("channel-1-secret"), ElementsAre(kQueueTopic));
  first("channel_renewed");
  socket.send(notification(1));
  await_events(1);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_channel_that_is_not_renewed_is_replaced_before_its_end) {
  stream()["channels"]["max_age_s"] = 2;
  WebSocket old = begin();
  expect_call("PUT", "/api/v2/notifications/channels/channel-1-secret/subscriptions")
      .reply(404, R"({"code":"not.found","message":"no such channel"})");
  WebSocket socket = open_channel("channel-2-secret");
  old.expect_close();
  socket.send(notification(1));
  await_events(1);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_revoked_token_is_fetched_anew_for_the_next_channel) {
  WebSocket old = begin();
  old.send(system_notice("v2.system.token_revoked.0a1b2c3d"));
  peer_.serve_token("token-2");
  const HttpRequest request = expect_call("POST", "/api/v2/notifications/channels");
  EXPECT_EQ(request.header("authorization"), "Bearer token-2");
  request.reply(200, json{{"id", "channel-2-secret"},
                          {"connectUri", "wss://" + host() + "/channels/channel-2-secret"}}
                         .dump());
  serve_topics("channel-2-secret");
  WebSocket socket = open_socket("channel-2-secret");
  old.expect_close();
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_channel_that_is_gone_is_replaced_and_its_time_is_a_gap) {
  WebSocket old = begin();
  old.send(notification(1));
  await_events(1);
  old.send(R"({"result":"404","message":"channel not found"})");
  old.expect_close();
  WebSocket socket = open_channel("channel-2-secret");
  const json gap = fields_of(first("coverage_gap"));
  EXPECT_EQ(gap.at("cause"), "stream_http_404");
  EXPECT_LT(gap.at("from"), gap.at("to"));
  socket.send(notification(2));
  EXPECT_EQ(await_events(2), notifications(1, 2));
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_broken_line_goes_back_to_the_same_channel) {
  WebSocket old = begin();
  old.drop();
  WebSocket socket = open_socket("channel-1-secret");
  socket.send(notification(1));
  await_events(1);
  first("coverage_gap");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_displaced_channel_is_left_to_the_other_one) {
  WebSocket old = begin();
  old.close(4000, "displaced");
  WebSocket socket = open_channel("channel-2-secret");
  EXPECT_EQ(first("coverage_gap").at("cause"), "close_4000");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, too_many_requests_are_waited_for_as_the_service_says) {
  run();
  peer_.serve_token();
  expect_call("POST", "/api/v2/notifications/channels")
      .reply(429, R"({"code":"too.many.requests.retry.after","message":"slow down"})",
             {{"Retry-After", "1"}});
  WebSocket socket = open_channel("c-secret");
  const json wait = fields_of(first("scheduling_reconnect"));
  EXPECT_EQ(wait.at("delayMs"), 1000);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_refused_token_is_discarded) {
  run();
  peer_.serve_token();
  expect_call("POST", "/api/v2/notifications/channels")
      .reply(401, R"({"code":"bad.credentials","message":"Invalid login credentials."})");
  peer_.serve_token("token-2");
  WebSocket socket = open_channel("c-secret");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, a_silent_socket_is_asked_and_then_given_up) {
  stream()["liveness"] = {{"idle_timeout_s", 1}};
  WebSocket old = begin();
  EXPECT_EQ(old.read_text(), R"({"message":"ping"})");
  old.send(R"({"topicName":"channel.metadata","eventBody":{"message":"pong"}})");
  EXPECT_EQ(old.read_text(), R"({"message":"ping"})");
  old.expect_end();
  WebSocket socket = open_socket("channel-1-secret");
  first("heartbeat_missed");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(ChannelTest, other_topics_are_set_on_a_new_channel_before_the_old_one_ends) {
  WebSocket old = begin();
  stream()["topics"] = {kQueueTopic, kUserTopic};
  reload();
  serve_channel("channel-2-secret");
  EXPECT_THAT(serve_topics("channel-2-secret"), ElementsAre(kQueueTopic, kUserTopic));
  WebSocket socket = open_socket("channel-2-secret");
  old.expect_close();
  socket.send(notification(1, kUserTopic));
  await_events(1);
  EXPECT_EQ(stop(socket), 0);
  EXPECT_TRUE(records("coverage_gap").empty());
}

TEST_F(ChannelTest, channel_ids_are_shown_nowhere) {
  WebSocket old = begin("c0ffee-channel-id");
  old.close(4000, "channel c0ffee-channel-id is displaced");
  WebSocket socket = open_channel("c0ffee-other-id");
  EXPECT_EQ(stop(socket), 0);
  for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
    if (entry.is_regular_file()) {
      EXPECT_THAT(read_file(entry.path()), Not(HasSubstr("c0ffee"))) << entry.path();
    }
  }
}

TEST_F(ChannelTest, a_stream_that_cannot_be_served_gives_up) {
  stream()["reconnect"]["max_attempts"] = 2;
  run();
  peer_.serve_token();
  for (int attempt = 0; attempt < 3; ++attempt) {
    expect_call("POST", "/api/v2/notifications/channels").reply(503, "");
  }
  EXPECT_EQ(daemon_->wait_exit(), 69);
  EXPECT_EQ(records("max_reconnect_attempts_reached").size(), 1U);
}

}  // namespace
}  // namespace gcstreamd::testing
