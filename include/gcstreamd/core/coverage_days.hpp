#pragma once

#include <chrono>
#include <map>
#include <vector>

#include "gcstreamd/core/coverage.hpp"

namespace gcstreamd {

/// A set of times as windows that neither touch nor overlap. Bounded: beyond `most` windows the
/// later ones are left out, and said so.
class TimeWindows {
 public:
  static constexpr std::size_t kMost = 65536;

  explicit TimeWindows(std::size_t most = kMost) : most_(most) {}

  void add(TimeWindow window);
  /// What of `window` is in it, in order; and how much that is.
  std::vector<TimeWindow> parts(const TimeWindow& window) const;
  std::chrono::microseconds within(const TimeWindow& window) const;
  const std::map<WallTime, WallTime>& all() const { return windows_; }
  bool exact() const { return exact_; }

 private:
  std::size_t most_;
  bool exact_ = true;
  std::map<WallTime, WallTime> windows_;  ///< from, to
};

/// How a UTC day, or the part of it that a log covers, was heard.
struct DayCoverage {
  std::chrono::sys_days day;
  std::chrono::microseconds live{0};
  std::chrono::microseconds backfilled{0};
  std::chrono::microseconds missing{0};
};

/// What a log's `coverage_gap` and `coverage_gap_filled` records say of each day. Bounded.
class CoverageDays {
 public:
  void gap(const TimeWindow& window) { gaps_.add(window); }
  void filled(const TimeWindow& window) { filled_.add(window); }

  /// The days that `log` touches, its first and last record: at most kMostDays, the latest ones.
  std::vector<DayCoverage> days(const TimeWindow& log) const;
  bool any() const { return !gaps_.all().empty(); }
  /// Whether all gaps were filled in.
  bool complete() const;
  bool exact() const { return gaps_.exact() && filled_.exact(); }

  static constexpr std::size_t kMostDays = 3660;

 private:
  DayCoverage day(const TimeWindow& part) const;

  TimeWindows gaps_;
  TimeWindows filled_;
};

}  // namespace gcstreamd
