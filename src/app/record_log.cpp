#include "gcstreamd/app/record_log.hpp"

#include <algorithm>
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
  if (!log_->should_log(level) || record.type() == "metrics")
    return;
  const bool nowhere_else = level == spdlog::level::err && !audited();
  if (!nowhere_else && !limit_.admit(record.type(), now))
    return;
  log_->log(about(config_.name, record.type()), level, "{}: {}", config_.name, log_line(record));
}

bool RecordLog::audited() const {
  const auto& sinks = config_.sinks;
  return std::any_of(sinks.begin(), sinks.end(),
                     [](const SinkConfig& sink) { return sink.type == "audit"; });
}

void RecordLog::tell(const std::vector<LogLimit::Left>& left) {
  for (const auto& [kind, count] : left)
    log_->log(about(config_.name, kind), level_of(kind),
              "{}: {}: {} more of these within a minute, not written here{}", config_.name, kind,
              count, audited() ? "; the audit log has each" : "");
}

std::string log_line(const AuditRecord& record) {
  std::string line = record.type();
  const auto fields = fields_for_people(record);
  for (const auto& [key, value] : fields.items())
    line += ' ' + key + '=' + value.dump();
  return line;
}

}  // namespace gcstreamd
