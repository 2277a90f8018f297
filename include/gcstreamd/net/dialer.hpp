#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/url.hpp"
#include "gcstreamd/net/connection_options.hpp"
#include "gcstreamd/net/stage_guard.hpp"

namespace gcstreamd {

class Transport;

/// DNS, TCP, where the URL's host is reached so a proxy's CONNECT, and, for a secure URL, TLS: a
/// connected transport, or the fault with its stage. Names are looked up anew each time; behind a
/// proxy the target's name is the proxy's to look up. `options` outlives the call.
boost::asio::awaitable<Outcome<std::shared_ptr<Transport>>> dial(const Url& url,
                                                                 const ConnectionOptions& options,
                                                                 std::shared_ptr<StageGuard> guard);

}  // namespace gcstreamd
