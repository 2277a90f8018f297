#include "simulator/pacer.hpp"

#include <algorithm>
#include <cmath>

namespace gcstream_sim {

using Seconds = std::chrono::duration<double>;

std::uint64_t Pacer::due(Time now) const {
  // A timer may fire a rounding error before next().
  constexpr double kRounding = 1e-6;
  const double expected = Seconds(now - start_).count() * rate_ + kRounding;
  const double owed = std::floor(expected) - static_cast<double>(created_);
  return static_cast<std::uint64_t>(std::clamp(owed, 0.0, std::max(std::ceil(rate_), 1.0)));
}

Pacer::Time Pacer::next() const {
  const Seconds after_start(static_cast<double>(created_ + 1) / rate_);
  return start_ + std::chrono::ceil<Time::duration>(after_start);
}

void Pacer::restart(Time now) {
  start_ = now;
  created_ = 0;
}

}  // namespace gcstream_sim
