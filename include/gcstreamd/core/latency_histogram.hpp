#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace gcstreamd {

/// How long events took from their own timestamp to their delivery. Counters in an array: nothing
/// is allocated.
class LatencyHistogram {
 public:
  using Micros = std::chrono::microseconds;
  /// Upper bounds, inclusive; what is longer is in one bucket more.
  static constexpr std::array<Micros, 14> kBounds{
      Micros{5'000},      Micros{10'000},     Micros{25'000},     Micros{50'000},
      Micros{100'000},    Micros{250'000},    Micros{500'000},    Micros{1'000'000},
      Micros{2'500'000},  Micros{5'000'000},  Micros{10'000'000}, Micros{30'000'000},
      Micros{60'000'000}, Micros{300'000'000}};

  /// In floating point: events of long ago must not make it overflow.
  using Sum = std::chrono::duration<double, std::micro>;

  /// Under 0 counts as 0: clocks differ.
  void observe(Micros latency);

  /// Of each bucket alone; Prometheus adds them up.
  const std::array<std::uint64_t, kBounds.size() + 1>& buckets() const { return buckets_; }
  std::uint64_t count() const { return count_; }
  Sum sum() const { return sum_; }
  /// The bound that a share (0 to 1) of all lies under, interpolated within its bucket; empty
  /// without any. Beyond the last bound: that bound.
  std::optional<Micros> quantile(double share) const;

 private:
  std::array<std::uint64_t, kBounds.size() + 1> buckets_{};
  std::uint64_t count_ = 0;
  Sum sum_{0};
};

}  // namespace gcstreamd
