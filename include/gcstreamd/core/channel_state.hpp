#pragma once

#include <string_view>

#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

/// What the machine does in order to have a live channel. In those from `waiting` to `connecting`
/// an older channel may be live meanwhile: see ChannelMachine::serving.
enum class ChannelState {
  idle,         ///< not started
  held,         ///< a required sink cannot be written: no socket until it can
  waiting,      ///< a backoff runs
  authorizing,  ///< a token is being fetched
  creating,     ///< a channel is asked for
  subscribing,  ///< its topics are set
  connecting,   ///< its socket is being opened
  live,         ///< one channel's socket is open and subscribed
  draining,     ///< likewise, and the one that it replaced is still read
  stopping,     ///< sockets are being closed for good
  ended,        ///< for good
};

std::string_view name(ChannelState state);

/// Whether the line broke and the channel behind it is as it was, so that a socket may be opened to
/// it once more. Otherwise it is gone, displaced, or nobody knows.
bool keeps_channel(const Fault& fault);

/// The server knows no such channel (any more).
bool is_channel_gone(const Fault& fault);

}  // namespace gcstreamd
