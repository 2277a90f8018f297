#pragma once

#include <cstdint>
#include <string>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// One line on a terminal's standard error that is written over: percent and speed. Writes nothing
/// where standard error is no terminal. Gone when destroyed.
class ProgressBar {
 public:
  ProgressBar(std::uint64_t total, SteadyTime start);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// At most ten times a second anything is written.
  void show(std::uint64_t bytes, SteadyTime now);

  /// `[#####     ]  50 %  312 MB/s`
  static std::string text(std::uint64_t bytes, std::uint64_t total, double seconds);

 private:
  std::uint64_t total_;
  SteadyTime start_;
  SteadyTime next_;
  bool terminal_;
  bool shown_ = false;
};

}  // namespace gcstreamd
