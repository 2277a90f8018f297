// Which events suffer which fault. Decisions only; no I/O, no clock, for one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace gcstream_sim {

// How a message looks on the wire.
enum class Shape {
  text,
  binary,
  fragments,
  drip,             // small pieces over some time
  bad_utf8,         // a byte of it is no UTF-8
  bad_json,         // its end is missing
  reserved_bit,     // RSV1
  reserved_opcode,  // 3
  masked,
};

struct Look {
  Shape shape = Shape::text;
  std::uint64_t fragments = 1;
  std::chrono::milliseconds over{0};  // of a drip
};

// Each: every N-th number; 0 turns it off.
struct FaultOptions {
  std::uint64_t drop_every = 0;  // the connection is cut after this live event
  std::uint64_t drop_about = 0;  // likewise, but at random: about every N-th, by the seed
  std::uint64_t gap_every = 0;   // not sent live, only in a replay
  std::uint64_t lose_every = 0;  // never sent at all
  std::uint64_t poison_at = 0;   // this number has bad UTF-8 each time it is sent
};

// What a script does to one event.
struct EventFault {
  bool lost = false;           // never sent
  bool gap = false;            // sent only in a replay
  bool withheld = false;       // as a gap, but the script itself sends it live
  Look live;                   // the first time, not in a replay
  std::optional<Look> always;  // each time: nobody can read it
};

class Faults {
 public:
  // `last` is the last number that will ever be created, if there is one: it is always sent live,
  // because nothing after it could show that it is missing.
  Faults(const FaultOptions& options, std::optional<std::uint64_t> last, std::uint64_t seed = 1)
      : options_(options), last_(last), seed_(seed) {}

  void add(std::uint64_t number, const EventFault& fault) { scripted_[number] = fault; }
  // Scripted faults of numbers below `number` are not asked for any more.
  void forget_below(std::uint64_t number);
  // Numbers start over.
  void restart();
  // No number above `number` will ever be created.
  void set_last(std::uint64_t number) { last_ = number; }

  bool never_sent(std::uint64_t number) const;
  // Sent, but nobody can read it.
  bool poisoned(std::uint64_t number) const;
  // A gap to be counted.
  bool held_back_live(std::uint64_t number) const;
  bool withheld_live(std::uint64_t number) const;
  Look look(std::uint64_t number, bool live) const;
  // True once for each number, whichever connection asks first.
  bool cut_after_live(std::uint64_t number);

 private:
  static bool hits(std::uint64_t number, std::uint64_t every) {
    return every != 0 && number % every == 0;
  }
  bool hits_at_random(std::uint64_t number) const;
  const EventFault* scripted(std::uint64_t number) const;

  FaultOptions options_;
  std::optional<std::uint64_t> last_;
  std::uint64_t seed_;
  std::uint64_t last_cut_ = 0;
  std::map<std::uint64_t, EventFault> scripted_;
};

}  // namespace gcstream_sim
