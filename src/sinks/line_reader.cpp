#include "gcstreamd/sinks/line_reader.hpp"

#include <algorithm>
#include <cstring>

namespace gcstreamd {

LineReader::LineReader(LogSource& source, std::size_t block)
    : source_(source), buffer_(block + kPadding) {}

std::optional<std::string_view> LineReader::next() {
  while (true) {
    const char* from = buffer_.data() + searched_;
    const auto* found = static_cast<const char*>(std::memchr(from, '\n', end_ - searched_));
    if (found) {
      const char* begin = buffer_.data() + at_;
      const auto size = static_cast<std::size_t>(found - begin);
      at_ = searched_ = at_ + size + 1;
      ++line_;
      return std::string_view(begin, size);
    }
    searched_ = end_;
    if (!read_more())
      return std::nullopt;
  }
}

/// Moves what is left to the front and reads behind it.
bool LineReader::read_more() {
  if (at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    searched_ -= at_;
    at_ = 0;
  }
  if (end_ + kPadding >= buffer_.size()) {
    too_long_ = end_ >= kMostLine;
    if (too_long_)
      return false;
    buffer_.resize(std::min(2 * end_, kMostLine) + kPadding);
  }
  const std::size_t got = source_.read(buffer_.data() + end_, buffer_.size() - kPadding - end_);
  end_ += got;
  return got > 0;
}

}  // namespace gcstreamd
