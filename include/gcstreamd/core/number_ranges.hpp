#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gcstreamd/core/gap_policy.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// A set of event numbers as ranges, adjacent ones joined. Bounded: once it holds `most` ranges,
/// numbers that would begin another are only counted.
class NumberRanges {
 public:
  static constexpr std::size_t kMost = 65536;

  explicit NumberRanges(std::size_t most = kMost) : most_(most) {}

  /// Returns how many of the numbers were there before.
  std::uint64_t add(Hole range);
  bool empty() const { return ranges_.empty(); }
  std::size_t size() const { return ranges_.size(); }
  /// How many numbers, the uncounted-for ones included.
  std::uint64_t count() const { return count_ + dropped_; }
  /// False when numbers were counted that no range shows.
  bool exact() const { return dropped_ == 0; }
  SequenceNumber lowest() const { return ranges_.begin()->first; }     ///< of one that is not empty
  SequenceNumber highest() const { return ranges_.rbegin()->second; }  ///< likewise
  std::vector<Hole> first(std::size_t limit) const;

  using Ranges = std::map<SequenceNumber, SequenceNumber>;
  const Ranges& all() const { return ranges_; }

 private:
  std::uint64_t join(Hole range);

  std::size_t most_;
  Ranges ranges_;  ///< first number to last number
  std::uint64_t count_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace gcstreamd
