#include "simulator/cursor.hpp"

#include <algorithm>
#include <utility>

namespace gcstream_sim {
namespace {

std::uint64_t first_for(const Feed& feed, std::optional<std::uint64_t> after) {
  const std::uint64_t newest = feed.history().newest();
  const std::uint64_t next = std::min(after.value_or(newest), newest) + 1;
  const std::uint64_t oldest = feed.history().oldest();
  if (!after || next <= oldest) {
    return next;
  }
  return next - std::min(feed.overlap(), next - oldest);
}

}  // namespace

Cursor::Cursor(Feed& feed, std::optional<std::uint64_t> after)
    : feed_(feed),
      next_(first_for(feed, after)),
      replay_until_(feed.history().newest()),
      epoch_(feed.epoch()) {}

std::optional<Delivery> Cursor::next() {
  follow_reset();
  skip_forgotten();
  while (next_ <= feed_.history().newest()) {
    if (auto delivery = deliver(next_++)) {
      return delivery;
    }
  }
  return std::nullopt;
}

std::optional<Delivery> Cursor::deliver(std::uint64_t number) {
  const bool live = number > replay_until_;
  const bool gap = live && feed_.faults().held_back_live(number);
  Delivery delivery;
  delivery.event = feed_.history().at(number);
  delivery.cut_after = live && feed_.faults().cut_after_live(number);
  delivery.look = feed_.faults().look(number, live);
  if (delivery.event && gap) {
    ++feed_.counters().gaps;
  }
  if (gap || (live && feed_.faults().withheld_live(number))) {
    delivery.event = nullptr;
  }
  return delivery.event || delivery.cut_after ? std::optional(std::move(delivery)) : std::nullopt;
}

std::uint64_t Cursor::behind() const {
  return feed_.history().newest() + 1 - (epoch_ == feed_.epoch() ? next_ : 1);
}

void Cursor::follow_reset() {
  if (epoch_ != feed_.epoch()) {
    epoch_ = feed_.epoch();
    next_ = 1;
    replay_until_ = 0;
  }
}

void Cursor::skip_forgotten() {
  const std::uint64_t oldest = feed_.history().oldest();
  if (next_ < oldest) {
    feed_.counters().forgotten += oldest - next_;
    next_ = oldest;
  }
}

}  // namespace gcstream_sim
