#include <gmock/gmock.h>

#include "integration/notifications_test.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kDetails = "/api/v2/analytics/conversations/details/query";

/// Time without a channel, and what is asked about it.
class BackfillTest : public NotificationsTest {
 protected:
  BackfillTest() {
    stream()["backfill"] = {{"delays_s", {0}}, {"lookback_s", 0}, {"overlap_s", 0}};
  }
  /// A channel that is gone, and the next one.
  WebSocket begin_with_a_gap() {
    WebSocket old = begin("c-1-secret");
    old.send(notification(1));
    await_events(1);
    old.close(4000, "displaced");
    WebSocket socket = open_channel("c-2-secret");
    first("coverage_gap");
    return socket;
  }
  json serve_details(const json& answer) {
    const HttpRequest request = expect_call("POST", kDetails);
    request.reply(200, answer.dump());
    return json::parse(request.body);
  }
  static json conversation(std::string_view id) {
    return {{"conversationId", id}, {"participants", json::array()}};
  }
};

TEST_F(BackfillTest, what_was_missed_comes_as_recovered_records_with_the_next_numbers) {
  WebSocket socket = begin_with_a_gap();
  const json query =
      serve_details({{"conversations", {conversation("a"), conversation("b")}}, {"totalHits", 2}});
  EXPECT_EQ(query.at("paging").at("pageNumber"), 1);
  const json filled = fields_of(first("coverage_gap_filled"));
  EXPECT_EQ(filled.at("recovered"), 2);
  const json gap = first("coverage_gap");
  EXPECT_EQ(filled.at("from"), gap.at("from"));
  EXPECT_EQ(filled.at("to"), gap.at("to"));
  const Lines lines = await_events(3);
  const json record = json::parse(lines[1]);
  EXPECT_EQ(record.at("recovered"), true);
  EXPECT_EQ(record.at("conversation"), conversation("a"));
  EXPECT_EQ(record.at("window").at("from"), gap.at("from"));
  socket.send(notification(2));
  await_events(4);
  EXPECT_EQ(stop(socket), 0);
  EXPECT_THAT(numbers(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(records("event_received")[1].at("eventType"), "recovered");
}

TEST_F(BackfillTest, pages_are_read_to_the_last) {
  WebSocket socket = begin_with_a_gap();
  serve_details({{"conversations", {conversation("a")}}, {"totalHits", 2}});
  const json query = serve_details({{"conversations", {conversation("b")}}, {"totalHits", 2}});
  EXPECT_EQ(query.at("paging").at("pageNumber"), 2);
  EXPECT_EQ(first("coverage_gap_filled").at("recovered"), 2);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(BackfillTest, late_rows_are_asked_for_again_and_only_what_changed_is_delivered) {
  stream()["backfill"]["delays_s"] = {0, 1};
  WebSocket socket = begin_with_a_gap();
  serve_details({{"conversations", {conversation("a"), conversation("b")}}, {"totalHits", 2}});
  json late = conversation("b");
  late["wrapUpCode"] = "sold";
  serve_details({{"conversations", {conversation("a"), late}}, {"totalHits", 2}});
  const auto filled = await("coverage_gap_filled", 2);
  EXPECT_EQ(filled[1].at("recovered"), 1);
  EXPECT_EQ(json::parse(await_events(4)[3]).at("conversation"), late);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(BackfillTest, a_query_that_fails_is_asked_again) {
  WebSocket socket = begin_with_a_gap();
  expect_call("POST", kDetails).reply(503, "", {{"Retry-After", "1"}});
  first("backfill_failed");
  serve_details({{"conversations", {conversation("a")}}, {"totalHits", 1}});
  EXPECT_EQ(first("coverage_gap_filled").at("recovered"), 1);
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(BackfillTest, what_cannot_be_asked_for_is_lost) {
  WebSocket socket = begin_with_a_gap();
  expect_call("POST", kDetails).reply(400, R"({"code":"bad.request","message":"no"})");
  const json lost = fields_of(first("events_lost"));
  EXPECT_EQ(lost.at("count"), nullptr);
  EXPECT_EQ(lost.at("from"), first("coverage_gap").at("from"));
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(BackfillTest, without_a_backfill_the_window_is_lost) {
  stream()["backfill"]["enabled"] = false;
  WebSocket socket = begin_with_a_gap();
  EXPECT_EQ(first("events_lost").at("cause"), "backfill_off");
  EXPECT_EQ(stop(socket), 0);
}

TEST_F(BackfillTest, a_gap_survives_a_kill_and_is_filled_in_after_it) {
  WebSocket socket = begin_with_a_gap();
  const HttpRequest unanswered = expect_call("POST", kDetails);
  kill();
  unanswered.drop();
  run();
  std::optional<WebSocket> again;
  for (int asked = 0; !again || asked < 2;) {
    auto served = serve_any("c-3-secret");
    if (served.socket) {
      again = std::move(served.socket);
    }
    if (served.other) {
      ASSERT_EQ(served.other->path(), kDetails);
      served.other->reply(200,
                          json{{"conversations", {conversation("a")}}, {"totalHits", 1}}.dump());
      ++asked;
    }
  }
  const auto filled = await("coverage_gap_filled", 2);
  EXPECT_EQ(filled[0].at("from"), records("coverage_gap")[0].at("from"));
  EXPECT_EQ(filled[0].at("recovered").get<int>() + filled[1].at("recovered").get<int>(), 1);
  EXPECT_EQ(stop(*again), 0);
}

TEST_F(BackfillTest, verify_tells_each_day_s_coverage) {
  WebSocket socket = begin_with_a_gap();
  const auto verify = [&] { return run_gcstreamd(dir_.path(), {"verify", audit_path().string()}); };
  const HttpRequest request = expect_call("POST", kDetails);
  const Finished before = verify();
  EXPECT_EQ(before.exit_code, 1);
  EXPECT_THAT(before.out, HasSubstr("coverage"));
  EXPECT_THAT(before.out, HasSubstr("and time that is not filled in"));
  request.reply(200, R"({"conversations":[],"totalHits":0})");
  first("coverage_gap_filled");
  EXPECT_EQ(stop(socket), 0);
  const Finished after = verify();
  EXPECT_EQ(after.exit_code, 0) << after.out;
  EXPECT_THAT(after.out, HasSubstr("missing 0.00 %"));
}

}  // namespace
}  // namespace gcstreamd::testing
