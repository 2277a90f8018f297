#pragma once

#include <exception>

namespace gcstreamd {

/// For co_spawn: a bug's exception leaves the loop and ends the process, instead of a coroutine
/// that nobody hears of again.
inline void rethrow(std::exception_ptr bug) {
  if (bug)
    std::rethrow_exception(bug);
}

}  // namespace gcstreamd
