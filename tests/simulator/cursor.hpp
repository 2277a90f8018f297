// One subscriber's place in the history: what it gets next and which fault befalls it.
//
// Ownership: borrows the feed, which must outlive it. Pure; for one thread at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "simulator/feed.hpp"

namespace gcstream_sim {

struct Delivery {
  EventBytes event;        // null: nothing to send
  bool cut_after = false;  // then cut the connection
  Look look;
  std::uint64_t number = 0;  // of a notification, for the truth alone
};

class Cursor {
 public:
  // After `after`, with a replay of what the history holds, and of as many events before it as the
  // feed's overlap says; without it, from the tip. A number that has not been reached yet counts as
  // the tip.
  //
  // When numbers start over it goes on with the first of them.
  Cursor(Feed& feed, std::optional<std::uint64_t> after);

  // Nothing, when the subscriber has all there is.
  std::optional<Delivery> next();
  std::uint64_t behind() const;

 private:
  void follow_reset();
  void skip_forgotten();
  std::optional<Delivery> deliver(std::uint64_t number);

  Feed& feed_;
  std::uint64_t next_;
  std::uint64_t replay_until_;
  std::uint64_t epoch_;
};

}  // namespace gcstream_sim
