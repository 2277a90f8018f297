// How many requests a client may send. Decisions only: no clock; for one thread at a time.
//
// Stricter than a counter that starts anew each minute: never more than the limit in any window.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace gcstream_sim {

class RequestAllowance {
 public:
  using Time = std::chrono::system_clock::time_point;

  // `limit` 0: any number.
  RequestAllowance(std::size_t limit, std::chrono::milliseconds window)
      : limit_(limit), window_(window) {}

  struct Verdict {
    bool allowed = true;
    std::size_t count = 0;  // within the window, this one included
    // Until the next one is allowed; at least one where this one is not.
    std::chrono::seconds reset{0};
  };
  // A request that is not allowed does not count.
  Verdict take(Time now);
  std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::chrono::milliseconds window_;
  std::deque<Time> taken_;  // within the window, `limit_` at most
};

}  // namespace gcstream_sim
