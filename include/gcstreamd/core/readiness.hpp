#pragma once

#include <string>
#include <vector>

#include "gcstreamd/core/daemon_status.hpp"

namespace gcstreamd {

/// After so many attempts in a row that came to nothing, a stream is not ready any more.
inline constexpr unsigned kFirstAttempts = 3;

/// Why the stream, or a required sink of it, is not ready, one line each; empty when it is.
std::vector<std::string> unready(const StreamStatus& stream);
/// The same of the whole daemon. Ready: every stream receives, or is within the first attempts of
/// its backoff, and every required sink can be written.
std::vector<std::string> unready(const DaemonStatus& daemon);

}  // namespace gcstreamd
