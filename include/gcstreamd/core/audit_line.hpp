#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gcstreamd {

/// What a check of an audit log needs of one record. The texts live until the next line is parsed.
struct AuditLine {
  std::string_view ts;
  std::string_view stream;
  std::string_view type;
  std::string_view hash;
  std::string_view sink;
  std::string_view previous_seal;
  std::string_view head_hash;
  std::string_view key_id;
  std::string_view signature;
  std::string_view unheard_from;  ///< a time
  std::string_view from_time;     ///< `from` and `to`, where they are times
  std::string_view to_time;
  std::optional<std::uint64_t> n;
  std::optional<std::uint64_t> sequence_number;
  std::optional<std::uint64_t> from;
  std::optional<std::uint64_t> to;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> missing;
  std::optional<std::uint64_t> seal_number;
  std::optional<std::uint64_t> head_record;
};

/// Validates lines of an audit log as JSON in full and takes out what AuditLine holds. Meant for
/// many lines: it keeps its memory.
class AuditLineParser {
 public:
  AuditLineParser();
  ~AuditLineParser();
  AuditLineParser(AuditLineParser&&) noexcept;

  /// So many bytes behind a line are readable; what they are does not matter.
  static constexpr std::size_t kPadding = 64;

  /// Returns what is wrong with the line (given without its line break), or "".
  std::string parse(std::string_view line, AuditLine& record);

 private:
  struct Json;

  std::unique_ptr<Json> json_;
};

}  // namespace gcstreamd
