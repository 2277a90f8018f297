// Topics: which there are, and what a client's text asks for. Constants and pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gcstream_sim {

enum class TopicKind { queue, user, conversation };

struct TopicForm {
  TopicKind kind;
  std::string_view prefix;  // before the id
  std::string_view suffix;  // behind it
  std::string_view permission;
};

std::span<const TopicForm> topic_forms();

struct Topic {
  const TopicForm* form;
  std::string id;
};

// One topic; nothing: there is none like that.
std::optional<Topic> read_topic(std::string_view text);

// `prefix?suffix1&suffix2` as `prefix.suffix1`, `prefix.suffix2`; anything else as it is.
std::vector<std::string> single_topics(std::string_view text);

std::string queue_topic(std::string_view id, std::string_view suffix);
std::string user_topic(std::string_view id, std::string_view suffix);
std::string detail_topic(std::string_view conversation, std::string_view suffix);

// Whether `text` fits `pattern`, where * is any text.
bool fits_pattern(std::string_view text, std::string_view pattern);

}  // namespace gcstream_sim
