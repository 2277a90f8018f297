#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "gcstreamd/core/proxy.hpp"
#include "gcstreamd/net/stage_guard.hpp"
#include "transport.hpp"

namespace gcstreamd {

/// Has the proxy at the other end of the transport's TCP connection lead on to the URL's host:
/// true, or a fault of stage proxy. What the arguments refer to outlives the call.
boost::asio::awaitable<Outcome<bool>> open_tunnel(Transport& transport, const Proxy& proxy,
                                                  const Url& url,
                                                  std::shared_ptr<StageGuard> guard);

}  // namespace gcstreamd
