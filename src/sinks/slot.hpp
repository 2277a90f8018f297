#pragma once

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "gcstreamd/core/backoff.hpp"
#include "gcstreamd/sinks/delivery.hpp"

namespace gcstreamd {

/// One sink with what the delivery knows about it.
struct Delivery::Slot {
  using State = SinkState;

  Slot(const SinkConfig& sink_config, const SinkContext& context);
  ~Slot() { *alive = false; }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  bool wants(const Event& event) const;
  /// Whether what passes it by never comes again.
  bool misses() const { return !config.required || !replayed; }
  bool holds(Place place) const { return place.number != kNoNumber && place <= sink->reached(); }
  /// Counts an event that it will never get.
  void miss(SequenceNumber number);
  /// Counts so many more within a range.
  void miss(const Hole& range, std::uint64_t count);
  /// What it took and did not write will never be written: that was missed too.
  void miss_unwritten();
  /// It was opened later than the stream: what its own file lacks up to `start` never comes, and
  /// what that holds beyond it was not missed.
  void join();
  /// It ends being required, or being there: the position waits for what it took until now.
  void owe();
  bool owes() const { return owed > sink->durable(); }
  /// Whether it adds to the file that `path` named when it was opened. One on its way elsewhere has
  /// written all that it will.
  bool writes_to(const std::string& path) const;
  /// Whether it writes to `path`, or is still going to although another sink has that path.
  bool uses(const std::string& path) const;
  /// What its first sync left behind will come again, or else was missed.
  void miss_forgotten();
  /// Whether it keeps what it took over a restart.
  bool durable_kind() const { return !config.path.empty(); }
  bool settled() const { return stranded || sink->settled(); }
  bool up() const { return state == State::working || state == State::proving; }
  /// Why events pass it by.
  std::string_view cause() const;
  void reset_backoff();
  /// What the sink is given from now on.
  void redact_by(const SinkConfig& sink);

  SinkConfig config;
  std::unique_ptr<Sink> sink;
  std::shared_ptr<Redactor> redactor;  ///< of what it is given; null: all that there is
  bool redacted = false;               ///< some lines may have gone through this one or another
  State state = State::working;
  bool opened = false;
  bool replayed = true;       ///< what a required sink misses comes again
  bool removed = false;       ///< from the configuration: kept until it has settled
  bool rotating = false;      ///< its file gets a rotated name before the next one is opened
  bool moving = false;        ///< on its way from one file to another
  bool move_again = false;    ///< a reopening came while it was moving
  bool in_save = false;       ///< waits for the save that was asked for
  bool stranded = false;      ///< at the end, with a file that could not be saved
  bool move_when_up = false;  ///< a reopening came while it was proving
  bool awaits_sync = false;   ///< its retry was told to wait for a sync's answer
  std::string file_path;      ///< of the file that it has open
  Place start;                ///< where it begins when it is opened for the first time
  Place owed;                 ///< it was required up to here, and has not failed since
  boost::system::error_code last_error;
  boost::system::error_code rotate_error;  ///< that was told last
  SteadyTime rotate_again_at{};            ///< after a rotation whose position was not saved
  Backoff retry;
  boost::asio::steady_timer timer;
  bool joined = false;  ///< what its own file lacks was counted
  Hole forgotten;       ///< taken by an opening that came to nothing
  std::uint64_t forgotten_count = 0;
  Hole missed;
  std::uint64_t missed_count = 0;
  std::uint64_t failures = 0;  ///< since it was configured
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
