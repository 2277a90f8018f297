// The five kinds of event of the analytics stream. Values and pure functions only.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace gcstream_sim {

enum class EventType {
  queue_member,  // an agent joins or leaves a queue
  conversation,  // a conversation starts, queues, connects, is transferred, ends
  media,         // its media session changes: codec, hold, recording
  participant,   // one party of it changes its state
  annotation,    // notes, sentiment and wrap-up codes
};

inline constexpr std::array<std::string_view, 5> kEventTypeNames{
    "routing:queue:member", "interaction:conversation", "interaction:media",
    "interaction:participant", "interaction:annotation"};

constexpr std::string_view name_of(EventType type) {
  return kEventTypeNames[static_cast<std::size_t>(type)];
}

constexpr std::optional<EventType> event_type_named(std::string_view name) {
  for (std::size_t i = 0; i < kEventTypeNames.size(); ++i) {
    if (kEventTypeNames[i] == name) {
      return static_cast<EventType>(i);
    }
  }
  return std::nullopt;
}

// A set of event types.
class EventTypes {
 public:
  static constexpr EventTypes all() {
    EventTypes types;
    types.has_.fill(true);
    return types;
  }
  constexpr void add(EventType type) { has_[static_cast<std::size_t>(type)] = true; }
  constexpr bool has(EventType type) const { return has_[static_cast<std::size_t>(type)]; }
  constexpr bool empty() const { return !first_missing_from(EventTypes{}).has_value(); }
  // The first type of this set that `other` does not have.
  constexpr std::optional<EventType> first_missing_from(const EventTypes& other) const {
    for (std::size_t i = 0; i < has_.size(); ++i) {
      if (has_[i] && !other.has_[i]) {
        return static_cast<EventType>(i);
      }
    }
    return std::nullopt;
  }

 private:
  std::array<bool, kEventTypeNames.size()> has_{};
};

}  // namespace gcstream_sim
