#pragma once

#include <boost/system/error_code.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/event.hpp"
#include "gcstreamd/core/gap_policy.hpp"
#include "gcstreamd/sinks/tail.hpp"

namespace gcstreamd {

/// Where a sink goes on from when it is opened for the first time.
struct SinkStart {
  Place place;                     ///< the stream's position
  std::optional<SavedSink> saved;  ///< what was saved of this sink
  bool trust_tail = false;         ///< no position is left: what the file holds is the truth
  std::string time;                ///< for names, as the audit log writes it
  bool running = false;            ///< the loop runs: nothing may wait for the disk
  LineNumbers number_of = {};      ///< where lines hold no number
};

/// One destination of a stream's events. A fault is the sink's own: it is returned or told through
/// `on_fault`, and nobody else is disturbed. Used on the loop's thread.
class Sink {
 public:
  struct Callbacks {
    std::function<void()> on_durable;
    std::function<void(boost::system::error_code)> on_fault;
  };

  virtual ~Sink() = default;

  /// `reached` is then the start, or what its own file holds beyond it.
  virtual boost::system::error_code open(const SinkStart& start) = 0;
  /// After a fault: opens again. What was taken before is kept, or `reached` goes back to what is
  /// durable. `time`: as SinkStart's.
  virtual boost::system::error_code recover(const std::string& time) = 0;
  /// Takes other keys of the same type. `shared`: another sink writes to the old path from now on.
  virtual void configure(const SinkConfig& config, bool shared) = 0;

  /// Whether its path does not name any more what it writes to.
  virtual bool moved() const { return false; }
  /// Writes what is buffered and starts to make all of it durable; what is taken from now on waits.
  /// `left` tells when it is so; `on_durable` or `on_fault` is called by then.
  virtual boost::system::error_code leave() { return {}; }
  virtual bool left() const { return true; }
  /// Opens what its path names now, and writes there what waited.
  virtual boost::system::error_code enter(const std::string& /*time*/) { return {}; }
  /// Whether a restart would take what it writes to for somebody else's file, and read nothing of
  /// it: it writes nothing until `go_on`.
  virtual bool unsaved() const { return false; }
  /// Whether it waits for that alone: `saved` is to be kept now.
  virtual bool awaits_save() const { return false; }
  /// What it opens next is saved before it is written to, also where it is the file of before.
  virtual void hold_back() {}
  /// What `saved` was is kept: writes what waited.
  virtual boost::system::error_code go_on() { return {}; }
  /// Whether its file has had its size or time, and is to be left for a new one.
  virtual bool rotation_due(SteadyTime /*now*/) { return false; }
  /// Between `leave` and `enter`: gives the file its rotated name, and returns that; "" where it
  /// has another name already.
  virtual boost::system::result<std::string> rotate(const Now& /*now*/) { return std::string(); }

  /// About once a second; at the `last` time what is only written then is. What there is to say of
  /// it in the daemon's log is returned.
  virtual std::optional<AuditRecord> on_tick(const Now& /*now*/, bool /*last*/) {
    return std::nullopt;
  }

  /// Takes an event into its buffer.
  virtual void append(const Event& event, const Now& now) = 0;
  /// Takes a record into its buffer; only an audit sink does anything with it.
  virtual void record(const AuditRecord&, const Now&) {}
  /// Counts as held up to here, without anything written.
  virtual void move_to(Place place) = 0;
  /// Writes what is buffered.
  virtual boost::system::error_code flush() = 0;
  /// Starts to make durable what is written.
  virtual void sync() {}

  virtual Place reached() const = 0;  ///< buffered or further
  virtual Place durable() const = 0;
  virtual bool settled() const = 0;  ///< all that was taken is durable
  /// Bytes that wait in the buffer: flush soon when they are many.
  virtual std::size_t waiting() const = 0;

  /// Events that were taken and not written, or are in doubt after a failed sync, and the range of
  /// numbers that they lie in.
  virtual std::uint64_t unwritten(Hole& range) const = 0;

  /// For good: what `unwritten` counts is cut off where a part of it was written, and forgotten.
  virtual void give_up() {}

  /// What is to be kept of it over a restart; empty: what was kept before.
  virtual std::optional<SavedSink> saved() const { return std::nullopt; }
  /// What its file lacked of that when it was opened.
  virtual std::optional<CutFile> take_cut() { return std::nullopt; }
  virtual std::vector<SinkRepair> take_repairs() { return {}; }
  /// More words for the error that `open` returned last, or "".
  virtual std::string words() const { return {}; }
  /// Events at the end of what it held when it was opened, the newest last.
  virtual std::vector<HeldEvent> take_held() { return {}; }
  /// The time of the last event that was found beyond the start.
  virtual std::optional<WallTime> found_timestamp() const { return std::nullopt; }
  /// Whether so much waits for the disk that nothing more should be taken.
  virtual bool crowded() const { return false; }
  /// Events dropped since the last call, where a sink may drop.
  virtual std::optional<Hole> take_dropped(std::uint64_t& /*count*/) { return std::nullopt; }
  /// Whether a fault ends it for good: nobody will ever read there again.
  virtual bool ends_with(const boost::system::error_code&) const { return false; }
};

}  // namespace gcstreamd
