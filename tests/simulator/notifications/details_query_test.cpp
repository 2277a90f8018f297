#include "simulator/notifications/details_query.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr EventTime kMidnight{seconds(1'767'312'000)};  // 2026-01-02

class DetailsQueryTest : public testing::Test {
 protected:
  // A conversation that lasts from `start` to `end`.
  void add(const std::string& id, EventTime start, EventTime end) {
    ConversationRecord which;
    which.id = id;
    which.media = "voice";
    which.direction = "inbound";
    log.note(which, {start, "customer.start", "p-1", "customer", "", "q-1", "", false});
    log.note(which, {end, "wrapup", "p-2", "agent", "u-2", "q-1", "Resolved", true});
  }
  json ask(EventTime from, EventTime to, EventTime now, std::size_t size = 100,
           std::size_t page = 1) {
    return json::parse(
        answer_details_query({from, to, size, page, false}, log, options, now).dump());
  }
  std::vector<std::string> ids(const json& answer) {
    std::vector<std::string> found;
    for (const json& row : answer.value("conversations", json::array())) {
      found.push_back(row.at("conversationId"));
    }
    return found;
  }
  using Ids = std::vector<std::string>;

  NotificationOptions options;
  ConversationLog log{100};
  EventTime late = kMidnight + hours(48);
};

TEST_F(DetailsQueryTest, finds_only_what_began_on_a_utc_day_that_it_touches) {
  add("yesterday", kMidnight - hours(1), kMidnight + hours(2));
  add("today", kMidnight + hours(1), kMidnight + hours(2));
  const EventTime from = kMidnight + seconds(1);
  EXPECT_EQ(ids(ask(from, kMidnight + hours(3), late)), Ids{"today"});
  EXPECT_EQ(ids(ask(kMidnight - milliseconds(1), kMidnight + hours(3), late)),
            (Ids{"yesterday", "today"}));
}

TEST_F(DetailsQueryTest, finds_only_what_was_under_way_within_it) {
  add("before", kMidnight + hours(1), kMidnight + hours(2));
  add("behind", kMidnight + hours(5), kMidnight + hours(6));
  add("over", kMidnight + hours(2), kMidnight + hours(5));
  EXPECT_EQ(ids(ask(kMidnight + hours(3), kMidnight + hours(4), late)), Ids{"over"});
}

TEST_F(DetailsQueryTest, pages_count_all_rows) {
  for (int i = 0; i < 5; ++i) {
    add(std::to_string(i), kMidnight + hours(i), kMidnight + hours(i + 1));
  }
  const EventTime end = kMidnight + hours(20);
  EXPECT_EQ(ids(ask(kMidnight, end, late, 2, 1)), (Ids{"0", "1"}));
  EXPECT_EQ(ids(ask(kMidnight, end, late, 2, 3)), Ids{"4"});
  const json beyond = ask(kMidnight, end, late, 2, 4);
  EXPECT_FALSE(beyond.contains("conversations"));
  EXPECT_EQ(beyond.at("totalHits"), 5);
}

TEST_F(DetailsQueryTest, knows_what_happened_only_later) {
  options.details_delay = seconds(30);
  options.late_every = 2;
  options.late_by = seconds(600);
  add("1", kMidnight, kMidnight + seconds(10));
  add("2", kMidnight, kMidnight + seconds(10));
  const EventTime end = kMidnight + hours(1);
  EXPECT_EQ(ids(ask(kMidnight, end, kMidnight + seconds(29))), Ids{});
  const json soon = ask(kMidnight, end, kMidnight + seconds(40));
  EXPECT_TRUE(soon.at("conversations").at(0).contains("conversationEnd"));
  EXPECT_FALSE(soon.at("conversations").at(1).contains("conversationEnd"));
  const json later = ask(kMidnight, end, kMidnight + seconds(640));
  EXPECT_TRUE(later.at("conversations").at(1).contains("conversationEnd"));
}

TEST_F(DetailsQueryTest, a_row_has_every_incident_with_its_time) {
  add("1", kMidnight, kMidnight + seconds(10));
  const json row = ask(kMidnight, kMidnight + hours(1), late).at("conversations").at(0);
  EXPECT_EQ(row.at("conversationStart"), "2026-01-02T00:00:00.000Z");
  EXPECT_EQ(row.at("conversationEnd"), "2026-01-02T00:00:10.000Z");
  const json agent = row.at("participants").at(1);
  EXPECT_EQ(agent.at("userId"), "u-2");
  const json segment = agent.at("sessions").at(0).at("segments").at(0);
  EXPECT_EQ(segment.at("segmentStart"), "2026-01-02T00:00:10.000Z");
  EXPECT_EQ(segment.at("wrapUpCode"), "Resolved");
}

TEST_F(DetailsQueryTest, the_oldest_conversations_are_forgotten) {
  log = ConversationLog(2);
  for (int i = 0; i < 3; ++i) {
    add(std::to_string(i), kMidnight + hours(i), kMidnight + hours(i + 1));
  }
  EXPECT_EQ(ids(ask(kMidnight, kMidnight + hours(20), late)), (Ids{"1", "2"}));
}

TEST(DetailsQuery, is_read_with_its_paging) {
  const auto outcome = read_details_query(
      R"({"interval":"2026-01-01T00:00:00.000Z/2026-01-02T00:00Z","order":"desc",
          "paging":{"pageSize":50,"pageNumber":3}})");
  ASSERT_TRUE(std::holds_alternative<DetailsQuery>(outcome));
  const DetailsQuery query = std::get<DetailsQuery>(outcome);
  EXPECT_EQ(query.from, kMidnight - hours(24));
  EXPECT_EQ(query.to, kMidnight);
  EXPECT_EQ(query.page_size, 50U);
  EXPECT_EQ(query.page, 3U);
  EXPECT_TRUE(query.descending);
}

TEST(DetailsQuery, what_is_wrong_is_told) {
  const auto refused = [](const char* body) {
    return std::holds_alternative<std::string>(read_details_query(body));
  };
  EXPECT_TRUE(refused("[]"));
  EXPECT_TRUE(refused(R"({"interval":"yesterday"})"));
  EXPECT_TRUE(refused(R"({"interval":"2026-01-02T00:00:00Z/2026-01-01T00:00:00Z"})"));
  EXPECT_TRUE(refused(R"({"interval":"2026-01-01T00:00:00Z/2026-02-02T00:00:00Z"})"));
  EXPECT_TRUE(refused(
      R"({"interval":"2026-01-01T00:00:00Z/2026-01-02T00:00:00Z","paging":{"pageSize":101}})"));
}

}  // namespace
}  // namespace gcstream_sim
