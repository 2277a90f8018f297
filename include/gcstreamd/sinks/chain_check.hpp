#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/audit_line.hpp"
#include "gcstreamd/sinks/mark.hpp"
#include "gcstreamd/sinks/seal.hpp"

namespace gcstreamd {

struct ChainedLine;

/// Follows one audit chain record by record: each line whole JSON, numbers contiguous, hashes and
/// seals right. The first fault ends it. A chain may begin after record 1: its first record is then
/// taken as it is, because its own hash needs the record before it; a seal brings that along.
class ChainCheck {
 public:
  /// `keys` may be null: seals' signatures are then not checked. It lives longer than this.
  explicit ChainCheck(const SealPublicKeys* keys);
  ~ChainCheck();
  ChainCheck(ChainCheck&&) noexcept;

  /// Returns what is wrong with the next line, or "". The line is given without its line break,
  /// with AuditLineParser::kPadding readable bytes behind it.
  std::string check(std::string_view line);
  /// The line that was checked last, for its texts' lifetime.
  const AuditLine& record() const { return record_; }

  /// Whether the line is the record after the head, by its number and its hash.
  bool continues_with(std::string_view line) const;

  bool begun() const { return first_ > 0; }
  std::uint64_t first() const { return first_; }
  const ChainHead& head() const { return head_; }
  /// A chain from record 1 on, or from a seal with a good signature on, has nothing to take on
  /// trust.
  bool first_is_proven() const { return first_proven_; }

  struct Seals {
    std::uint64_t count = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t last_record = 0;
    std::string last_ts;
    std::string key_id;  ///< of the last one
  };
  const Seals& seals() const { return seals_; }

 private:
  std::string check_link(const ChainedLine& line);
  std::string check_first(const ChainedLine& line);
  std::string check_seal(const ChainedLine& line);
  std::string seal_order_fault(const ChainHead& before) const;

  const SealPublicKeys* keys_;
  AuditLineParser parser_;
  AuditLine record_;
  ChainHead head_;
  std::uint64_t first_ = 0;
  bool first_proven_ = true;
  SealHead seal_;
  Seals seals_;
};

}  // namespace gcstreamd
