// How the Notifications protocol tells of what the story says: topics and bodies. Pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "simulator/conversation.hpp"
#include "simulator/notifications/conversation_log.hpp"

namespace gcstream_sim {

struct Notification {
  std::string topic;
  std::string conversation;  // empty: about none
  nlohmann::ordered_json body;
  bool detail = false;  // a detail event, of which there is one for few topics
};

// What a draft is about, without a time; nothing: about no conversation.
struct Told {
  ConversationRecord conversation;  // without incidents
  Incident incident;
};
std::optional<Told> told_by(const Draft& draft);

// A snapshot for the queue and for the agent, and a detail event where there is one for it. `at` is
// in each body, and differs within a conversation, so that no two events are the same.
std::vector<Notification> notifications_of(const Draft& draft, EventTime at);

// The frame of it, all bytes.
std::string frame_text(const Notification& notification, const std::string& correlation_id);

}  // namespace gcstream_sim
