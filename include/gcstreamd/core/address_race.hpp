#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Happy Eyeballs (RFC 8305, 4 and 5): in which order, and when, the addresses of one host are
/// tried. The first attempt that connects wins, and the others are given up; until then one more
/// begins whenever one fails, or kDelay after the last one began. Addresses are known by their
/// index in the resolver's order, which sorts them by RFC 6724; IPv6 and IPv4 take turns from the
/// family that is first there.
class AddressRace {
 public:
  enum class Family { v4, v6 };

  static constexpr std::chrono::milliseconds kDelay{250};
  /// Of addresses that are tried: a name with more is no better for it.
  static constexpr std::size_t kMost = 16;

  explicit AddressRace(const std::vector<Family>& addresses);

  struct Move {
    std::optional<std::size_t> connect;    ///< begin an attempt with this address
    std::optional<SteadyTime> look_again;  ///< call on_delay then, unless another move comes before
    bool lost = false;                     ///< nothing is left: `error` says why
  };
  Move begin(SteadyTime now);
  Move on_delay(SteadyTime now);
  /// An attempt failed with this errno.
  Move on_failure(int error, SteadyTime now);

  /// The failure that tells most: one of a host that was reached before one of a missing route,
  /// which the other family's addresses often have; 0 before any.
  int error() const { return error_; }

 private:
  Move next(SteadyTime now);

  std::vector<std::size_t> order_;
  std::size_t begun_ = 0;
  std::size_t failed_ = 0;
  int error_ = 0;
};

}  // namespace gcstreamd
