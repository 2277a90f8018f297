#include "simulator/notifications/topic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gcstream_sim {
namespace {

using testing::ElementsAre;

TEST(Topic, is_read_with_its_id_and_form) {
  const auto queue = read_topic("v2.routing.queues.q-1.conversations");
  ASSERT_TRUE(queue);
  EXPECT_EQ(queue->id, "q-1");
  EXPECT_EQ(queue->form->kind, TopicKind::queue);
  const auto detail = read_topic("v2.detail.events.conversation.c-1.user.end");
  ASSERT_TRUE(detail);
  EXPECT_EQ(detail->form->suffix, ".user.end");
}

TEST(Topic, wildcards_and_unknown_words_are_none) {
  EXPECT_FALSE(read_topic("v2.routing.queues.*.conversations"));
  EXPECT_FALSE(read_topic("v2.routing.queues..conversations"));
  EXPECT_FALSE(read_topic("v2.users.u-1.dreams"));
  EXPECT_FALSE(read_topic("v2.system.socket_closing"));
}

TEST(Topic, a_combined_one_is_taken_apart) {
  EXPECT_THAT(single_topics("v2.users.u-1?presence&routingStatus"),
              ElementsAre("v2.users.u-1.presence", "v2.users.u-1.routingStatus"));
  EXPECT_THAT(single_topics("v2.users.u-1.presence"), ElementsAre("v2.users.u-1.presence"));
}

TEST(Topic, a_pattern_fits_any_text_at_its_stars) {
  EXPECT_TRUE(fits_pattern("v2.users.u-1.presence", "v2.users.*"));
  EXPECT_TRUE(fits_pattern("v2.users.u-1.presence", "*.u-1.*ce"));
  EXPECT_TRUE(fits_pattern("", "*"));
  EXPECT_FALSE(fits_pattern("v2.users.u-1.presence", "v2.users"));
  EXPECT_FALSE(fits_pattern("v2.users.u-1.presence", "*.activity"));
}

}  // namespace
}  // namespace gcstream_sim
