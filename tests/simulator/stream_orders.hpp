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
  std::optional<std::chrono::milliseconds> stall;  // 0: for ever
};

// `step` must be one of Place::stream.
StreamOrder carry_out(const Step& step, Feed& feed, WallTime now);

// Also the message of a step `deny`.
Delivery error_in_band(std::uint64_t status, const std::string& message);

EventBytes heartbeat();
EventBytes heartbeat(std::uint64_t number);

}  // namespace gcstream_sim
