#pragma once

#include <string>
#include <string_view>

#include "gcstreamd/core/protocol.hpp"

namespace gcstreamd {

/// A message with the readable bytes behind it that a decoder needs. What stands there is not
/// JSON, so that reading too far shows.
class Padded {
 public:
  explicit Padded(std::string_view message)
      : bytes_(std::string(message) + std::string(Protocol::kPadding, '}')),
        size_(message.size()) {}

  std::string_view view() const { return std::string_view(bytes_).substr(0, size_); }

 private:
  std::string bytes_;
  std::size_t size_;
};

}  // namespace gcstreamd
