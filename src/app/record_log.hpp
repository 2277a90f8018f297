#pragma once

#include <spdlog/common.h>

#include <string>

#include "gcstreamd/core/audit_record.hpp"

namespace gcstreamd {

/// How loud a record is in the daemon's own log.
spdlog::level::level_enum log_level(const AuditRecord& record);

/// A record as one line for people: `connection_closed code=1001 reason="going away"`.
std::string log_line(const AuditRecord& record);

}  // namespace gcstreamd
