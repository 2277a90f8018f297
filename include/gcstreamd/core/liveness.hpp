#pragma once

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Decides when a silent link is asked with a ping, and when it is dead.
class Liveness {
 public:
  Liveness(std::chrono::milliseconds idle_timeout, SteadyTime now)
      : timeout_(idle_timeout), last_frame_(now) {}

  /// From the next check on.
  void configure(std::chrono::milliseconds idle_timeout) { timeout_ = idle_timeout; }

  enum class Verdict { alive, ping, dead };

  void on_frame(SteadyTime now) {
    last_frame_ = now;
    pinged_ = false;
  }

  /// `ping` once, after half of the timeout; `dead` after all of it.
  Verdict check(SteadyTime now) {
    if (now - last_frame_ >= timeout_)
      return Verdict::dead;
    if (pinged_ || now - last_frame_ < timeout_ / 2)
      return Verdict::alive;
    pinged_ = true;
    return Verdict::ping;
  }

  /// When `check` may have something new to say.
  SteadyTime next_check() const { return last_frame_ + (pinged_ ? timeout_ : timeout_ / 2); }
  std::chrono::milliseconds silence(SteadyTime now) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - last_frame_);
  }

 private:
  std::chrono::milliseconds timeout_;
  SteadyTime last_frame_;
  bool pinged_ = false;
};

}  // namespace gcstreamd
