#pragma once

#include <string>

#include "gcstreamd/core/daemon_status.hpp"

namespace gcstreamd {

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of the contract in Prometheus' text format 0.0.4. What is not known has no sample.
std::string to_prometheus(const DaemonStatus& daemon);

}  // namespace gcstreamd
