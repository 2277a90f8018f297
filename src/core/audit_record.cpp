#include "gcstreamd/core/audit_record.hpp"

#include <fmt/format.h>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {

void AuditRecord::key(std::string_view key) {
  fields_ += ",\"";
  fields_ += key;
  fields_ += "\":";
}

AuditRecord& AuditRecord::text(std::string_view name, std::string_view value) {
  key(name);
  fields_ += json_string(value);
  return *this;
}

AuditRecord& AuditRecord::number(std::string_view name, std::uint64_t value) {
  key(name);
  fields_ += std::to_string(value);
  return *this;
}

AuditRecord& AuditRecord::real(std::string_view name, double value) {
  key(name);
  fields_ += fmt::format("{:.3f}", value);
  return *this;
}

AuditRecord& AuditRecord::texts(std::string_view name, std::span<const std::string> values) {
  key(name);
  fields_ += '[';
  for (const std::string& value : values) {
    if (fields_.back() != '[')
      fields_ += ',';
    fields_ += json_string(value);
  }
  fields_ += ']';
  return *this;
}

AuditRecord& AuditRecord::null(std::string_view name) {
  key(name);
  fields_ += "null";
  return *this;
}

AuditRecord& AuditRecord::text_if(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

}  // namespace gcstreamd
