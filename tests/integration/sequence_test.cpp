#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

class SequenceTest : public StreamTest {
 protected:
  /// Brings a stream to a hole: 1 and 2 arrive, then 5 and 6.
  Session open_with_hole() {
    Session session = open();
    send_all(session, {event(1), event(2), event(5), event(6)});
    return session;
  }
  /// The same, up to the connection that resumes.
  Session resume_after_hole() {
    Session session = open_with_hole();
    session.socket.expect_close();
    return peer_.reopen_stream();
  }
  /// That the daemon still listens on this connection and has delivered exactly these.
  void expect_delivered(Session& session, Lines expected, std::uint64_t next) {
    session.socket.send(event(next));
    expected.push_back(event(next));
    EXPECT_EQ(await_events(expected.size()), expected);
  }
};

Lines joined(Lines head, const Lines& rest) {
  head.insert(head.end(), rest.begin(), rest.end());
  return head;
}

void expect_gap(json record, int expected, int received, int missing) {
  EXPECT_NE(record.at("hint").get<std::string>().find("buffer_size"), std::string::npos);
  record.erase("hint");
  EXPECT_EQ(fields_of(record),
            (json{{"expected", expected}, {"received", received}, {"missing", missing}}));
}

void expect_lost(const json& record, int from, int to, int count) {
  json fields = fields_of(record);
  EXPECT_FALSE(fields.at("cause").get<std::string>().empty());
  fields.erase("cause");
  EXPECT_EQ(fields, (json{{"from", from}, {"to", to}, {"count", count}}));
}

TEST_F(SequenceTest, events_in_order_are_delivered_and_audited) {
  Session session = open();
  send_all(session, events(1000, 1049));
  EXPECT_EQ(await_events(50), events(1000, 1049));
  const auto received = await("event_received", 50);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(received.at(i).at("sequenceNumber"), 1000 + i);
  }
  EXPECT_TRUE(records("sequence_gap_detected").empty());
}

TEST_F(SequenceTest, a_run_of_duplicates_is_one_record_and_delivered_once) {
  Session session = open();
  send_all(session, events(1, 4));
  send_all(session, events(2, 3));
  session.socket.send(event(5));
  EXPECT_EQ(await_events(5), events(1, 5));
  const auto suppressed = await("duplicate_suppressed");
  ASSERT_EQ(suppressed.size(), 1U);
  EXPECT_EQ(fields_of(suppressed[0]), (json{{"from", 2}, {"to", 3}, {"count", 2}}));
}

TEST_F(SequenceTest, an_overlap_after_a_reconnect_is_suppressed) {
  Session session = open();
  send_all(session, events(1, 3));
  await_events(3);
  session.socket.drop();
  session = peer_.reopen_stream();
  send_all(session, events(2, 5));
  EXPECT_EQ(await_events(5), events(1, 5));
  EXPECT_EQ(fields_of(first("duplicate_suppressed")), (json{{"from", 2}, {"to", 3}, {"count", 2}}));
}

TEST_F(SequenceTest, a_gap_is_audited_and_closed_with_1000) {
  Session session = open_with_hole();
  EXPECT_EQ(session.socket.expect_close().code, 1000);
  expect_gap(first("sequence_gap_detected"), 3, 5, 2);
  const json reconnect = first("scheduling_reconnect");
  EXPECT_EQ(reconnect.at("cause"), "gap");
  EXPECT_EQ(reconnect.at("delayMs"), 0);
}

TEST_F(SequenceTest, a_gap_resumes_from_the_last_contiguous_number) {
  const Session session = resume_after_hole();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 2);
  EXPECT_EQ(session.socket.request().query().at("access_token"), "token-1");
  EXPECT_EQ(read_lines(events_path()), events(1, 2));
}

TEST_F(SequenceTest, a_filled_gap_leaves_the_sinks_in_order) {
  Session session = resume_after_hole();
  send_all(session, events(3, 6));
  expect_delivered(session, events(1, 6), 7);
  EXPECT_EQ(fields_of(first("sequence_gap_filled")), (json{{"from", 3}, {"to", 4}}));
  EXPECT_TRUE(records("events_lost").empty());
}

TEST_F(SequenceTest, a_gap_that_the_resume_does_not_fill_is_lost_and_the_stream_goes_on) {
  Session session = resume_after_hole();
  send_all(session, events(5, 7));
  expect_delivered(session, joined(events(1, 2), events(5, 7)), 8);
  const auto lost = await("events_lost");
  ASSERT_EQ(lost.size(), 1U);
  expect_lost(lost[0], 3, 4, 2);
  EXPECT_TRUE(records("sequence_gap_filled").empty());
}

TEST_F(SequenceTest, of_a_gap_filled_in_part_the_rest_is_lost) {
  Session session = resume_after_hole();
  send_all(session, events(4, 6));
  expect_delivered(session, joined(events(1, 2), events(4, 6)), 7);
  const auto lost = await("events_lost");
  ASSERT_EQ(lost.size(), 1U);
  expect_lost(lost[0], 3, 3, 1);
}

TEST_F(SequenceTest, each_of_two_gaps_is_resumed) {
  Session session = resume_after_hole();
  send_all(session, joined(events(3, 6), {event(9)}));
  session.socket.expect_close();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 6);
  send_all(session, events(7, 9));
  expect_delivered(session, events(1, 9), 10);
  EXPECT_EQ(await("sequence_gap_filled", 2).size(), 2U);
}

TEST_F(SequenceTest, without_a_budget_a_gap_is_lost_at_once) {
  stream()["integrity"]["max_resumes_per_minute"] = 0;
  Session session = open_with_hole();
  expect_delivered(session, joined(events(1, 2), events(5, 6)), 7);
  expect_lost(first("events_lost"), 3, 4, 2);
  EXPECT_TRUE(records("scheduling_reconnect").empty());
}

TEST_F(SequenceTest, a_gap_beyond_the_budget_is_lost_at_once) {
  stream()["integrity"]["max_resumes_per_minute"] = 1;
  Session session = resume_after_hole();
  send_all(session, joined(events(3, 6), events(9, 10)));
  expect_delivered(session, joined(events(1, 6), events(9, 10)), 11);
  expect_lost(first("events_lost"), 7, 8, 2);
}

TEST_F(SequenceTest, on_gap_record_goes_on_without_a_resume) {
  stream()["integrity"]["on_gap"] = "record";
  Session session = open_with_hole();
  expect_delivered(session, joined(events(1, 2), events(5, 6)), 7);
  EXPECT_EQ(first("sequence_gap_detected").at("missing"), 2);
  expect_lost(first("events_lost"), 3, 4, 2);
  EXPECT_TRUE(records("scheduling_reconnect").empty());
}

TEST_F(SequenceTest, a_gap_under_the_threshold_is_lost_without_a_resume) {
  stream()["integrity"]["gap_threshold"] = 3;
  Session session = open_with_hole();
  expect_delivered(session, joined(events(1, 2), events(5, 6)), 7);
  expect_lost(first("events_lost"), 3, 4, 2);
  send_all(session, {event(11)});
  session.socket.expect_close();
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 7);
}

TEST_F(SequenceTest, a_gap_right_after_start_at_is_one) {
  stream()["start_at"] = 41;
  Session session = open();
  session.socket.send(event(44));
  session.socket.expect_close();
  expect_gap(first("sequence_gap_detected"), 42, 44, 2);
  EXPECT_EQ(peer_.reopen_stream().subscription.at("sequenceNumber"), 41);
}

TEST_F(SequenceTest, a_drop_in_the_middle_of_a_resume_resumes_again) {
  Session session = resume_after_hole();
  session.socket.send(event(3));
  await_events(3);
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.subscription.at("sequenceNumber"), 3);
  send_all(session, events(4, 6));
  expect_delivered(session, events(1, 6), 7);
  EXPECT_TRUE(records("events_lost").empty());
}

}  // namespace
}  // namespace gcstreamd::testing
