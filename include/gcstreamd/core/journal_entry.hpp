#pragma once

#include <string>
#include <string_view>

namespace gcstreamd {

/// One entry of systemd's journal in its native protocol: fields, each a line `NAME=value`, or,
/// where the value holds a line break, its name, its length in 8 bytes, and its bytes.
class JournalEntry {
 public:
  /// `name` is of capital letters, digits and underscores; empty values are left out.
  JournalEntry& field(std::string_view name, std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace gcstreamd
