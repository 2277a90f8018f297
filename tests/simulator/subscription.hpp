// The client's subscription message. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "simulator/event_type.hpp"

namespace gcstream_sim {

struct Subscription {
  std::string id;
  EventTypes event_types;
  std::optional<std::uint64_t> sequence_number;
};

// Why a subscription is refused: ASCII, short enough for a close frame.
struct Refusal {
  std::string reason;
};

// `generated` must all be subscribed to: numbers are contiguous for the whole of them only.
std::variant<Subscription, Refusal> read_subscription(std::string_view text,
                                                      const EventTypes& generated);

}  // namespace gcstream_sim
