#include "simulator/notifications/telling.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

using Json = nlohmann::ordered_json;

struct Naming {
  std::string_view key;  // in the draft's body
  std::string_view value;
  std::string_view purpose;  // of whom it is about; empty: of anybody
  std::string_view suffix;   // of the detail event
};

constexpr auto kNamings = std::to_array<Naming>({
    {"action", "started", {}, "customer.start"},
    {"action", "queued", {}, "acd.start"},
    {"action", "transferred", {}, "acd.start"},
    {"action", "connected", {}, "acd.end"},
    {"state", "connected", "agent", "user.start"},
    {"state", "disconnected", "agent", "user.end"},
    {"state", "disconnected", "customer", "customer.end"},
    {"state", "abandoned", "customer", "customer.end"},
    {"kind", "wrapUp", {}, "wrapup"},
    {"kind", "note", {}, "attributes"},
    {"kind", "sentiment", {}, "attributes"},
});

std::string text_of(const Json& object, std::string_view key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Null: it takes no part.
const Json* participant(const Json& body, std::string_view purpose) {
  const auto found = body.find("participants");
  if (found == body.end()) {
    return nullptr;
  }
  for (const Json& one : *found) {
    if (text_of(one, "purpose") == purpose && one.contains("id")) {
      return &one;
    }
  }
  return nullptr;
}

// Whom it is about: who changed, the agent of a note, else the customer.
const Json* subject(const Draft& draft) {
  const std::string id = text_of(draft.body, "participantId");
  const Json* agent = participant(draft.body, "agent");
  const Json* customer = participant(draft.body, "customer");
  if (agent != nullptr &&
      (draft.type == EventType::annotation || (!id.empty() && text_of(*agent, "id") == id))) {
    return agent;
  }
  return customer != nullptr ? customer : agent;
}

std::string detail_suffix(const Json& body, std::string_view purpose) {
  for (const Naming& naming : kNamings) {
    if (text_of(body, naming.key) == naming.value &&
        (naming.purpose.empty() || naming.purpose == purpose)) {
      return std::string(naming.suffix);
    }
  }
  return {};
}

std::int64_t milliseconds_of(EventTime at) {
  return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

Json snapshot(const Draft& draft, const std::string& conversation, EventTime at) {
  Json body{{"id", conversation}, {"eventTime", milliseconds_of(at)}};
  for (const auto& [key, value] : draft.body.items()) {
    if (key != "conversationId" && key != "organizationId") {
      body[key] = value;
    }
  }
  return body;
}

Json detail(const Told& told, EventTime at) {
  Json body{{"eventTime", milliseconds_of(at)},
            {"conversationId", told.conversation.id},
            {"participantId", told.incident.participant},
            {"sessionId", session_id(told.conversation.id, told.incident.participant)},
            {"mediaType", told.conversation.media},
            {"direction", told.conversation.direction},
            {"queueId", told.incident.queue}};
  if (!told.incident.wrap_up.empty()) {
    body["wrapupCode"] = told.incident.wrap_up;
  }
  return body;
}

std::vector<Notification> about_membership(const Json& body, EventTime at) {
  Json told{{"eventTime", milliseconds_of(at)}};
  told.insert(body.begin(), body.end());
  const std::string user = text_of(body.at("member"), "userId");
  Json status{{"eventTime", milliseconds_of(at)},
              {"id", user},
              {"routingStatus",
               {{"userId", user}, {"status", text_of(body.at("member"), "routingStatus")}}}};
  return {{queue_topic(text_of(body.at("queue"), "id"), "users"), {}, std::move(told)},
          {user_topic(user, "routingStatus"), {}, std::move(status)}};
}

}  // namespace

std::optional<Told> told_by(const Draft& draft) {
  const Json& body = draft.body;
  const Json* who = subject(draft);
  if (!body.contains("conversationId") || who == nullptr) {
    return std::nullopt;
  }
  Told told;
  told.conversation.id = text_of(body, "conversationId");
  told.conversation.media = text_of(body, "mediaType");
  told.conversation.direction = text_of(body, "direction");
  Incident& incident = told.incident;
  incident.participant = text_of(*who, "id");
  incident.purpose = text_of(*who, "purpose");
  incident.user = incident.purpose == "agent" ? incident.participant : "";
  incident.queue = text_of(body.at("queue"), "id");
  incident.wrap_up = body.contains("wrapUp") ? text_of(body.at("wrapUp"), "code") : "";
  incident.what = detail_suffix(body, incident.purpose);
  incident.last = text_of(body, "action") == "ended";
  if (incident.what.empty()) {
    incident.what = text_of(body, draft.type == EventType::participant ? "state" : "action");
  }
  return told;
}

std::vector<Notification> notifications_of(const Draft& draft, EventTime at) {
  const auto told = told_by(draft);
  if (!told) {
    return about_membership(draft.body, at);
  }
  const std::string& id = told->conversation.id;
  std::vector<Notification> all;
  all.push_back({queue_topic(told->incident.queue, "conversations"), id, snapshot(draft, id, at)});
  if (const Json* agent = participant(draft.body, "agent")) {
    all.push_back(
        {user_topic(text_of(*agent, "id"), "conversations"), id, snapshot(draft, id, at)});
  }
  if (std::string suffix = detail_suffix(draft.body, told->incident.purpose); !suffix.empty()) {
    all.push_back({detail_topic(id, suffix), id, detail(*told, at), true});
  }
  return all;
}

std::string frame_text(const Notification& notification, const std::string& correlation_id) {
  const Json frame{{"topicName", notification.topic},
                   {"version", "2"},
                   {"eventBody", notification.body},
                   {"metadata", {{"CorrelationId", correlation_id}}}};
  return frame.dump();
}

}  // namespace gcstream_sim
