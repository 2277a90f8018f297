#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gcstreamd/core/durable_hash.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// What tells one notification from another: they carry neither a number nor an id. `metadata` is
/// left out, because two channels may tell of one event with different ones.
struct EventIdentity {
  std::string_view topic;  ///< as it came, expanded
  std::int64_t time_ms = 0;
  std::string_view participant;
  std::string_view session;
  std::string_view body;  ///< `eventBody`, byte by byte
};

DurableHash hash_of(const EventIdentity& identity);

/// The newest events that were delivered, and their numbers: what comes again within the window is
/// a duplicate. Bounded by count; survives a restart as text, one event a line.
class EventMemory {
 public:
  static constexpr std::size_t kEvents = 16384;

  explicit EventMemory(std::size_t capacity = kEvents) : capacity_(capacity) {}

  std::optional<SequenceNumber> find(const DurableHash& event) const;
  /// The oldest one is forgotten for it. One that is known already keeps its number.
  void remember(const DurableHash& event, SequenceNumber number);
  std::size_t size() const { return order_.size(); }

  /// Everything, oldest first, for a new file.
  std::string snapshot() const;
  /// Lines for what was remembered since the last call, to be added to the file before those
  /// numbers count as durable.
  std::string take_new();
  /// Whether the file has grown so much that a snapshot should replace it.
  bool wants_snapshot() const { return appended_ >= 3 * capacity_; }
  /// Reads what the file holds. Lines that are none, such as a torn last one, are passed over;
  /// returns how many.
  std::size_t load(std::string_view text);
  /// Forgets what a file promised and no sink holds: those behind `last`.
  void forget_after(SequenceNumber last);

 private:
  std::size_t capacity_;
  std::unordered_map<DurableHash, SequenceNumber, DurableHashBits> numbers_;
  std::deque<DurableHash> order_;  ///< oldest first
  std::size_t fresh_ = 0;          ///< at the end of `order_`, not yet taken as lines
  mutable std::size_t appended_ = 0;
};

}  // namespace gcstreamd
