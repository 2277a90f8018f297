#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gcstreamd::bench {

/// Counts the lines that another process adds to a file from now on. Throws std::runtime_error
/// where the file cannot be opened.
class LineWatch {
 public:
  explicit LineWatch(const std::string& path);
  ~LineWatch();
  LineWatch(const LineWatch&) = delete;
  LineWatch& operator=(const LineWatch&) = delete;

  /// Lines that can be read since the object was made.
  std::uint64_t lines();

 private:
  int fd_;
  std::uint64_t lines_ = 0;
  std::vector<char> buffer_;
};

}  // namespace gcstreamd::bench
