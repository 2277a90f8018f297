#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gcstreamd/sinks/log_source.hpp"

namespace gcstreamd {

/// The lines of a log, read in large blocks and given without a copy each. Memory is bounded by the
/// longest line, at most kMostLine bytes.
class LineReader {
 public:
  static constexpr std::size_t kBlock = std::size_t{1024} * 1024;
  static constexpr std::size_t kMostLine = std::size_t{16} * 1024 * 1024;
  static constexpr std::size_t kPadding = 64;  ///< readable bytes behind each line

  /// `source` lives longer than this.
  explicit LineReader(LogSource& source, std::size_t block = kBlock);

  /// The next whole line without its line break, valid until the next call. Empty at the end, at a
  /// fault of the source, and before a line that is too long.
  std::optional<std::string_view> next();
  /// The number of the line that `next` gave last, from 1.
  std::uint64_t line() const { return line_; }

  /// Once `next` is empty: what stands behind the last line break.
  std::string_view unfinished() const { return {buffer_.data() + at_, end_ - at_}; }
  bool too_long() const { return too_long_; }

 private:
  bool read_more();

  LogSource& source_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;        ///< where the next line begins
  std::size_t searched_ = 0;  ///< no line break from `at_` up to here
  std::size_t end_ = 0;
  std::uint64_t line_ = 0;
  bool too_long_ = false;
};

}  // namespace gcstreamd
