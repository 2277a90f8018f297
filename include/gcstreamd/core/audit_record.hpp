#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gcstreamd {

/// One audit record: its type and its fields, already JSON, in the order they were added.
/// Time, stream, number and hash are added by whoever writes it.
class AuditRecord {
 public:
  explicit AuditRecord(std::string_view type) : type_(type) {}
  /// `fields` as another one's had them.
  AuditRecord(std::string_view type, std::string fields)
      : type_(type), fields_(std::move(fields)) {}

  AuditRecord& text(std::string_view key, std::string_view value);
  AuditRecord& number(std::string_view key, std::uint64_t value);
  AuditRecord& real(std::string_view key, double value);
  AuditRecord& texts(std::string_view key, std::span<const std::string> values);
  AuditRecord& null(std::string_view key);
  /// Adds the text only where there is one.
  AuditRecord& text_if(std::string_view key, std::string_view value);

  const std::string& type() const { return type_; }
  /// `,"key":value` for each field.
  const std::string& fields() const { return fields_; }

 private:
  void key(std::string_view key);

  std::string type_;
  std::string fields_;
};

}  // namespace gcstreamd
