// What a step of a script means for the Notifications protocol.
//
// Ownership: values; borrows the switchboard for a call. No I/O but the truth, no clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "simulator/notifications/switchboard.hpp"
#include "simulator/step.hpp"
#include "simulator/stream_orders.hpp"

namespace gcstream_sim {

// `step` must be one of Place::stream that this protocol has; `channel` is that of the stream.
StreamOrder carry_out(const Step& step, Switchboard& board, const std::string& channel,
                      EventTime now);

// Whether it was one of the steps about events, topics or the directory.
bool play_at_once(const Step& step, Switchboard& board, EventTime now);

// v2.system.socket_closing, and the close after that time.
StreamOrder closing_order(std::chrono::milliseconds notice);

// Of channel.metadata.
Delivery metadata_message(std::string_view text);

}  // namespace gcstream_sim
