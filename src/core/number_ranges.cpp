#include "gcstreamd/core/number_ranges.hpp"

#include <algorithm>
#include <iterator>

namespace gcstreamd {

std::uint64_t NumberRanges::add(Hole range) {
  if (range.to < range.from)
    return 0;
  if (!ranges_.empty() && range.from == highest() + 1) {  // nearly always
    ranges_.rbegin()->second = range.to;
    count_ += range.count();
    return 0;
  }
  return join(range);
}

/// Takes out every range that touches `range` and puts one in for all of them.
std::uint64_t NumberRanges::join(Hole range) {
  auto next = ranges_.upper_bound(range.from);
  if (next != ranges_.begin() && std::prev(next)->second + 1 >= range.from)
    --next;
  const bool touches = next != ranges_.end() && next->first <= range.to + 1;
  if (!touches && ranges_.size() >= most_) {
    dropped_ += range.count();
    return 0;
  }
  const std::uint64_t size = range.count();
  std::uint64_t before = 0;
  Hole joined = range;
  while (next != ranges_.end() && next->first <= range.to + 1) {
    const SequenceNumber from = std::max(next->first, range.from);
    const SequenceNumber to = std::min(next->second, range.to);
    before += to >= from ? to - from + 1 : 0;
    joined = {std::min(joined.from, next->first), std::max(joined.to, next->second)};
    next = ranges_.erase(next);
  }
  ranges_.emplace_hint(next, joined.from, joined.to);
  count_ += size - before;
  return before;
}

std::vector<Hole> NumberRanges::first(std::size_t limit) const {
  std::vector<Hole> some;
  for (const auto& [from, to] : ranges_) {
    if (some.size() == limit)
      break;
    some.push_back({from, to});
  }
  return some;
}

}  // namespace gcstreamd
