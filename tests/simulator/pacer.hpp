// When the next events are due at a steady rate. A value without a clock or a timer of its own.
#pragma once

#include <chrono>
#include <cstdint>

namespace gcstream_sim {

class Pacer {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `rate` is in events per second and above 0.
  Pacer(double rate, Time start) : rate_(rate), start_(start) {}

  // Events that are due and were not created yet, at most a second's worth, so that a process that
  // was suspended does not burst.
  std::uint64_t due(Time now) const;
  void created(std::uint64_t events) { created_ += events; }
  // When one more is due.
  Time next() const;
  // What was not created until now is not owed any more.
  void restart(Time now);

 private:
  double rate_;
  Time start_;
  std::uint64_t created_ = 0;
};

}  // namespace gcstream_sim
