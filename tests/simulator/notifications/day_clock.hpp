// For tests that live through a day: the clock that they set, and the two outages of that day.
//
// Values only.
#pragma once

#include <array>
#include <chrono>

#include "gcstreamd/core/types.hpp"
#include "simulator/notifications/conversation_log.hpp"

namespace gcstream_sim {

namespace core = gcstreamd;

class DayClock {
 public:
  std::chrono::seconds now{0};  // since the day began

  // From 08:53 UTC on, so that midnight comes after 15 h 7 min.
  static constexpr EventTime wall(std::chrono::seconds when) {
    return EventTime{std::chrono::seconds(1'767'257'580)} + when;
  }
  EventTime wall() const { return wall(now); }
  core::WallTime micros() const { return std::chrono::floor<std::chrono::microseconds>(wall()); }
  core::SteadyTime steady() const { return core::SteadyTime{} + std::chrono::hours(1) + now; }
  core::Now both() const { return {steady(), micros()}; }
};

struct Outage {
  std::chrono::seconds from;
  std::chrono::seconds to;

  bool holds(std::chrono::seconds when) const { return from <= when && when < to; }
};

// The second one is on both sides of midnight.
inline constexpr auto kOutages = std::to_array<Outage>(
    {{std::chrono::minutes(3 * 60), std::chrono::minutes(3 * 60 + 7)},
     {std::chrono::minutes(15 * 60 + 2), std::chrono::minutes(15 * 60 + 12)}});

}  // namespace gcstream_sim
