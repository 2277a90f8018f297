#pragma once

#include <span>
#include <string>
#include <vector>

#include "gcstreamd/core/event_memory.hpp"
#include "gcstreamd/core/gap_policy.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// Numbers of our own for events that come without: contiguous within a stream from 1 on, over
/// restarts, and never given twice. An event that was numbered within the memory's window keeps its
/// number and is a duplicate.
///
/// Events are numbered as they are decoded, so that to Intake each new one is the next in order,
/// and Delivery, positions and sinks keep the rules that they have for a server's numbers.
class LocalNumbers {
 public:
  /// `last`: the last number that was given; 0: none yet.
  explicit LocalNumbers(SequenceNumber last = 0, std::size_t window = EventMemory::kEvents,
                        std::size_t most_recovered = kMostRecovered)
      : last_(last), memory_(window), recovered_(most_recovered) {}

  /// So many recovered records are known again: a gap with more of them is asked for once.
  static constexpr std::size_t kMostRecovered = 131072;

  struct Numbered {
    SequenceNumber number = kNoNumber;
    bool duplicate = false;
  };
  Numbered number(const DurableHash& event) { return number_in(memory_, event); }
  /// The same for a recovered record: what was delivered as it is now is a duplicate. They have a
  /// memory of their own, so that many of them push no event out.
  Numbered number_recovered(const DurableHash& record) { return number_in(recovered_, record); }

  /// After a restart: the next number follows `last`; what the memories know beyond it was never
  /// delivered.
  void go_on_after(SequenceNumber last);

  SequenceNumber last() const { return last_; }
  EventMemory& memory() { return memory_; }
  EventMemory& recovered() { return recovered_; }

 private:
  Numbered number_in(EventMemory& memory, const DurableHash& one);

  SequenceNumber last_;
  EventMemory memory_;
  EventMemory recovered_;
};

/// How far a sink had come when the daemon ended.
struct SinkTail {
  std::string sink;
  SequenceNumber held = 0;  ///< the last number in it
};

/// Where numbers go on after a restart: behind the last one that any sink holds. The server sends
/// nothing again, so what a sink lacks up to there is lost to this sink alone, and the time of it
/// is a gap in coverage.
struct NumberRecovery {
  struct Loss {
    std::string sink;
    Hole hole;
    bool operator==(const Loss&) const = default;
  };
  SequenceNumber last = 0;
  std::vector<Loss> lost;
};

/// `saved`: the position in the state directory. Give the required sinks' tails only.
NumberRecovery recover_numbers(SequenceNumber saved, std::span<const SinkTail> tails);

}  // namespace gcstreamd
