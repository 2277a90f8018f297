#include "gcstreamd/app/record_log.hpp"

#include <nlohmann/json.hpp>

#include "gcstreamd/app/log.hpp"
#include "gcstreamd/core/incidents.hpp"

namespace gcstreamd {
namespace {

spdlog::level::level_enum level_of(std::string_view record_type) {
  switch (severity(record_type)) {
    case Severity::error:
      return spdlog::level::err;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::info:
      break;
  }
  return spdlog::level::info;
}

}  // namespace

/// The metrics' record has a line of its own.
void RecordLog::on(const AuditRecord& record, SteadyTime now) {
  const auto level = level_of(record.type());
  if (!log_->should_log(level) || record.type() == "metrics" || !limit_.admit(record.type(), now))
    return;
  log_->log(about(stream_, record.type()), level, "{}: {}", stream_, log_line(record));
}

void RecordLog::tell(const std::vector<LogLimit::Left>& left) {
  for (const auto& [kind, count] : left)
    log_->log(about(stream_, kind), level_of(kind),
              "{}: {}: {} more of these within a minute, not written here; the audit log has each",
              stream_, kind, count);
}

std::string log_line(const AuditRecord& record) {
  std::string line = record.type();
  const auto fields = fields_for_people(record);
  for (const auto& [key, value] : fields.items())
    line += ' ' + key + '=' + value.dump();
  return line;
}

}  // namespace gcstreamd
