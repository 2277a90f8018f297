#include "simulator/notifications/subscriptions.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "simulator/responses.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

Json verdict_json(const TopicVerdict& verdict) {
  Json entity{{"id", verdict.topic}, {"state", verdict.permitted() ? "Permitted" : "Rejected"}};
  if (!verdict.permitted()) {
    entity["rejectionReason"] = verdict.reason;
    entity["missingPermissions"] = verdict.missing;
  }
  return entity;
}

}  // namespace

std::optional<std::vector<std::string>> read_topics(std::string_view body) {
  const Json given = Json::parse(body, nullptr, false);
  if (!given.is_array()) {
    return std::nullopt;
  }
  std::vector<std::string> topics;
  for (const Json& one : given) {
    const auto id = one.is_object() ? one.find("id") : one.end();
    if (!one.is_object() || id == one.end() || !id->is_string()) {
      return std::nullopt;
    }
    topics.push_back(id->get<std::string>());
  }
  return topics;
}

Judgement judge_topics(const TopicJudge& judge, std::span<const std::string> topics) {
  Judgement judgement;
  for (const std::string& topic : topics) {
    TopicVerdict verdict = judge.judge(topic);
    if (verdict.permitted()) {
      judgement.permitted.push_back(topic);
    } else {
      judgement.rejected.push_back(verdict);
    }
    judgement.verdicts.push_back(std::move(verdict));
  }
  return judgement;
}

std::size_t count_topics(std::span<const std::string> topics) {
  return std::set<std::string>(topics.begin(), topics.end()).size();
}

Response refusal_of(const Judgement& judgement) {
  const TopicVerdict& first = judgement.rejected.front();
  Response response = api_error(403, "missing.permissions", first.topic + ": " + first.reason);
  Json body = Json::parse(response.body);
  for (const TopicVerdict& verdict : judgement.rejected) {
    body["details"].push_back(verdict_json(verdict));
  }
  response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Json verdicts_json(const Judgement& judgement) {
  Json entities = Json::array();
  for (const TopicVerdict& verdict : judgement.verdicts) {
    entities.push_back(verdict_json(verdict));
  }
  return {{"entities", std::move(entities)}};
}

Json permitted_json(std::span<const std::string> topics) {
  Json entities = Json::array();
  for (const std::string& topic : topics) {
    entities.push_back({{"id", topic}, {"state", "Permitted"}});
  }
  return {{"entities", std::move(entities)}};
}

}  // namespace gcstream_sim
