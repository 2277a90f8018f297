#pragma once

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// `gcstreamd status [--json] [--watch]`.
struct StatusRequest {
  bool json = false;   ///< as /status answers, in place of tables
  bool watch = false;  ///< again and again, until somebody ends it
};

/// Asks the daemon that runs with this `metrics.listen` and prints what it says. Returns the
/// process's exit code: 69 where nothing answers, or something else does.
int run_status(const MetricsConfig& config, const StatusRequest& request);

}  // namespace gcstreamd
