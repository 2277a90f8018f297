#pragma once

#include <algorithm>
#include <iterator>
#include <utility>

#include "gcstreamd/core/channel_machine.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {

/// Before every connection after the first.
inline action::Note scheduling(unsigned attempt, std::chrono::milliseconds delay,
                               std::string_view cause) {
  return {AuditRecord("scheduling_reconnect")
              .number("attempt", attempt)
              .number("delayMs", static_cast<std::uint64_t>(delay.count()))
              .text("cause", cause),
          std::string(cause)};
}

inline AuditRecord channel_record(std::string_view type, std::size_t topics, WallTime expires) {
  return AuditRecord(type).number("topics", topics).text("expires", format_time(expires));
}

inline ChannelMachine::Actions& operator+=(ChannelMachine::Actions& actions,
                                           ChannelMachine::Actions&& more) {
  std::move(more.begin(), more.end(), std::back_inserter(actions));
  return actions;
}

}  // namespace gcstreamd
