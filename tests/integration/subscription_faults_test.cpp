#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

class SubscriptionFaultsTest : public StreamTest {
 protected:
  /// A stream that delivered 1 to `count` and whose connection then broke.
  void deliver_then_break(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    session.socket.drop();
  }
  /// `times` connections that ask for what follows `position` are closed at once.
  void close_at_once(int times, std::uint16_t code, std::uint64_t position) {
    for (int i = 0; i < times; ++i) {
      Session session = peer_.reopen_stream();
      EXPECT_EQ(session.subscription.at("sequenceNumber"), position);
      session.socket.close(code, "");
    }
  }
  std::string hint_of_refusal() const {
    return first("subscription_refused").at("hint").get<std::string>();
  }
};

struct RefusalCase {
  std::string name;
  std::string message;
  int status;
};

class InBandRefusal : public SubscriptionFaultsTest,
                      public ::testing::WithParamInterface<RefusalCase> {};

TEST_P(InBandRefusal, is_recorded_with_a_hint_and_tried_again) {
  Session session = open();
  session.socket.send(GetParam().message);
  EXPECT_EQ(session.socket.expect_close().code, 1000);
  session = GetParam().status == 401 ? peer_.open_stream("token-2") : peer_.reopen_stream();
  session.socket.send(event(1));
  EXPECT_EQ(await_events(1), events(1, 1));
  const json refused = first("subscription_refused");
  EXPECT_NE(refused.at("error").get<std::string>().find(std::to_string(GetParam().status)),
            std::string::npos);
  EXPECT_FALSE(refused.at("hint").get<std::string>().empty());
  EXPECT_EQ(first("scheduling_reconnect").at("cause"),
            "subscribe_http_" + std::to_string(GetParam().status));
  EXPECT_EQ(first("scheduling_reconnect").at("attempt"), 1);
  EXPECT_TRUE(records("invalid_event").empty());
}

INSTANTIATE_TEST_SUITE_P(
    Messages, InBandRefusal,
    ::testing::Values(
        RefusalCase{"forbidden", R"({"type":"error","status":403,"message":"no entitlement"})",
                    403},
        RefusalCase{"unauthorized", R"({"type":"error","code":401,"message":"expired"})", 401},
        RefusalCase{"rate", R"({"error":{"status":429,"message":"slow down"}})", 429},
        RefusalCase{"genesys", R"({"message":"m","code":"missing.permissions","status":403})",
                    403}),
    [](const auto& tested) { return tested.param.name; });

class CloseRefusal : public SubscriptionFaultsTest,
                     public ::testing::WithParamInterface<std::pair<int, const char*>> {};

TEST_P(CloseRefusal, right_after_the_subscription_is_recorded_as_one) {
  Session session = open();
  session.socket.close(static_cast<std::uint16_t>(GetParam().first), GetParam().second);
  session = peer_.reopen_stream();
  EXPECT_NE(hint_of_refusal().find("analytics:events:read"), std::string::npos);
  const json closed = first("connection_closed");
  EXPECT_EQ(closed.at("code"), GetParam().first);
  EXPECT_EQ(closed.at("initiator"), "server");
}

INSTANTIATE_TEST_SUITE_P(Codes, CloseRefusal,
                         ::testing::Values(std::pair{4403, ""}, std::pair{1008, "no entitlement"},
                                           std::pair{1000, "403 Forbidden"}),
                         [](const auto& tested) { return std::to_string(tested.param.first); });

TEST_F(SubscriptionFaultsTest, a_policy_close_after_events_is_an_ordinary_close) {
  Session session = open();
  session.socket.send(event(1));
  await_events(1);
  session.socket.close(1008, "enough");
  session = peer_.reopen_stream();
  EXPECT_TRUE(records("subscription_refused").empty());
}

TEST_F(SubscriptionFaultsTest, what_the_server_says_is_clipped_and_holds_no_secret) {
  Session session = open("secret-token-of-this-stream");
  session.socket.send(
      R"({"type":"error","status":403,"message":"bad secret-token-of-this-stream )" +
      std::string(2000, 'x') + R"("})");
  session.socket.expect_close();
  const std::string error = first("subscription_refused").at("error");
  EXPECT_EQ(error.find("secret-token"), std::string::npos);
  EXPECT_LE(error.size(), 500U);
}

TEST_F(SubscriptionFaultsTest, a_stale_position_stops_the_stream_with_a_record) {
  stream()["reconnect"]["max_attempts"] = 0;
  deliver_then_break(3);
  close_at_once(3, 1000, 3);
  EXPECT_EQ(daemon_->wait_exit(), 69);
  const auto refused = records("subscription_refused");
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_NE(refused[0].at("error").get<std::string>().find("follows 3"), std::string::npos);
  EXPECT_NE(hint_of_refusal().find("position tip"), std::string::npos) << hint_of_refusal();
  EXPECT_TRUE(records("events_lost").empty());
}

TEST_F(SubscriptionFaultsTest, a_stale_position_may_be_given_up_for_the_tip) {
  stream()["integrity"]["on_stale_position"] = "restart_at_tip";
  deliver_then_break(3);
  close_at_once(3, 4000, 3);
  Session session = peer_.reopen_stream();
  EXPECT_FALSE(session.subscription.contains("sequenceNumber"));
  send_all(session, {event(70), event(71)});
  await_events(5);
  const json lost = fields_of(first("events_lost"));
  EXPECT_EQ(lost,
            (json{{"from", 4}, {"to", nullptr}, {"count", nullptr}, {"cause", "stale_position"}}));
  const auto reconnects = records("scheduling_reconnect");
  EXPECT_EQ(reconnects.back().at("cause"), "stale_position");
  EXPECT_EQ(reconnects.back().at("delayMs"), 0);
  EXPECT_TRUE(records("sequence_gap_detected").empty());
  session.socket.drop();
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 71);
}

TEST_F(SubscriptionFaultsTest, a_stale_position_is_found_also_where_the_server_leaves_tcp_open) {
  deliver_then_break(3);
  for (int i = 0; i < 3; ++i)
    peer_.reopen_stream().socket.close_and_hold(1000, "too old");
  EXPECT_EQ(daemon_->wait_exit(), 69);
  EXPECT_EQ(records("subscription_refused").size(), 1U);
}

TEST_F(SubscriptionFaultsTest, a_position_refused_in_band_is_stale_in_the_end) {
  deliver_then_break(3);
  for (int i = 0; i < 3; ++i) {
    Session session = peer_.reopen_stream();
    session.socket.send(R"({"type":"error","status":410,"message":"sequence is gone"})");
    session.socket.expect_close();
  }
  EXPECT_EQ(daemon_->wait_exit(), 69);
  const auto closed = records("connection_closed");
  ASSERT_EQ(closed.size(), 4U);  // the broken one, and each that was refused
  EXPECT_EQ(closed.back().at("reason"), "The position was refused");
  EXPECT_EQ(closed.back().at("initiator"), "client");
}

TEST_F(SubscriptionFaultsTest, an_outage_told_in_band_costs_neither_the_stream_nor_its_position) {
  stream()["integrity"]["on_stale_position"] = "restart_at_tip";
  deliver_then_break(3);
  for (int i = 0; i < 4; ++i) {
    Session session = peer_.reopen_stream();
    session.socket.send(R"({"type":"error","status":503,"message":"unavailable"})");
    session.socket.expect_close();
  }
  Session session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  session.socket.send(event(4));
  EXPECT_EQ(await_events(4), events(1, 4));
  EXPECT_TRUE(records("events_lost").empty());
}

TEST_F(SubscriptionFaultsTest, a_position_like_a_status_in_the_servers_words_is_stale_in_the_end) {
  stream()["start_at"] = 403;
  run();
  peer_.serve_token();
  for (int i = 0; i < 3; ++i)
    peer_.reopen_stream().socket.close(1008, "sequenceNumber 403 is too old");
  EXPECT_EQ(daemon_->wait_exit(), 69);
  EXPECT_NE(hint_of_refusal().find("position tip"), std::string::npos) << hint_of_refusal();
}

TEST_F(SubscriptionFaultsTest, a_position_that_is_ignored_for_ever_is_stale) {
  deliver_then_break(30);
  for (int i = 0; i < 3; ++i) {
    Session session = peer_.reopen_stream();
    send_all(session, events(1, 5));
    session.socket.drop();
  }
  EXPECT_EQ(daemon_->wait_exit(), 69);
  EXPECT_EQ(read_lines(events_path()), events(1, 30));
}

TEST_F(SubscriptionFaultsTest, a_server_that_goes_away_again_and_again_refuses_no_position) {
  deliver_then_break(3);
  close_at_once(5, 1012, 3);
  Session session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  session.socket.send(event(4));
  EXPECT_EQ(await_events(4), events(1, 4));
}

struct PoisonCase {
  std::string name;
  std::string frame;
  int code;
};

class Poison : public SubscriptionFaultsTest, public ::testing::WithParamInterface<PoisonCase> {};

TEST_P(Poison, that_ends_the_connection_twice_at_one_position_is_lost_by_its_number) {
  stream()["limits"]["max_frame_bytes"] = 4096;
  Session session = open();
  send_all(session, events(1, 2));
  await_events(2);
  for (int i = 0; i < 2; ++i) {
    session.socket.send(GetParam().frame);
    EXPECT_EQ(session.socket.expect_close().code, GetParam().code);
    session = peer_.reopen_stream();
    EXPECT_EQ(session.subscription.at("sequenceNumber"), 2 + i);
  }
  session.socket.send(event(4));
  EXPECT_EQ(await_events(3), (Lines{event(1), event(2), event(4)}));
  EXPECT_EQ(fields_of(first("events_lost")),
            (json{{"from", 3}, {"to", 3}, {"count", 1}, {"cause", "poison"}}));
  const auto reconnects = records("scheduling_reconnect");
  ASSERT_EQ(reconnects.size(), 2U);
  EXPECT_EQ(reconnects[0].at("attempt"), 1);
  EXPECT_EQ(reconnects[1].at("cause"), "poison");
  EXPECT_EQ(reconnects[1].at("delayMs"), 0);
  EXPECT_TRUE(records("sequence_gap_detected").empty());
  EXPECT_EQ(fault_in_chain(read_lines(audit_path())), "");
}

INSTANTIATE_TEST_SUITE_P(Frames, Poison,
                         ::testing::Values(PoisonCase{"too_large", event(3, 5000), 1009},
                                           PoisonCase{"bad_utf8", "{\"eventType\":\"\xff\"}",
                                                      1007}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(SubscriptionFaultsTest, poison_at_different_positions_is_none) {
  stream()["limits"]["max_frame_bytes"] = 4096;
  Session session = open();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    session.socket.send(event(number));
    await_events(number);
    session.socket.send(event(number + 1, 5000));
    session.socket.expect_close();
    session = peer_.reopen_stream();
    EXPECT_EQ(session.subscription.at("sequenceNumber"), number);
  }
  EXPECT_TRUE(records("events_lost").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
