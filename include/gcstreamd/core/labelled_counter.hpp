#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// Counts by a label whose values may come from outside: at most kMost of them, clipped, and all
/// that come later together as "other". Allocates only for a value that it has not seen.
class LabelledCounter {
 public:
  struct Count {
    std::string label;
    std::uint64_t value = 0;
  };

  void add(std::string_view label) { ++find(label); }
  /// Has it at 0 from now on: a counter that begins at 1 shows no increase.
  void expect(std::string_view label) { find(label); }

  /// In the order in which they came.
  const std::vector<Count>& counts() const { return counts_; }
  std::uint64_t total() const;

  static constexpr std::size_t kMost = 32;
  static constexpr std::size_t kLongest = 64;  ///< bytes of a label

 private:
  std::uint64_t& find(std::string_view label);
  std::uint64_t& add_new(std::string_view label);

  std::vector<Count> counts_;
};

}  // namespace gcstreamd
