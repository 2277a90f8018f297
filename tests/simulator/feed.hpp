// Creates the events, writes the truth about them and keeps the history that subscribers read.
//
// The truth file has one line for each event, in the order of creation: its own bytes, or
// {"neverSent":true,"sequenceNumber":N} when nobody ever gets it in a form that can be read.
//
// Ownership: owns the story, the history, the faults, the counters and the truth file. No clock;
// its one I/O is that file. For one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>

#include "simulator/event_type.hpp"
#include "simulator/faults.hpp"
#include "simulator/history.hpp"
#include "simulator/story.hpp"

namespace gcstream_sim {

struct Counters {
  std::uint64_t created = 0;     // numbers given, the never sent ones included
  std::uint64_t never_sent = 0;  // of these, what no subscriber ever gets
  std::uint64_t connections = 0;
  std::uint64_t drops = 0;
  std::uint64_t gaps = 0;
  std::uint64_t forgotten = 0;  // asked for or still unsent when the history had dropped it
  std::uint64_t pings = 0;
  std::uint64_t pongs = 0;
  std::chrono::milliseconds slowest_pong{0};
};

struct FeedOptions {
  std::uint64_t seed = 1;
  EventTypes event_types = EventTypes::all();
  std::optional<std::uint64_t> count;  // stop creating after this many
  std::size_t history = 100'000;
  std::uint64_t overlap = 0;  // a resume replays so many events that the client has
  FaultOptions faults;
  std::filesystem::path truth;  // empty: none is written
};

class Feed {
 public:
  // Replaces the truth file. Throws std::system_error when it cannot be opened.
  explicit Feed(const FeedOptions& options);

  bool finished() const { return options_.count && counters_.created >= *options_.count; }
  // Creates one event, unless all have been created.
  void create(WallTime now);
  // Creates the last one of all, which is sent live, so that it shows whatever is missing.
  void finish(WallTime now);
  // Creates one for a script, also when all have been created, and returns its number. It is made
  // `bytes` long when that is more than it needs.
  std::uint64_t add(WallTime now, const EventFault& fault, std::size_t bytes = 0);
  // One that has no number and is in no history.
  std::string unnumbered(WallTime now);
  // A new epoch: numbers start over at 1, timestamps are later than all before, and what was
  // before is never sent again. The truth has a line {"reset":true,"previous":N} between the two.
  void reset();
  std::uint64_t epoch() const { return epoch_; }
  // Makes the truth visible to readers of the file; call it before subscribers are served.
  void flush();

  const History& history() const { return history_; }
  Faults& faults() { return faults_; }
  const Faults& faults() const { return faults_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  const EventTypes& event_types() const { return options_.event_types; }
  std::uint64_t overlap() const { return options_.overlap; }

 private:
  std::uint64_t append(WallTime now, std::size_t bytes);
  WallTime stamp(WallTime now);

  FeedOptions options_;
  Story story_;
  History history_;
  Faults faults_;
  Counters counters_;
  std::ofstream truth_;
  std::uint64_t epoch_ = 1;
  WallTime latest_{};    // of all timestamps so far
  WallTime earliest_{};  // that this epoch may have
};

}  // namespace gcstream_sim
