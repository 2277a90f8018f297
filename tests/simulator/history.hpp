// What was created so far, bounded: the newest events that a resume can still bring.
//
// Ownership: an event's bytes are shared with the writes that are under way, so that forgetting an
// event never invalidates one. Pure; for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

namespace gcstream_sim {

// Null marks a number that is never sent.
using EventBytes = std::shared_ptr<const std::string>;

class History {
 public:
  // Keeps at most `capacity` numbers, at least one.
  explicit History(std::size_t capacity);

  // Gives `event` the next number, from 1, and returns it.
  std::uint64_t append(EventBytes event);

  // Forgets all; numbers start over at 1.
  void restart();

  std::uint64_t newest() const { return newest_; }
  // The oldest number still kept; newest() + 1 while nothing is.
  std::uint64_t oldest() const { return newest_ + 1 - kept_.size(); }
  // `number` must be from oldest() to newest().
  const EventBytes& at(std::uint64_t number) const;

 private:
  std::size_t capacity_;
  std::uint64_t newest_ = 0;
  std::deque<EventBytes> kept_;
};

}  // namespace gcstream_sim
