#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/log_limit.hpp"

namespace gcstreamd {

/// One stream's records in the daemon's own log, as lines for people. What repeats is written a few
/// times a minute, then counted: the audit log has each. Without one, errors are written each.
class RecordLog {
 public:
  /// `config` outlives it.
  RecordLog(std::shared_ptr<spdlog::logger> log, const StreamConfig& config)
      : log_(std::move(log)), config_(config) {}

  void on(const AuditRecord& record, SteadyTime now);
  /// Tells what was left out in minutes that are over.
  void tick(SteadyTime now) { tell(limit_.over(now)); }
  /// The same of the minutes that are not over: no more records come.
  void finish() { tell(limit_.finish()); }

 private:
  void tell(const std::vector<LogLimit::Left>& left);
  bool audited() const;

  std::shared_ptr<spdlog::logger> log_;
  const StreamConfig& config_;
  LogLimit limit_;
};

/// A record as one line for people: `connection_closed code=1001 reason="going away"`. A warning or
/// an error ends with a hint that says what to do next.
std::string log_line(const AuditRecord& record);

}  // namespace gcstreamd
