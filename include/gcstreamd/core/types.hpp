#pragma once

#include <chrono>
#include <cstdint>

namespace gcstreamd {

/// A server's event number, 1 to 2^53-1; kNoNumber where there is none.
using SequenceNumber = std::uint64_t;
inline constexpr SequenceNumber kNoNumber = 0;
inline constexpr SequenceNumber kMaxNumber = (std::uint64_t{1} << 53) - 1;

/// Monotonic time: every decision about waiting uses it, so that a changed wall clock steers
/// nothing.
using SteadyTime = std::chrono::steady_clock::time_point;
/// Wall-clock time (UTC) in microseconds: only ever printed or compared with event timestamps.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Both clocks read at one moment. The shells read clocks; the core is given values.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

}  // namespace gcstreamd
