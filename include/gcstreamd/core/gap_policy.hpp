#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Numbers that are missing, both ends included.
struct Hole {
  SequenceNumber from = 0;
  SequenceNumber to = 0;
  std::uint64_t count() const { return to - from + 1; }
  bool operator==(const Hole&) const = default;
};

/// Decides what a hole leads to: a resume from the last contiguous number, or a declared loss.
/// A resume is asked for once from each position, and within a budget for each minute.
class GapPolicy {
 public:
  explicit GapPolicy(IntegrityConfig config) : config_(config) {}

  struct Decision {
    bool newly_found = false;    ///< no part of a hole that is known already
    bool resume = false;         ///< else the hole is lost
    std::string_view cause;      ///< why it is lost
    std::optional<Hole> filled;  ///< the part of the known hole that had been filled before
  };
  /// An event came behind `hole`.
  Decision on_hole(Hole hole, SteadyTime now);

  /// An event was delivered in order; returns the hole that it completed, if any.
  std::optional<Hole> on_delivered(SequenceNumber number);
  /// The number was declared lost for another reason than its hole.
  void on_lost(SequenceNumber number);
  /// From the next hole on.
  void configure(const IntegrityConfig& config) { config_ = config; }
  /// Numbers began anew: what was missing has no meaning any more.
  void forget();

  /// What `on_hole` would say, without a change of anything.
  bool would_lose(const Hole& hole, SteadyTime now) { return !cause_of_loss(hole, now).empty(); }

  bool pending() const { return pending_.has_value(); }

 private:
  bool budget_left(SteadyTime now);
  std::string_view cause_of_loss(const Hole& hole, SteadyTime now);

  IntegrityConfig config_;
  std::optional<Hole> pending_;                ///< found, and neither filled nor lost
  std::optional<SequenceNumber> resumed_for_;  ///< the number missing at the last resume
  std::deque<SteadyTime> resumes_;             ///< of the last minute, at most the budget
};

}  // namespace gcstreamd
