#pragma once

#include <spdlog/logger.h>

#include <memory>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// The daemon's own diagnostics, on standard error: with a time for people, or with systemd's
/// priority prefixes (sd-daemon(3)) for the journal. Never on standard output.
std::shared_ptr<spdlog::logger> make_log(const LogConfig& config);

/// Changes level and target of a log that is in use.
void configure_log(spdlog::logger& log, const LogConfig& config);

}  // namespace gcstreamd
