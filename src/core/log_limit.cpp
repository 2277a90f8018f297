#include "gcstreamd/core/log_limit.hpp"

#include <utility>

namespace gcstreamd {

/// A minute that is over and whose count is not told yet is not begun anew: `over` tells it first.
bool LogLimit::admit(std::string_view kind, SteadyTime now) {
  auto found = periods_.find(kind);
  if (found == periods_.end())
    found = periods_.emplace(std::string(kind), Period{now}).first;
  Period& period = found->second;
  if (period.left == 0 && now - period.start >= kPeriod)
    period = {now};
  if (period.written == kMost) {
    ++period.left;
    return false;
  }
  ++period.written;
  return true;
}

std::vector<LogLimit::Left> LogLimit::over(SteadyTime now) {
  std::vector<Left> all;
  std::erase_if(periods_, [&](const auto& entry) {
    const auto& [kind, period] = entry;
    const bool ended = now - period.start >= kPeriod;
    if (ended && period.left > 0)
      all.push_back({kind, period.left});
    return ended;
  });
  return all;
}

std::vector<LogLimit::Left> LogLimit::finish() {
  std::vector<Left> all;
  for (const auto& [kind, period] : std::exchange(periods_, {}))
    if (period.left > 0)
      all.push_back({kind, period.left});
  return all;
}

}  // namespace gcstreamd
