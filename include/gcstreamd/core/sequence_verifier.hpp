#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "gcstreamd/core/event.hpp"

namespace gcstreamd {

/// How a numbered event stands to those before it.
enum class Order {
  first,      ///< nothing came before it: it sets the start
  in_order,   ///< the next number
  gap,        ///< numbers are missing before it
  duplicate,  ///< delivered before, or as old as what was
  reset,      ///< the server's numbers began anew
};

/// Knows which number is next and tells order; it neither logs, drops nor delivers.
///
/// A number at or under the last one is a duplicate when the same bytes were delivered under it;
/// where they are forgotten, when its timestamp is not later than the last delivered one's;
/// otherwise, and where the two cannot be compared, it is a reset: doubling is found later, loss is
/// not (source: the contract's delivery promise, "Resets").
class SequenceVerifier {
 public:
  /// `last`: the last number that counts as delivered, and its event's timestamp where it is known;
  /// empty: the first event sets the start.
  explicit SequenceVerifier(std::optional<SequenceNumber> last = std::nullopt,
                            std::optional<WallTime> last_timestamp = std::nullopt);

  Order check(const Event& event) const;
  /// What an event's bytes are remembered as.
  static std::size_t content_of(std::string_view line);
  /// An event that a sink holds already, and may be sent again: one under the last number tells a
  /// duplicate from a reset, and one beyond it that other bytes under its number are a reset.
  void remember(SequenceNumber number, std::size_t content);
  /// The content that an event has in a sink which was not given all of it; empty: none.
  using Shown = std::function<std::optional<std::size_t>(std::string_view line)>;
  /// As `remember`, where a sink holds the event so, or as it came (`shown` may be null). Other
  /// content tells nothing then: what the sink is given may have changed since. Of several sinks
  /// any may know the event again.
  void remember_shown(SequenceNumber number, std::size_t content, const Shown& shown);
  /// Numbers from `first` up to the last one were delivered before a restart, and nothing else is
  /// known of them: until an event is delivered, they are duplicates whatever their time.
  void presume(SequenceNumber first) { presumed_ = first; }
  /// The event was delivered: remembers its number, content and time.
  void delivered(const Event& event);
  /// Numbers up to `number` are given up or declared delivered, or those behind it come again.
  void move_to(SequenceNumber number);
  /// A new epoch: the next event sets the start.
  void forget();

  std::optional<SequenceNumber> last() const { return last_; }
  std::optional<WallTime> last_timestamp() const { return last_timestamp_; }
  /// The number that should come next; meaningful once there is a last one.
  SequenceNumber expected() const { return last_.value_or(0) + 1; }

  /// How many delivered events' contents are remembered.
  static constexpr std::size_t kMemory = 4096;

 private:
  struct Remembered {
    SequenceNumber number = kNoNumber;
    std::size_t content = 0;
  };
  struct RememberedShown {
    std::size_t content = 0;
    Shown shown;
  };

  bool was_shown(const Event& event) const;

  std::optional<SequenceNumber> last_;
  std::optional<WallTime> last_timestamp_;
  std::vector<Remembered> memory_;                        ///< a ring by number
  std::multimap<SequenceNumber, RememberedShown> shown_;  ///< of kMemory events at most
  SequenceNumber furthest_ = kNoNumber;                   ///< that is remembered
  SequenceNumber presumed_ = kNoNumber;                   ///< from here on; kNoNumber: none
};

}  // namespace gcstreamd
