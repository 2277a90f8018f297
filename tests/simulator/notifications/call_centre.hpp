// What happens in the simulated contact centre, for the Notifications protocol: notifications, and
// the log of all conversations.
//
// Ownership: owns the story, the directory and the log. No I/O, no clock; for one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/notifications/conversation_log.hpp"
#include "simulator/notifications/directory.hpp"
#include "simulator/notifications/options.hpp"
#include "simulator/notifications/telling.hpp"
#include "simulator/story.hpp"

namespace gcstream_sim {

class CallCentre {
 public:
  // The same seed tells the same story; its past is over, on the UTC day before `now`.
  CallCentre(std::uint64_t seed, const NotificationOptions& options, EventTime now);
  CallCentre(const CallCentre&) = delete;
  CallCentre& operator=(const CallCentre&) = delete;

  // The next thing that happens: one to three notifications, none from queues and users that were
  // removed.
  std::vector<Notification> next(EventTime now);

  Directory& directory() { return directory_; }
  const Directory& directory() const { return directory_; }
  const ConversationLog& log() const { return log_; }

 private:
  Story story_;
  Directory directory_;
  ConversationLog log_;
  EventTime latest_{};  // of what is about no conversation
};

}  // namespace gcstream_sim
