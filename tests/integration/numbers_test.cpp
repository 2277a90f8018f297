#include <csignal>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

std::string heartbeat(std::uint64_t number) {
  return R"({"type":"heartbeat","sequenceNumber":)" + std::to_string(number) + "}";
}

/// The event of a number as a server that began anew tells it: another content, a later time.
std::string later_event(std::uint64_t number) {
  return R"({"eventType":"interaction:conversation","sequenceNumber":)" + std::to_string(number) +
         R"(,"timestamp":"2030-01-01T00:00:0)" + std::to_string(number % 10) + R"(Z"})";
}

class NumbersTest : public StreamTest {
 protected:
  Session open_with(std::uint64_t count) {
    Session session = open();
    send_all(session, events(1, count));
    await_events(count);
    return session;
  }
};

TEST_F(NumbersTest, a_lost_tail_is_told_by_a_heartbeat_and_fetched_again) {
  Session session = open_with(3);
  session.socket.send(heartbeat(5));
  EXPECT_EQ(session.socket.expect_close().code, 1000);
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  send_all(session, events(4, 6));
  EXPECT_EQ(await_events(6), events(1, 6));
  EXPECT_EQ(fields_of(first("sequence_gap_filled")), (json{{"from", 4}, {"to", 5}}));
  const json reconnect = first("scheduling_reconnect");
  EXPECT_EQ(reconnect.at("cause"), "gap");
  EXPECT_EQ(reconnect.at("delayMs"), 0);
}

TEST_F(NumbersTest, a_tail_that_never_comes_is_lost_and_the_stream_goes_on) {
  Session session = open_with(3);
  session.socket.send(heartbeat(5));
  session.socket.expect_close();
  session = peer_.reopen_stream();
  send_all(session, {heartbeat(5), event(6)});
  EXPECT_EQ(await_events(4).back(), event(6));
  EXPECT_EQ(fields_of(first("events_lost")),
            (json{{"from", 4}, {"to", 5}, {"count", 2}, {"cause", "not_filled"}}));
}

TEST_F(NumbersTest, a_heartbeat_ahead_of_its_events_is_no_loss_when_the_budget_is_used_up) {
  stream()["integrity"]["max_resumes_per_minute"] = 0;
  Session session = open_with(3);
  send_all(session, {heartbeat(5), event(4), event(5), heartbeat(7), event(6), event(7)});
  EXPECT_EQ(await_events(7), events(1, 7));
  EXPECT_EQ(stop(session), 0);
  EXPECT_TRUE(records("events_lost").empty());
  EXPECT_TRUE(records("sequence_reset").empty());
}

TEST_F(NumbersTest, a_heartbeat_at_or_under_the_position_says_nothing) {
  Session session = open_with(3);
  send_all(session, {heartbeat(3), heartbeat(1), event(4)});
  EXPECT_EQ(await_events(4), events(1, 4));
  EXPECT_TRUE(records("sequence_gap_detected").empty());
}

TEST_F(NumbersTest, a_resume_that_starts_at_1_is_suppressed_up_to_the_position) {
  Session session = open_with(20);
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 20);
  send_all(session, events(1, 25));
  EXPECT_EQ(await_events(25), events(1, 25));
  EXPECT_EQ(fields_of(first("duplicate_suppressed")),
            (json{{"from", 1}, {"to", 20}, {"count", 20}}));
  EXPECT_TRUE(records("sequence_reset").empty());
}

TEST_F(NumbersTest, a_resume_that_starts_at_the_tip_is_a_gap_and_then_a_loss) {
  Session session = open_with(3);
  session.socket.drop();
  for (int i = 0; i < 2; ++i) {
    session = peer_.reopen_stream();
    EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
    session.socket.send(event(10));
    if (i == 0)
      session.socket.expect_close();
  }
  session.socket.send(event(11));
  EXPECT_EQ(await_events(5), (Lines{event(1), event(2), event(3), event(10), event(11)}));
  EXPECT_EQ(fields_of(first("events_lost")),
            (json{{"from", 4}, {"to", 9}, {"count", 6}, {"cause", "not_filled"}}));
}

TEST_F(NumbersTest, events_out_of_order_are_fetched_again_in_order) {
  Session session = open_with(2);
  send_all(session, {event(4), event(3), event(5)});
  session.socket.expect_close();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 2);
  send_all(session, events(3, 5));
  EXPECT_EQ(await_events(5), events(1, 5));
  EXPECT_TRUE(records("events_lost").empty());
}

TEST_F(NumbersTest, numbers_that_start_over_begin_a_new_epoch_also_after_a_restart) {
  Session session = open_with(7);
  EXPECT_EQ(stop(session), 0);
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 7);
  send_all(session, {later_event(1), later_event(2)});
  EXPECT_EQ(await_events(9).back(), later_event(2));
  EXPECT_EQ(fields_of(first("sequence_reset")),
            (json{{"previous", 7}, {"received", 1}, {"cause", "numbers_began_anew"}}));
  EXPECT_EQ(stop(session), 0);
  EXPECT_EQ(open().subscription.at("sequenceNumber"), 2);
}

TEST_F(NumbersTest, the_same_number_with_the_same_content_is_a_duplicate_and_with_another_a_reset) {
  Session session = open_with(3);
  send_all(session, {event(2), later_event(2), later_event(3)});
  EXPECT_EQ(await_events(5).back(), later_event(3));
  EXPECT_EQ(fields_of(first("duplicate_suppressed")).at("count"), 1);
  EXPECT_EQ(fields_of(first("sequence_reset")).at("received"), 2);
}

TEST_F(NumbersTest, other_event_types_after_a_restart_begin_a_new_epoch) {
  Session session = open_with(7);
  EXPECT_EQ(stop(session), 0);
  stream()["event_types"] = {"interaction:conversation"};
  session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 7);
  send_all(session, {event(8), event(9)});
  EXPECT_EQ(await_events(9), events(1, 9));
  EXPECT_EQ(fields_of(first("sequence_reset")),
            (json{{"previous", 7}, {"received", 8}, {"cause", "event_types_changed"}}));
  EXPECT_EQ(stop(session), 0);
  session = open();
  session.socket.send(event(10));
  await_events(10);
  EXPECT_EQ(records("sequence_reset").size(), 1U);
}

TEST_F(NumbersTest, the_order_of_event_types_means_nothing) {
  Session session = open_with(2);
  EXPECT_EQ(stop(session), 0);
  stream()["event_types"] = {"routing:queue:member", "interaction:conversation"};
  session = open();
  session.socket.send(event(3));
  await_events(3);
  EXPECT_TRUE(records("sequence_reset").empty());
}

TEST_F(NumbersTest, start_at_a_number_resumes_after_it_and_sees_the_first_gap) {
  stream()["start_at"] = 0;
  Session session = open();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 0);
  session.socket.send(event(3));
  session.socket.expect_close();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 0);
  send_all(session, events(1, 3));
  EXPECT_EQ(await_events(3), events(1, 3));
}

TEST_F(NumbersTest, the_resume_budget_limits_resumes_and_what_it_cannot_fetch_is_lost) {
  stream()["integrity"]["max_resumes_per_minute"] = 1;
  Session session = open_with(1);
  session.socket.send(event(3));
  session.socket.expect_close();
  session = peer_.reopen_stream();
  send_all(session, {event(2), event(3), event(5), event(6)});
  EXPECT_EQ(await_events(5).back(), event(6));
  EXPECT_EQ(fields_of(first("events_lost")),
            (json{{"from", 4}, {"to", 4}, {"count", 1}, {"cause", "resume_budget"}}));
}

}  // namespace
}  // namespace gcstreamd::testing
