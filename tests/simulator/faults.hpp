// Which events suffer which fault. Decisions only; no I/O, no clock, for one thread at a time.
#pragma once

#include <cstdint>
#include <optional>

namespace gcstream_sim {

// Each: every N-th number; 0 turns it off.
struct FaultOptions {
  std::uint64_t drop_every = 0;  // the connection is cut after this live event
  std::uint64_t gap_every = 0;   // not sent live, only in a replay
  std::uint64_t lose_every = 0;  // never sent at all
};

class Faults {
 public:
  // `last` is the last number that will ever be created, if there is one: it is always sent live,
  // because nothing after it could show that it is missing.
  Faults(const FaultOptions& options, std::optional<std::uint64_t> last)
      : options_(options), last_(last) {}

  bool never_sent(std::uint64_t number) const { return hits(number, options_.lose_every); }
  bool held_back_live(std::uint64_t number) const {
    return number != last_ && hits(number, options_.gap_every);
  }
  // True once for each number, whichever connection asks first.
  bool cut_after_live(std::uint64_t number);

 private:
  static bool hits(std::uint64_t number, std::uint64_t every) {
    return every != 0 && number % every == 0;
  }

  FaultOptions options_;
  std::optional<std::uint64_t> last_;
  std::uint64_t last_cut_ = 0;
};

}  // namespace gcstream_sim
