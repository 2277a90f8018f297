#pragma once

#include <deque>
#include <optional>

#include "gcstreamd/core/latency_histogram.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// A stream's last quarter of an hour in steps, for charts: what its counters grew by. Told the
/// counters about once a second.
class Trend {
 public:
  struct Point {
    double rate = 0;                   ///< events a second
    std::optional<double> latency_ms;  ///< mean; empty where no event had a time
  };

  void on_tick(std::uint64_t delivered, const LatencyHistogram& latency, const Now& now);

  const std::deque<Point>& points() const { return points_; }  ///< the newest last
  WallTime end() const { return end_; }                        ///< of the newest

  static constexpr std::chrono::seconds kStep{5};
  static constexpr std::size_t kMost = 180;

 private:
  struct Count {
    std::uint64_t delivered = 0;
    std::uint64_t timed = 0;
    LatencyHistogram::Sum latency{0};
    SteadyTime at{};
  };

  std::optional<Count> before_;
  std::deque<Point> points_;
  WallTime end_{};
};

}  // namespace gcstreamd
