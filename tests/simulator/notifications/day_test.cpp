// A day of the daemon's decisions with the simulator's, on one fake clock: whatever the truth says
// has to be with the client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "simulator/notifications/day_client.hpp"

namespace gcstream_sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Le;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// What is asked for again an hour after the last gap is in it.
constexpr seconds kUntil = hours(26);
constexpr auto kReloads = std::to_array<seconds>({hours(2), hours(11), hours(21)});

class Day : public testing::Test {
 protected:
  struct Expected {
    seconds backfilled;
    seconds missing;
  };

  ~Day() override { std::filesystem::remove(plan.truth); }

  static NotificationOptions options() {
    NotificationOptions options;
    options.channel_life = hours(2);
    options.queues = 10;
    options.own_metadata = true;
    options.past = 800;
    options.rejected = {{"v2.users.*", {"directory:user:view"}}};
    options.details_delay = seconds(30);
    options.late_every = 2;
    options.late_by = minutes(20);
    return options;
  }
  static core::TopicRules rules(DayService& service) {
    const auto page = service.board().centre().directory().page(DirectoryKind::users, 1, 1);
    return {{}, {"*"}, {page.at("entities").at(0).at("name").get<std::string>()}};
  }

  void live() {
    DayClock clock;
    DayService service(clock, plan);
    DayClient client(clock, service, rules(service));
    for (; clock.now < kUntil; clock.now += seconds(1)) {
      if (std::find(kReloads.begin(), kReloads.end(), clock.now) != kReloads.end()) {
        client.reload();
      }
      client.live_on();
      service.live_on();
    }
    service.board().flush();
    record = client.record();
    requests = service.requests();
    counters = service.board().counters();
    account = settle(plan.truth, record);
    RecordProperty("live", static_cast<int>(account.live));
    RecordProperty("recovered", static_cast<int>(account.recovered));
    RecordProperty("lost", static_cast<int>(account.lost));
    RecordProperty("requests", static_cast<int>(requests.requests));
  }

  void expect_all_accounted_for() const {
    EXPECT_THAT(account.unaccounted, IsEmpty());
    EXPECT_THAT(account.not_once, IsEmpty());
    EXPECT_EQ(record.delivered.size(), account.live) << "and nothing else";
    EXPECT_EQ(record.strange, 0U);
    EXPECT_FALSE(record.ended);
    for (std::size_t i = 0; i < record.numbers.size(); ++i) {
      ASSERT_EQ(record.numbers[i], i + 1);
    }
  }
  void expect_planned_changes_without_a_gap() const {
    EXPECT_THAT(record.gap_causes,
                UnorderedElementsAre(Pair("stream_timeout", 2U), Pair("token_revoked", 1U)));
    EXPECT_THAT(record.reconnect_causes,
                IsSupersetOf({Pair("reload", 3U), Pair("topics", 2U), Pair("socket_closing", 2U),
                              Pair("token_revoked", 1U)}));
    EXPECT_GE(record.notes.at("channel_renewed"), 10U);
    EXPECT_GT(record.duplicates, 0U) << "while one channel replaced another";
    EXPECT_THAT(topics_heard_by(seconds(10)), SizeIs(10));
    EXPECT_THAT(topics_heard_by(hours(5) + seconds(310)), SizeIs(11)) << "a queue was added";
    EXPECT_THAT(record.rejected.front(), HasSubstr("directory:user:view"));
  }
  std::vector<std::string> topics_heard_by(seconds when) const {
    std::vector<std::string> topics;
    for (const auto& [topic, since] : record.heard_since) {
      if (since <= DayClock::wall(when)) {
        topics.push_back(topic);
      }
    }
    return topics;
  }
  void expect_requests_within_the_limit() const {
    EXPECT_GT(record.waits, 0U) << "it was tried";
    EXPECT_EQ(requests.throttled, 0U);
    EXPECT_LE(record.most_channels, 20U);
    EXPECT_EQ(counters.removed, 0U);
  }
  // What is noticed late, or mended only after a while, comes to more.
  void expect_coverage(std::size_t index, const Expected& expected) const {
    const auto begin = std::chrono::floor<std::chrono::microseconds>(DayClock::wall(seconds(0)));
    const core::DayCoverage day = record.coverage.days({begin, begin + kUntil}).at(index);
    EXPECT_THAT(day.backfilled, AllOf(Ge(expected.backfilled), Le(expected.backfilled * 9 / 8)));
    EXPECT_THAT(day.missing, AllOf(Ge(expected.missing), Le(expected.missing * 5 / 4)));
  }

  DayService::Plan plan{options(),
                        std::filesystem::temp_directory_path() /
                            ("day_test." + std::to_string(::getpid()) + ".ndjson"),
                        {{hours(5), "queue add Night desk"},
                         {hours(6), "notice socket_closing 60"},
                         {hours(9), "notice token_revoked"},
                         {hours(13), "queue remove Queue 0010"},
                         {hours(18), "notice socket_closing 60"}}};
  DayRecord record;
  DayAccount account;
  ApiCounters requests;
  SwitchboardCounters counters;
};

TEST_F(Day, each_event_is_delivered_once_live_or_recovered) {
  live();
  EXPECT_GT(account.live, 5'000U);
  EXPECT_GT(account.recovered, 100U);
  EXPECT_GT(account.late, 0U) << "rows change later";
  EXPECT_EQ(account.lost, 0U);
  expect_all_accounted_for();
  expect_planned_changes_without_a_gap();
  expect_requests_within_the_limit();

  EXPECT_TRUE(record.coverage.complete());
  expect_coverage(0, {minutes(12), seconds(0)});
  expect_coverage(1, {minutes(5), seconds(0)});
}

TEST_F(Day, what_cannot_be_filled_in_is_one_recorded_loss) {
  plan.details_until = hours(10);
  live();
  EXPECT_GT(account.lost, 100U);
  EXPECT_THAT(record.lost, ElementsAre(record.gaps.back()));
  expect_all_accounted_for();

  EXPECT_FALSE(record.coverage.complete());
  expect_coverage(0, {minutes(7), minutes(5)});
  expect_coverage(1, {seconds(0), minutes(5)});
}

}  // namespace
}  // namespace gcstream_sim
