#include "gcstreamd/core/backoff.hpp"

#include <algorithm>

namespace gcstreamd {

std::chrono::milliseconds Backoff::full_delay() const {
  auto delay = options_.base;
  for (unsigned n = 1; n < attempts_ && delay < options_.max; ++n)
    delay *= 2;
  return std::min(delay, options_.max);
}

std::chrono::milliseconds Backoff::next() {
  ++attempts_;
  const auto full = full_delay();
  if (options_.jitter == Jitter::none)
    return full;
  std::uniform_int_distribution<std::int64_t> pick((full.count() + 1) / 2, full.count());
  return std::chrono::milliseconds(pick(random_));
}

}  // namespace gcstreamd
