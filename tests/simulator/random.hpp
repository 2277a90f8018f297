// Seeded chance that gives the same values with every compiler, which the standard's distributions
// do not promise. A value: no ownership, no clock; for one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace gcstream_sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::size_t between(std::size_t low, std::size_t high) { return low + below(high - low + 1); }

  template <std::size_t size>
  std::string_view pick(const std::array<std::string_view, size>& words) {
    return words[below(size)];
  }

  std::string uuid();
  std::string phone_number();

 private:
  std::mt19937_64 engine_;
};

}  // namespace gcstream_sim
