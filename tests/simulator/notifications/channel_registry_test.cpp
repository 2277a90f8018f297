#include "simulator/notifications/channel_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gcstream_sim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr ChannelTime kNoon{seconds(1'767'268'800)};

TEST(ChannelRegistry, one_too_many_removes_what_is_unconnected_and_unused_for_longest) {
  ChannelRegistry registry(3, seconds(100));
  registry.create("a", kNoon).channel.connected = true;
  registry.create("b", kNoon + seconds(1));
  registry.create("c", kNoon + seconds(2));
  registry.renew(*registry.find("b", kNoon), kNoon + seconds(3));
  const auto first = registry.create("d", kNoon + seconds(4));
  ASSERT_TRUE(first.removed);
  EXPECT_EQ(first.removed->id, "c");
  registry.find("b", kNoon)->connected = true;
  registry.find("d", kNoon)->connected = true;
  EXPECT_EQ(registry.create("e", kNoon + seconds(5)).removed->id, "a");
}

TEST(ChannelRegistry, a_channel_expires_unless_it_is_renewed) {
  ChannelRegistry registry(20, seconds(10));
  registry.create("a", kNoon);
  registry.create("b", kNoon);
  registry.renew(*registry.find("b", kNoon), kNoon + seconds(5));
  EXPECT_NE(registry.find("a", kNoon + seconds(9)), nullptr);
  EXPECT_EQ(registry.find("a", kNoon + seconds(10)), nullptr);
  const auto expired = registry.expire(kNoon + seconds(10));
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].id, "a");
  EXPECT_NE(registry.find("b", kNoon + seconds(10)), nullptr);
}

TEST(ChannelRegistry, topics_are_kept_once_and_listened_to_one_by_one) {
  ChannelRegistry registry(20, seconds(10));
  Channel& channel = registry.create("a", kNoon).channel;
  ChannelRegistry::set_topics(channel, {"x?b&c", "y.z", "x?b&c"});
  EXPECT_THAT(channel.topics, ElementsAre("x?b&c", "y.z"));
  EXPECT_THAT(channel.listened, ElementsAre("x.b", "x.c", "y.z"));
}

TEST(ChannelRegistry, a_removed_channel_is_handed_out) {
  ChannelRegistry registry(20, seconds(10));
  registry.create("a", kNoon);
  EXPECT_EQ(registry.remove("a")->number, 1U);
  EXPECT_FALSE(registry.remove("a"));
  EXPECT_EQ(registry.create("b", kNoon).channel.number, 2U);
}

}  // namespace
}  // namespace gcstream_sim
