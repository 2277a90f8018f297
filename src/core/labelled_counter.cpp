#include "gcstreamd/core/labelled_counter.hpp"

#include <algorithm>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kOther = "other";

auto find_in(std::vector<LabelledCounter::Count>& counts, std::string_view label) {
  return std::find_if(counts.begin(), counts.end(),
                      [&](const auto& count) { return count.label == label; });
}

}  // namespace

std::uint64_t& LabelledCounter::find(std::string_view label) {
  const auto found = find_in(counts_, label);
  return found == counts_.end() ? add_new(label) : found->value;
}

std::uint64_t& LabelledCounter::add_new(std::string_view label) {
  const std::string known =
      counts_.size() + 1 < kMost ? clip(label, kLongest) : std::string(kOther);
  const auto found = find_in(counts_, known);
  if (found != counts_.end())
    return found->value;
  counts_.push_back({known, 0});
  return counts_.back().value;
}

std::uint64_t LabelledCounter::total() const {
  std::uint64_t sum = 0;
  for (const Count& count : counts_)
    sum += count.value;
  return sum;
}

}  // namespace gcstreamd
