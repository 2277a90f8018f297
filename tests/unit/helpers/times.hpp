#pragma once

#include <chrono>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// A moment on the steady clock, counted from a start of the test's own.
inline SteadyTime at(std::chrono::milliseconds since_start) {
  return SteadyTime{} + std::chrono::hours{1} + since_start;
}

/// 2026-11-23T18:44:55Z and so much more.
inline WallTime wall(std::chrono::microseconds more = std::chrono::microseconds{0}) {
  using namespace std::chrono_literals;
  return WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}} + 18h + 44min + 55s +
         more;
}

inline Now now_at(std::chrono::milliseconds since_start) {
  return {at(since_start), wall(since_start)};
}

}  // namespace gcstreamd
