#include "simulator/notifications/topic_judge.hpp"

#include <algorithm>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

constexpr std::size_t kMostBytes = 200;  // fewer

TopicVerdict refuse(std::string_view topic, std::string_view reason) {
  return {std::string(topic), std::string(reason), {}};
}

}  // namespace

TopicVerdict TopicJudge::judge(std::string_view topic) const {
  if (topic.size() >= kMostBytes) {
    return refuse(topic, "The topic is longer than 199 characters");
  }
  for (const std::string& single : single_topics(topic)) {
    TopicVerdict verdict = judge_one(single);
    if (!verdict.permitted()) {
      verdict.topic = topic;
      return verdict;
    }
  }
  return {std::string(topic), {}, {}};
}

TopicVerdict TopicJudge::judge_one(std::string_view topic) const {
  const auto known = read_topic(topic);
  if (!known) {
    return refuse(topic, "Unknown topic");
  }
  for (const TopicRule& rule : rejected_) {
    if (fits_pattern(topic, rule.pattern)) {
      TopicVerdict verdict = refuse(topic, "Missing permissions");
      verdict.missing = rule.permissions;
      if (verdict.missing.empty()) {
        verdict.missing.emplace_back(known->form->permission);
      }
      return verdict;
    }
  }
  const TopicKind kind = known->form->kind;
  const bool there =
      kind == TopicKind::conversation ||
      directory_.has(kind == TopicKind::queue ? DirectoryKind::queues : DirectoryKind::users,
                     known->id);
  return there ? TopicVerdict{std::string(topic), {}, {}} : refuse(topic, "Not found");
}

void TopicJudge::permit(std::string_view pattern) {
  std::erase_if(rejected_, [pattern](const TopicRule& rule) { return rule.pattern == pattern; });
}

}  // namespace gcstream_sim
