#include "gcstreamd/core/sequence_verifier.hpp"

#include <functional>

namespace gcstreamd {

SequenceVerifier::SequenceVerifier(std::optional<SequenceNumber> last,
                                   std::optional<WallTime> last_timestamp)
    : last_(last), last_timestamp_(last_timestamp), memory_(kMemory) {}

Order SequenceVerifier::check(const Event& event) const {
  if (!last_)
    return Order::first;
  if (event.number == *last_ + 1)
    return Order::in_order;
  if (event.number > *last_)
    return Order::gap;
  const Remembered& place = memory_[event.number % kMemory];
  if (place.number == event.number)
    return place.content == std::hash<std::string_view>{}(event.line) ? Order::duplicate
                                                                      : Order::reset;
  const bool not_later = event.timestamp && last_timestamp_ && *event.timestamp <= *last_timestamp_;
  return not_later ? Order::duplicate : Order::reset;
}

void SequenceVerifier::delivered(const Event& event) {
  last_ = event.number;
  memory_[event.number % kMemory] = {event.number, std::hash<std::string_view>{}(event.line)};
  if (event.timestamp)
    last_timestamp_ = event.timestamp;
}

void SequenceVerifier::move_to(SequenceNumber number) {
  last_ = number;
}

void SequenceVerifier::forget() {
  last_.reset();
  memory_.assign(kMemory, {});
}

}  // namespace gcstreamd
