#pragma once

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

inline WallTime wall_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// Both of this machine's clocks.
inline Now read_clocks() {
  return {std::chrono::steady_clock::now(), wall_now()};
}

}  // namespace gcstreamd
