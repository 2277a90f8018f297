// What a step of a script means for the feed and for the stream that it is about.
//
// Ownership: values; borrows the feed for a call. No I/O but the feed's truth, no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/cursor.hpp"
#include "simulator/step.hpp"

namespace gcstream_sim {

struct CloseOrder {
  std::uint16_t code = 1000;
  std::string reason;
  bool hold = false;  // TCP stays open behind the closing handshake
};

enum class Cut {
  fin,  // TCP ends without close_notify
  tls,  // with it
  rst,  // a TCP reset
};

// At most one of these is asked for.
struct StreamOrder {
  std::vector<Delivery> send;  // before anything else; events of the feed come by themselves
  std::optional<CloseOrder> close;
  std::optional<Cut> cut;
  std::optional<std::chrono::milliseconds> stall;     // 0: for ever
  std::optional<std::chrono::milliseconds> close_in;  // with 1001, the order is done before
};

// `step` must be one of Place::stream.
StreamOrder carry_out(const Step& step, Feed& feed, WallTime now);

// Of the steps that any WebSocket can play: bad, stall, close, close hold, cut; nothing: it is none
// of these.
std::optional<StreamOrder> link_order(const Step& step);

// Also the message of a step `deny`.
Delivery error_in_band(std::uint64_t status, const std::string& message);

EventBytes heartbeat();
EventBytes heartbeat(std::uint64_t number);

}  // namespace gcstream_sim
