// Creates the events, writes the truth about them and keeps the history that subscribers read.
//
// Ownership: owns the story, the history, the faults, the counters and the truth file. No clock;
// its one I/O is that file. For one thread at a time.
#pragma once

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
};

struct FeedOptions {
  std::uint64_t seed = 1;
  EventTypes event_types = EventTypes::all();
  std::optional<std::uint64_t> count;  // stop creating after this many
  std::size_t history = 100'000;
  FaultOptions faults;
  std::filesystem::path truth;  // empty: none is written
};

class Feed {
 public:
  // Replaces the truth file. Throws std::system_error when it cannot be opened.
  explicit Feed(const FeedOptions& options);

  bool finished() const { return options_.count && history_.newest() >= *options_.count; }
  // Creates one event, unless all have been created.
  void create(WallTime now);
  // Makes the truth visible to readers of the file; call it before subscribers are served.
  void flush();

  const History& history() const { return history_; }
  Faults& faults() { return faults_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  const EventTypes& event_types() const { return options_.event_types; }

 private:
  FeedOptions options_;
  Story story_;
  History history_;
  Faults faults_;
  Counters counters_;
  std::ofstream truth_;
};

}  // namespace gcstream_sim
