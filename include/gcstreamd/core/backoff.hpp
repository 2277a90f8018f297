#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace gcstreamd {

enum class Jitter {
  equal,  ///< uniform between half and all of the delay
  none,   ///< all of the delay
};

struct BackoffOptions {
  std::chrono::milliseconds base{1000};
  std::chrono::milliseconds max{60000};
  Jitter jitter = Jitter::equal;
};

/// Exponential backoff as a value: it owns no timer and knows no clock.
class Backoff {
 public:
  Backoff(BackoffOptions options, std::uint64_t seed) : options_(options), random_(seed) {}

  /// Counts one more attempt and returns how long it waits: min(base * 2^(attempt-1), max),
  /// with jitter.
  std::chrono::milliseconds next();
  /// The longest delay, without counting an attempt.
  std::chrono::milliseconds longest() const { return options_.max; }
  void reset() { attempts_ = 0; }
  /// For the attempts from now on; those made before still count.
  void configure(BackoffOptions options) { options_ = options; }
  unsigned attempts() const { return attempts_; }

 private:
  std::chrono::milliseconds full_delay() const;

  BackoffOptions options_;
  std::mt19937_64 random_;
  unsigned attempts_ = 0;
};

}  // namespace gcstreamd
