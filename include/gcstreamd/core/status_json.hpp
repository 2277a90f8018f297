#pragma once

#include <string>

#include "gcstreamd/core/daemon_status.hpp"

namespace gcstreamd {

/// The daemon as one line of JSON, as docs/status.md describes it, without a line break.
std::string to_json(const DaemonStatus& daemon);

}  // namespace gcstreamd
