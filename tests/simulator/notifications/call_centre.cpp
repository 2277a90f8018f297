#include "simulator/notifications/call_centre.hpp"

#include <algorithm>
#include <utility>

#include "simulator/notifications/topic.hpp"

namespace gcstream_sim {
namespace {

bool is_told_of(const Directory& directory, const Notification& notification) {
  const auto topic = read_topic(notification.topic);
  if (!topic || topic->form->kind == TopicKind::conversation) {
    return true;
  }
  const bool queue = topic->form->kind == TopicKind::queue;
  return directory.has(queue ? DirectoryKind::queues : DirectoryKind::users, topic->id);
}

}  // namespace

CallCentre::CallCentre(std::uint64_t seed, const NotificationOptions& options, EventTime now)
    : story_(seed, EventTypes::all()),
      directory_(story_.cast(), seed, options.queues, options.users),
      log_(options.most_conversations) {
  const EventTime midnight = std::chrono::floor<std::chrono::days>(now);
  for (std::uint64_t left = options.past; left > 0; --left) {
    next(midnight - std::chrono::seconds(1) - std::chrono::milliseconds(10) * left);
  }
}

std::vector<Notification> CallCentre::next(EventTime now) {
  const Draft draft = story_.next_draft();
  auto told = told_by(draft);
  if (told) {
    told->incident.at = now;
    now = log_.note(told->conversation, std::move(told->incident));
  } else {
    now = std::max(now, latest_ + std::chrono::milliseconds(1));
    latest_ = now;
  }
  auto notifications = notifications_of(draft, now);
  std::erase_if(notifications,
                [this](const Notification& one) { return !is_told_of(directory_, one); });
  return notifications;
}

}  // namespace gcstream_sim
