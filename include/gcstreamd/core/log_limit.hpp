#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Keeps faults that repeat from flooding a log: of one kind so many lines are written within a
/// minute, then only how many more there were, once the minute is over. Kinds are the types of
/// records, of which there are few.
class LogLimit {
 public:
  struct Left {
    std::string kind;
    std::uint64_t count = 0;
  };

  /// Whether a line of this kind is to be written now.
  bool admit(std::string_view kind, SteadyTime now);
  /// What was left out in the minutes that are over; each is told once.
  std::vector<Left> over(SteadyTime now);
  /// The same of minutes that are not over yet: nothing more will come.
  std::vector<Left> finish();

  static constexpr unsigned kMost = 10;
  static constexpr std::chrono::seconds kPeriod{60};

 private:
  struct Period {
    SteadyTime start{};
    unsigned written = 0;
    std::uint64_t left = 0;
  };

  std::map<std::string, Period, std::less<>> periods_;
};

}  // namespace gcstreamd
