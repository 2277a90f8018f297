#pragma once

#include <chrono>

namespace gcstreamd::testing {

/// How long a test waits for anything at all: long, because sanitizers and busy machines are slow.
inline constexpr std::chrono::seconds kPatience{20};

/// A moment after which a wait has failed.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds patience = kPatience)
      : end_(std::chrono::steady_clock::now() + patience) {}

  bool passed() const { return std::chrono::steady_clock::now() >= end_; }

  /// What is left for poll(2): never negative.
  int left_ms() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace gcstreamd::testing
