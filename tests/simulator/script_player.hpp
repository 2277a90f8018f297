// Where a script stands, and which step befalls which request. Decisions only: no I/O, no clock.
//
// A step is either waited for by the caller (stream, at_once: see current() and advance()) or taken
// by the first request that it is about. Standing faults befall every request that no step of the
// script is about. Pointers to steps live as long as the player. For one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/script.hpp"

namespace gcstream_sim {

class ScriptPlayer {
 public:
  // At most one standing fault of each place is used: the first.
  ScriptPlayer(Script script, std::vector<Step> standing);
  ScriptPlayer(const ScriptPlayer&) = delete;
  ScriptPlayer& operator=(const ScriptPlayer&) = delete;

  // The step that is to come, never one of a block; null when the script is over.
  const Step* current() const;
  void advance();
  bool over() const { return at_ == script_.steps.size(); }

  // For a request or connection that would otherwise be served well. Null: serve it.
  const Step* take(Place place);
  // For a REST call, by the step's word for it. Null: serve it.
  const Step* take_request(std::string_view call);
  // For a subscription after `position`. Null: serve it.
  const Step* take_subscription(std::optional<std::uint64_t> position);
  // What befalls every stream right after its subscription, or null.
  const Step* standing_stream_fault() const { return standing_at(Place::stream); }

  // Why the script failed: the subscription was not as expect-resume wants it.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  void settle();
  void pass_block_end(const Step& end);
  const Step* take_current(Place place);
  const Step* standing_at(Place place) const;
  void check(const Step& expected, std::optional<std::uint64_t> position);

  const Script script_;
  const std::vector<Step> standing_;
  std::size_t at_ = 0;
  std::vector<std::uint64_t> rounds_left_;  // of each open block; of forever it is not used
  std::optional<std::string> failure_;
};

}  // namespace gcstream_sim
