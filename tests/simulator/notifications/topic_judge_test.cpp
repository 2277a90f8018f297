#include "simulator/notifications/topic_judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TopicJudgeTest : public testing::Test {
 protected:
  Random random{1};
  Cast cast{random};
  Directory directory{cast, 1, 8, 24};
  TopicJudge judge{directory, {{"*.presence", {"user:see", "user:hear"}}}};
  std::string user = cast.agents.at(0).id;
  std::string queue = cast.queues.at(0).id;
};

TEST_F(TopicJudgeTest, permits_what_the_org_has) {
  EXPECT_TRUE(judge.judge(queue_topic(queue, "conversations")).permitted());
  EXPECT_TRUE(judge.judge(user_topic(user, "conversations")).permitted());
  EXPECT_TRUE(judge.judge(detail_topic("any", "acd.start")).permitted());
}

TEST_F(TopicJudgeTest, rejects_what_it_has_not) {
  EXPECT_EQ(judge.judge(queue_topic("nobody", "conversations")).reason, "Not found");
  EXPECT_EQ(judge.judge("v2.weather").reason, "Unknown topic");
  EXPECT_TRUE(directory.remove(DirectoryKind::queues, cast.queues.at(0).name));
  EXPECT_EQ(judge.judge(queue_topic(queue, "conversations")).reason, "Not found");
}

TEST_F(TopicJudgeTest, names_the_missing_permissions) {
  const TopicVerdict verdict = judge.judge(user_topic(user, "presence"));
  EXPECT_FALSE(verdict.permitted());
  EXPECT_THAT(verdict.missing, ElementsAre("user:see", "user:hear"));
  judge.permit("*.presence");
  EXPECT_TRUE(judge.judge(user_topic(user, "presence")).permitted());
  judge.reject({"v2.routing.*", {}});
  EXPECT_THAT(judge.judge(queue_topic(queue, "users")).missing, ElementsAre("routing:queue:view"));
}

TEST_F(TopicJudgeTest, a_combined_topic_stands_and_falls_as_a_whole) {
  const std::string good = "v2.users." + user + "?conversations&activity";
  EXPECT_TRUE(judge.judge(good).permitted());
  const TopicVerdict verdict = judge.judge(good + "&presence");
  EXPECT_EQ(verdict.topic, good + "&presence");
  EXPECT_THAT(verdict.missing, ElementsAre("user:see", "user:hear"));
}

TEST_F(TopicJudgeTest, a_topic_has_less_than_200_characters) {
  std::string topic = "v2.users." + user + "?conversations";
  while (topic.size() < 200) {
    topic += "&activity";
  }
  EXPECT_THAT(judge.judge(topic).reason, HasSubstr("199"));
}

}  // namespace
}  // namespace gcstream_sim
