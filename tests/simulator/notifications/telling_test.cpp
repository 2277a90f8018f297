#include "simulator/notifications/telling.hpp"

#include <gtest/gtest.h>

#include <set>

#include "simulator/notifications/call_centre.hpp"
#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr EventTime kNoon{seconds(1'767'268'800)};

std::vector<Notification> told(CallCentre& centre, int moves) {
  std::vector<Notification> all;
  for (int i = 0; i < moves; ++i) {
    for (Notification& one : centre.next(kNoon)) {
      all.push_back(std::move(one));
    }
  }
  return all;
}

TEST(Telling, every_topic_can_be_subscribed_to) {
  CallCentre centre(1, {}, kNoon);
  std::set<std::string_view> suffixes;
  for (const Notification& one : told(centre, 5000)) {
    const auto topic = read_topic(one.topic);
    ASSERT_TRUE(topic) << one.topic;
    EXPECT_EQ(one.detail, topic->form->kind == TopicKind::conversation);
    suffixes.insert(topic->form->suffix);
  }
  for (const char* suffix : {".conversations", ".users", ".routingStatus", ".acd.start",
                             ".user.start", ".customer.end", ".wrapup", ".attributes"}) {
    EXPECT_TRUE(suffixes.contains(suffix)) << suffix;
  }
}

TEST(Telling, no_two_events_of_a_topic_are_the_same_even_at_one_moment) {
  CallCentre centre(1, {}, kNoon);
  std::set<std::string> seen;
  for (const Notification& one : told(centre, 3000)) {
    EXPECT_TRUE(seen.insert(one.topic + one.body.dump()).second) << one.body.dump();
  }
}

TEST(Telling, a_frame_is_as_the_service_has_it) {
  const Notification notification{"v2.users.u.presence", "", {{"id", "u"}}, false};
  EXPECT_EQ(frame_text(notification, "c-1"),
            R"({"topicName":"v2.users.u.presence","version":"2","eventBody":{"id":"u"},)"
            R"("metadata":{"CorrelationId":"c-1"}})");
}

TEST(CallCentre, whatever_is_told_of_a_conversation_is_in_the_log) {
  CallCentre centre(2, {}, kNoon);
  std::set<std::string> told_of;
  for (const Notification& one : told(centre, 2000)) {
    if (!one.conversation.empty()) {
      told_of.insert(one.conversation + std::to_string(one.body.at("eventTime").get<long>()));
    }
  }
  std::set<std::string> logged;
  for (const ConversationRecord& record : centre.log().records()) {
    for (const Incident& incident : record.incidents) {
      logged.insert(record.id +
                    std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       incident.at.time_since_epoch())
                                       .count()));
    }
  }
  EXPECT_EQ(told_of, logged);
}

TEST(CallCentre, the_past_was_yesterday) {
  NotificationOptions options;
  options.past = 200;
  const CallCentre centre(1, options, kNoon);
  ASSERT_FALSE(centre.log().records().empty());
  const auto midnight = std::chrono::floor<std::chrono::days>(kNoon);
  for (const ConversationRecord& record : centre.log().records()) {
    EXPECT_LT(record.incidents.back().at, midnight);
    EXPECT_GE(record.start(), midnight - std::chrono::days(1));
  }
}

TEST(CallCentre, nothing_is_told_of_a_queue_that_was_removed) {
  CallCentre centre(1, {}, kNoon);
  const auto page = centre.directory().page(DirectoryKind::queues, 100, 1);
  for (const auto& entity : page.at("entities")) {
    centre.directory().remove(DirectoryKind::queues, entity.at("name").get<std::string>());
  }
  for (const Notification& one : told(centre, 500)) {
    EXPECT_NE(read_topic(one.topic)->form->kind, TopicKind::queue);
  }
}

}  // namespace
}  // namespace gcstream_sim
