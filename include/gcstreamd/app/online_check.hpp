#pragma once

#include <iosfwd>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// Tries the way of each stream, all at once: DNS, TCP or proxy, TLS, OAuth, and the same up to the
/// WebSocket's handshake, which is closed again before anything is subscribed to. Writes a table
/// of the steps and returns the exit code. Takes no lock, opens no sink and moves no position; each
/// step has `connect_timeout_s`.
int run_online_check(const Config& config, std::ostream& out);

}  // namespace gcstreamd
