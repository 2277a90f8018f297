#include "gcstreamd/core/coverage_days.hpp"

#include <algorithm>
#include <iterator>

namespace gcstreamd {
namespace {

constexpr std::chrono::days kDay{1};
using std::chrono::microseconds;

}  // namespace

void TimeWindows::add(TimeWindow window) {
  if (window.to <= window.from)
    return;
  auto next = windows_.upper_bound(window.from);
  if (next != windows_.begin() && std::prev(next)->second >= window.from)
    --next;
  const bool touches = next != windows_.end() && next->first <= window.to;
  if (!touches && windows_.size() >= most_) {
    exact_ = false;
    return;
  }
  while (next != windows_.end() && next->first <= window.to) {
    window = {std::min(window.from, next->first), std::max(window.to, next->second)};
    next = windows_.erase(next);
  }
  windows_.emplace_hint(next, window.from, window.to);
}

std::vector<TimeWindow> TimeWindows::parts(const TimeWindow& window) const {
  std::vector<TimeWindow> parts;
  auto next = windows_.upper_bound(window.from);
  if (next != windows_.begin())
    --next;
  for (; next != windows_.end() && next->first < window.to; ++next)
    if (next->second > window.from)
      parts.push_back({std::max(next->first, window.from), std::min(next->second, window.to)});
  return parts;
}

microseconds TimeWindows::within(const TimeWindow& window) const {
  microseconds sum{0};
  for (const TimeWindow& part : parts(window))
    sum += part.to - part.from;
  return sum;
}

bool CoverageDays::complete() const {
  for (const auto& [from, to] : gaps_.all())
    if (filled_.within({from, to}) < to - from)
      return false;
  return gaps_.exact();
}

std::vector<DayCoverage> CoverageDays::days(const TimeWindow& log) const {
  if (log.to <= log.from)
    return {};
  const auto last = std::chrono::floor<std::chrono::days>(log.to - microseconds{1});
  const auto earliest = last - std::chrono::days{kMostDays - 1};
  std::vector<DayCoverage> days;
  for (auto day = std::max(std::chrono::floor<std::chrono::days>(log.from), earliest); day <= last;
       day += kDay)
    days.push_back(
        this->day({std::max<WallTime>(log.from, day), std::min<WallTime>(log.to, day + kDay)}));
  return days;
}

DayCoverage CoverageDays::day(const TimeWindow& part) const {
  DayCoverage day;
  day.day = std::chrono::floor<std::chrono::days>(part.from);
  for (const TimeWindow& gap : gaps_.parts(part)) {
    const microseconds filled = filled_.within(gap);
    day.backfilled += filled;
    day.missing += gap.to - gap.from - filled;
  }
  day.live = part.to - part.from - day.backfilled - day.missing;
  return day;
}

}  // namespace gcstreamd
