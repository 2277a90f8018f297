#include "gcstreamd/core/topic_plan.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string id(int n) {
  return fmt::format("{:08x}-0000-4000-8000-000000000000", n);
}
std::string queue_topic(int n) {
  return fmt::format("v2.routing.queues.{}.conversations", id(n));
}

std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> topics;
  for (int n = from; n < to; ++n)
    topics.push_back(queue_topic(n));
  return topics;
}

TEST(NamePattern, StarsAndQuestionMarks) {
  EXPECT_TRUE(fits("Sales DE", "*"));
  EXPECT_TRUE(fits("Sales DE", "sales *"));
  EXPECT_TRUE(fits("Sales DE", "*d?"));
  EXPECT_TRUE(fits("Sales DE", "S*e*D*"));
  EXPECT_TRUE(fits("", "*"));
  EXPECT_TRUE(fits("", ""));
  EXPECT_FALSE(fits("Sales DE", "Sales"));
  EXPECT_FALSE(fits("Sales DE", "sales ?"));
  EXPECT_FALSE(fits("", "?"));
  EXPECT_FALSE(fits("Sales", ""));
  EXPECT_FALSE(fits(std::string(5000, 'a'), "*a*a*a*a*b"));
}

TEST(TopicRulesTest, IdsNeedNoDirectory) {
  TopicRules rules;
  rules.queues = {id(1)};
  rules.users = {id(1), "Anna*"};
  EXPECT_FALSE(rules.needs(DirectoryKind::queues));
  EXPECT_TRUE(rules.needs(DirectoryKind::users));
}

TEST(TopicRulesTest, TemplatesBecomeTopics) {
  TopicRules rules;
  rules.topics = {"v2.x", "v2.x"};
  rules.queues = {id(9), "Sales*", "*DE"};
  rules.users = {"*"};
  const std::vector<DirectoryPage::Entry> queues{
      {id(1), "Sales DE"}, {id(2), "Support"}, {id(3), "Support DE"}};
  const std::vector<DirectoryPage::Entry> users{{id(4), "Anna"}};
  EXPECT_THAT(expand(rules, queues, users),
              ElementsAre(queue_topic(1), queue_topic(3), queue_topic(9),
                          fmt::format("v2.users.{}.conversations", id(4)), "v2.x"));
}

TEST(CombinedTopics, WhatDiffersBehindAnIdCountsAsOne) {
  const std::string prefix = "v2.detail.events.conversation." + id(1);
  const std::vector<std::string> topics{
      "v2.a.b",        "v2.a.c",      prefix + ".acd.end", prefix + ".acd.start",
      prefix + ".acw", queue_topic(1)};
  const auto combined = combine(topics);
  EXPECT_THAT(combined,
              ElementsAre("v2.a.b", "v2.a.c", prefix + "?acd.end&acd.start&acw", queue_topic(1)));
  EXPECT_THAT(split_combined(combined[2]),
              ElementsAre(prefix + ".acd.end", prefix + ".acd.start", prefix + ".acw"));
  EXPECT_THAT(split_combined("v2.a.b"), ElementsAre("v2.a.b"));
}

TEST(CombinedTopics, NoneGrowsTooLongAndNoneIsLost) {
  std::vector<std::string> topics;
  for (int n = 0; n < 40; ++n)
    topics.push_back(fmt::format("v2.users.{}.some.suffix.{:02}", id(1), n));
  topics.push_back(fmt::format("v2.users.{}.{}", id(1), std::string(250, 'x')));
  std::vector<std::string> again;
  for (const std::string& one : combine(topics)) {
    EXPECT_TRUE(one.size() < kMostTopicBytes || one == topics.back()) << one;
    for (const std::string& single : split_combined(one))
      again.push_back(single);
  }
  EXPECT_EQ(again, topics);
  EXPECT_LT(combine(topics).size(), 12U);
}

TEST(TopicChangesTest, AreWhatCameAndWent) {
  const std::vector<std::string> before{"a", "b"};
  const std::vector<std::string> after{"b", "c"};
  const TopicChanges changes = changes_between(before, after);
  EXPECT_THAT(changes.added, ElementsAre("c"));
  EXPECT_THAT(changes.removed, ElementsAre("a"));
  EXPECT_TRUE(changes_between(before, before).empty());
}

TEST(TopicGroupsTest, AboveThatManyTopicsAnotherChannelIsNeeded) {
  TopicGroups groups;
  EXPECT_THAT(groups.assign(numbered(0, 1000)).changed, ElementsAre(0));
  EXPECT_EQ(groups.channels(), 1U);
  EXPECT_THAT(groups.assign(numbered(0, 1001)).changed, ElementsAre(1));
  EXPECT_EQ(groups.channels(), 2U);
  EXPECT_THAT(groups.group(1), ElementsAre(queue_topic(1000)));
}

TEST(TopicGroupsTest, TopicsStayWhereTheyAre) {
  TopicGroups groups(3, 2);
  groups.assign(std::vector<std::string>{"a", "b", "c", "d"});
  const auto update = groups.assign(std::vector<std::string>{"b", "c", "d", "e"});
  EXPECT_THAT(update.changed, ElementsAre(0));
  EXPECT_THAT(groups.group(0), ElementsAre("b", "e"));
  EXPECT_THAT(groups.group(1), ElementsAre("c", "d"));
  EXPECT_THAT(groups.assign(std::vector<std::string>{"e", "d", "c", "b"}).changed, IsEmpty());
}

TEST(TopicGroupsTest, AGroupThatEmptiesNeedsNoChannel) {
  TopicGroups groups(3, 2);
  groups.assign(std::vector<std::string>{"a", "b", "c"});
  EXPECT_THAT(groups.assign(std::vector<std::string>{"c"}).changed, ElementsAre(0));
  EXPECT_THAT(groups.group(0), IsEmpty());
  EXPECT_EQ(groups.channels(), 1U);
  EXPECT_THAT(groups.assign(std::vector<std::string>{"c", "d"}).changed, ElementsAre(0));
}

TEST(TopicGroupsTest, WhatHasNoRoomIsToldAndTakenLater) {
  TopicGroups groups(2, 1);
  const auto update = groups.assign(std::vector<std::string>{"a", "b", "c"});
  EXPECT_THAT(update.left_out, ElementsAre("c"));
  EXPECT_FALSE(groups.leaves_room_to_replace());
  EXPECT_THAT(groups.assign(std::vector<std::string>{"a", "c"}).left_out, IsEmpty());
  EXPECT_THAT(groups.group(1), ElementsAre("c"));
  groups.assign(std::vector<std::string>{"a"});
  EXPECT_TRUE(groups.leaves_room_to_replace());
}

TEST(TopicGroupsTest, ComingAndGoingNeverLosesOrDoublesATopic) {
  std::mt19937 random(3);
  TopicGroups groups(20, 7);
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> wanted;
    for (int n = 0; n < 100; ++n)
      if (random() % 3 != 0)
        wanted.insert(queue_topic(n));
    groups.assign(std::vector<std::string>(wanted.begin(), wanted.end()));
    std::multiset<std::string> held;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      ASSERT_LE(groups.group(i).size(), 7U);
      held.insert(groups.group(i).begin(), groups.group(i).end());
    }
    ASSERT_TRUE(std::equal(held.begin(), held.end(), wanted.begin(), wanted.end()));
  }
}

}  // namespace
}  // namespace gcstreamd
