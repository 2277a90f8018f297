#pragma once

#include <chrono>

#include "gcstreamd/net/tls_context.hpp"

namespace gcstreamd {

/// What every outgoing connection of a stream shares.
struct ConnectionOptions {
  ConnectionOptions(TlsContext context, std::chrono::milliseconds limit)
      : tls(std::move(context)), stage_timeout(limit) {}

  TlsContext tls;
  std::chrono::milliseconds stage_timeout;  ///< for each of DNS, TCP, TLS, HTTP, upgrade
};

}  // namespace gcstreamd
