#include "simulator/cursor.hpp"

#include <algorithm>

namespace gcstream_sim {

Cursor::Cursor(Feed& feed, std::optional<std::uint64_t> after)
    : feed_(feed),
      next_(std::min(after.value_or(feed.history().newest()), feed.history().newest()) + 1),
      replay_until_(feed.history().newest()) {}

std::optional<Delivery> Cursor::next() {
  skip_forgotten();
  while (next_ <= feed_.history().newest()) {
    const std::uint64_t number = next_++;
    const bool live = number > replay_until_;
    Delivery delivery{feed_.history().at(number), live && feed_.faults().cut_after_live(number)};
    if (delivery.event && live && feed_.faults().held_back_live(number)) {
      ++feed_.counters().gaps;
      delivery.event = nullptr;
    }
    if (delivery.event || delivery.cut_after) {
      return delivery;
    }
  }
  return std::nullopt;
}

void Cursor::skip_forgotten() {
  const std::uint64_t oldest = feed_.history().oldest();
  if (next_ < oldest) {
    feed_.counters().forgotten += oldest - next_;
    next_ = oldest;
  }
}

}  // namespace gcstream_sim
