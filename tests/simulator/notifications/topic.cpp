#include "simulator/notifications/topic.hpp"

#include <array>

namespace gcstream_sim {
namespace {

constexpr std::string_view kQueue = "v2.routing.queues.";
constexpr std::string_view kUser = "v2.users.";
constexpr std::string_view kConversation = "v2.detail.events.conversation.";
constexpr std::string_view kQueueView = "routing:queue:view";
constexpr std::string_view kUserView = "directory:user:view";
constexpr std::string_view kDetailView = "analytics:conversationDetail:view";

constexpr TopicForm queue(std::string_view suffix) {
  return {TopicKind::queue, kQueue, suffix, kQueueView};
}
constexpr TopicForm user(std::string_view suffix) {
  return {TopicKind::user, kUser, suffix, kUserView};
}
constexpr TopicForm detail(std::string_view suffix) {
  return {TopicKind::conversation, kConversation, suffix, kDetailView};
}

constexpr auto kForms = std::to_array<TopicForm>({queue(".conversations"),
                                                  queue(".conversations.calls"),
                                                  queue(".conversations.chats"),
                                                  queue(".conversations.emails"),
                                                  queue(".conversations.messages"),
                                                  queue(".users"),
                                                  user(".conversations"),
                                                  user(".conversations.calls"),
                                                  user(".presence"),
                                                  user(".routingStatus"),
                                                  user(".activity"),
                                                  detail(".acd.start"),
                                                  detail(".acd.end"),
                                                  detail(".acw"),
                                                  detail(".attributes"),
                                                  detail(".contact"),
                                                  detail(".customer.start"),
                                                  detail(".customer.end"),
                                                  detail(".flow.start"),
                                                  detail(".flow.end"),
                                                  detail(".flow.outcome"),
                                                  detail(".outbound"),
                                                  detail(".user.start"),
                                                  detail(".user.end"),
                                                  detail(".voicemail.start"),
                                                  detail(".voicemail.end"),
                                                  detail(".wrapup")});

std::string topic(std::string_view prefix, std::string_view id, std::string_view suffix) {
  return std::string(prefix).append(id).append(".").append(suffix);
}

}  // namespace

std::span<const TopicForm> topic_forms() {
  return kForms;
}

std::optional<Topic> read_topic(std::string_view text) {
  for (const TopicForm& form : kForms) {
    if (text.size() <= form.prefix.size() + form.suffix.size() || !text.starts_with(form.prefix) ||
        !text.ends_with(form.suffix)) {
      continue;
    }
    text.remove_prefix(form.prefix.size());
    text.remove_suffix(form.suffix.size());
    if (text.find_first_of(".*?&") == std::string_view::npos) {
      return Topic{&form, std::string(text)};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::string> single_topics(std::string_view text) {
  const std::size_t mark = text.find('?');
  if (mark == std::string_view::npos) {
    return {std::string(text)};
  }
  std::vector<std::string> topics;
  std::string_view rest = text.substr(mark + 1);
  while (true) {
    const std::size_t end = rest.find('&');
    topics.push_back(std::string(text.substr(0, mark)).append(".").append(rest.substr(0, end)));
    if (end == std::string_view::npos) {
      return topics;
    }
    rest.remove_prefix(end + 1);
  }
}

std::string queue_topic(std::string_view id, std::string_view suffix) {
  return topic(kQueue, id, suffix);
}

std::string user_topic(std::string_view id, std::string_view suffix) {
  return topic(kUser, id, suffix);
}

std::string detail_topic(std::string_view conversation, std::string_view suffix) {
  return topic(kConversation, conversation, suffix);
}

bool fits_pattern(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      retry = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

}  // namespace gcstream_sim
