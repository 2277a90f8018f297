// How a conversation's events look; their order is decided in conversation.cpp.
#include "simulator/conversation.hpp"
#include "simulator/vocabulary.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

Json skills(Random& random) {
  return Json::array({random.pick(words::kSkills), random.pick(words::kSkills)});
}

double mean_opinion_score(Random& random) {
  return static_cast<double>(random.between(310, 475)) / 100.0;
}

}  // namespace

Json Conversation::head(const Cast& cast, const char* action) const {
  return {{"organizationId", cast.organization_id},
          {"conversationId", id_},
          {"action", action},
          {"mediaType", media_},
          {"direction", direction_},
          {"queue", queue_json(cast.queues[queue_])}};
}

Json Conversation::customer(const char* state) const {
  return {{"id", customer_id_},
          {"purpose", "customer"},
          {"name", customer_name_},
          {"address", customer_address_},
          {"state", state}};
}

Json Conversation::agent(const Cast& cast, const char* state) const {
  const Agent& who = cast.agents[*agent_];
  return {{"id", who.id},         {"purpose", "agent"},     {"name", who.name},
          {"address", who.email}, {"station", who.station}, {"state", state}};
}

Draft Conversation::conversation_event(Random& random, const Cast& cast, const char* action) const {
  Json body = head(cast, action);
  body["ani"] = customer_address_;
  body["dnis"] = called_address_;
  body["participants"] = Json::array({customer("connected")});
  if (agent_) {
    body["participants"].push_back(agent(cast, "connected"));
  }
  body["routing"] = {{"skills", skills(random)},
                     {"priority", random.below(10)},
                     {"estimatedWaitS", random.below(600)}};
  body["attributes"] = {{"intent", intent_}, {"language", random.pick(words::kLanguages)}};
  return {EventType::conversation, std::move(body)};
}

Draft Conversation::media_event(Random& random, const Cast& cast, const char* action) const {
  Json body = head(cast, action);
  body["sessionId"] = random.uuid();
  body["participants"] = Json::array({customer("connected")});
  body["media"] = {{"codec", random.pick(words::kCodecs)},
                   {"held", state_ == State::held},
                   {"muted", random.chance(10)},
                   {"recording", agent_.has_value()},
                   {"edge", "edge-" + std::to_string(random.between(1, 9)) + ".example"}};
  body["quality"] = {{"mos", mean_opinion_score(random)},
                     {"packetsLost", random.below(25)},
                     {"roundTripMs", random.between(8, 240)}};
  return {EventType::media, std::move(body)};
}

Draft Conversation::participant_event(Random& random, const Cast& cast, const char* purpose,
                                      const char* state) const {
  Json body = head(cast, "participantChanged");
  const bool about_agent = agent_ && std::string_view(purpose) == "agent";
  body["participantId"] = about_agent ? cast.agents[*agent_].id : customer_id_;
  body["state"] = state;
  body["participants"] =
      Json::array({about_agent ? agent(cast, state) : customer(state),
                   about_agent ? customer("connected") : Json{{"purpose", "acd"}}});
  body["routing"] = {{"skills", skills(random)}, {"score", random.below(100)}};
  return {EventType::participant, std::move(body)};
}

Draft Conversation::annotation_event(Random& random, const Cast& cast, const char* kind) const {
  Json body = head(cast, "annotated");
  body["annotationId"] = random.uuid();
  body["kind"] = kind;
  body["participants"] = Json::array({agent(cast, "connected")});
  body["text"] = random.pick(words::kNotes);
  body["sentiment"] = {{"label", random.pick(words::kSentiments)},
                       {"score", static_cast<double>(random.below(2000)) / 1000.0 - 1.0}};
  if (state_ == State::wrapping || state_ == State::ended) {
    body["wrapUp"] = {{"code", random.pick(words::kWrapUps)}, {"durationS", random.below(120)}};
  }
  body["attributes"] = {{"intent", intent_}, {"language", random.pick(words::kLanguages)}};
  return {EventType::annotation, std::move(body)};
}

}  // namespace gcstream_sim
