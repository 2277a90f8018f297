#include "record_log.hpp"

#include <nlohmann/json.hpp>

#include "gcstreamd/core/incidents.hpp"

namespace gcstreamd {
spdlog::level::level_enum log_level(const AuditRecord& record) {
  switch (severity(record.type())) {
    case Severity::error:
      return spdlog::level::err;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::info:
      break;
  }
  return spdlog::level::info;
}

std::string log_line(const AuditRecord& record) {
  std::string line = record.type();
  std::string object = "{" + record.fields() + "}";
  if (!record.fields().empty())
    object.erase(1, 1);  // the first field's comma
  const auto fields = nlohmann::ordered_json::parse(object, nullptr, false);
  for (const auto& [key, value] : fields.items())
    line += ' ' + key + '=' + value.dump();
  return line;
}

}  // namespace gcstreamd
