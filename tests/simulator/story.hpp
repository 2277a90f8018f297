// The endless, seeded story of a contact centre: the same seed tells the same story.
//
// Ownership: owns its people and conversations. It has no clock: the caller says what time it is.
// For one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "simulator/cast.hpp"
#include "simulator/conversation.hpp"
#include "simulator/event_type.hpp"
#include "simulator/random.hpp"

namespace gcstream_sim {

using WallTime = std::chrono::system_clock::time_point;

class Story {
 public:
  // `types` says which kinds of event are told; it must not be empty.
  Story(std::uint64_t seed, const EventTypes& types);

  // The next event as compact JSON with the given number, if any, and time.
  std::string next(std::optional<std::uint64_t> number, WallTime now);
  // The same, to be told in another way.
  Draft next_draft();

  Cast& cast() { return cast_; }

 private:
  void live_on();
  void change_queue_membership();
  void advance_a_conversation();
  void tell(std::vector<Draft> drafts);

  Random random_;
  EventTypes types_;
  Cast cast_;
  std::vector<Conversation> conversations_;
  std::deque<Draft> untold_;
};

// RFC 3339, UTC, milliseconds.
std::string format_time(WallTime time);

}  // namespace gcstream_sim
