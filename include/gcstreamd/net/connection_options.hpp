#pragma once

#include <chrono>

#include "gcstreamd/core/proxy.hpp"
#include "gcstreamd/net/stage_guard.hpp"
#include "gcstreamd/net/tls_context.hpp"

namespace gcstreamd {

/// What every outgoing connection of a stream shares.
struct ConnectionOptions {
  ConnectionOptions(TlsContext context, const StreamConfig& config)
      : tls(std::move(context)), proxy(config.proxy), stage_timeout(config.connect_timeout) {}

  TlsContext tls;
  ProxyChoice proxy;
  std::chrono::milliseconds stage_timeout;  ///< for each of DNS, TCP, CONNECT, TLS, HTTP, upgrade
  StageGuard::OnStage on_stage;             ///< where somebody wants to know
};

}  // namespace gcstreamd
