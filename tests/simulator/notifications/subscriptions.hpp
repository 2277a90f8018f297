// What is asked for in a subscription's body, and how its answers look. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/api.hpp"
#include "simulator/notifications/topic_judge.hpp"

namespace gcstream_sim {

// [{"id": TOPIC}, …]; nothing: it is not that.
std::optional<std::vector<std::string>> read_topics(std::string_view body);

struct Judgement {
  std::vector<TopicVerdict> verdicts;  // in the order of the topics
  std::vector<std::string> permitted;
  std::vector<TopicVerdict> rejected;
};
Judgement judge_topics(const TopicJudge& judge, std::span<const std::string> topics);

// Each once.
std::size_t count_topics(std::span<const std::string> topics);

// One topic that is refused fails all.
Response refusal_of(const Judgement& judgement);
nlohmann::ordered_json verdicts_json(const Judgement& judgement);
nlohmann::ordered_json permitted_json(std::span<const std::string> topics);

}  // namespace gcstream_sim
