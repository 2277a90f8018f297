#pragma once

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/net/websocket_client.hpp"

namespace gcstreamd {

/// Where a stream's WebSocket is opened, with the token where the configuration wants it: as the
/// last parameter of the query, or in a header.
WebSocketTarget stream_target(const StreamConfig& config, const Secret& token);

/// A channel's, at its `connectUri` as the service gave it; no header carries a token there.
WebSocketTarget channel_target(const Secret& connect_uri);

}  // namespace gcstreamd
