#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/sinks/mark.hpp"

namespace gcstreamd {

/// A chained record's line, taken apart without its line break.
struct ChainedLine {
  std::string_view fields;  ///< from `{` up to and without `,"n":`
  std::string_view hashed;  ///< from `{` up to and without `,"hash":`
  std::uint64_t n = 0;
  std::string_view hash;
};

/// Empty when the line is no chained record.
std::optional<ChainedLine> split_chained(std::string_view line);

/// Links audit records by SHA-256. A record's hash covers the previous record's 64 hex digits
/// (64 zeros before record 1) followed by this line's bytes from `{` up to and without the last
/// `,"hash":` in it.
class AuditChain {
 public:
  /// Ends the record that begins at `start` of `lines` and lacks only `n`, `hash` and its end:
  /// adds `,"n":…,"hash":"…"}` and a line break.
  void seal_line(std::string& lines, std::size_t start);

  /// Whether a record's hash is that of the record after `head`.
  static bool links(const ChainHead& head, const ChainedLine& line);

  const ChainHead& head() const { return head_; }
  void continue_from(ChainHead head) { head_ = std::move(head); }

 private:
  ChainHead head_;
};

/// The head that a written line is, or empty when it is not a chained record.
std::optional<ChainHead> chain_head_of(std::string_view line);

}  // namespace gcstreamd
