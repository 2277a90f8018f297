#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/core/daemon_status.hpp"
#include "gcstreamd/core/intake.hpp"
#include "gcstreamd/core/redactor.hpp"
#include "gcstreamd/sinks/log_file.hpp"
#include "gcstreamd/sinks/sink.hpp"

namespace gcstreamd {

/// Told what concerns the stream as a whole.
class DeliveryObserver {
 public:
  virtual ~DeliveryObserver() = default;
  /// A required sink failed: nothing may be delivered until `on_sinks_up`.
  virtual void on_sinks_down() = 0;
  virtual void on_sinks_up() = 0;
  /// Every record that goes to the sinks, for the daemon's own log.
  virtual void on_record(const AuditRecord& record) = 0;
  /// More became durable, or a sink failed and will hold no more for now.
  virtual void on_settled() = 0;
  /// Sinks are between two files, or hold one that a restart would not know: position, chain heads
  /// and files are to be saved now, as they are now. Answered by `Delivery::saved`, at once or
  /// later; until then these sinks wait.
  virtual void on_save_wanted() = 0;
  virtual Now now() = 0;
};

/// Hands a stream's events and records to its sinks, survives their faults, and knows the position:
/// the lowest place that every required sink holds durably. Used on the loop's thread.
///
/// Where the protocol sends nothing again, the stream goes on behind what any required sink holds,
/// and what a required sink lacks or misses is told as lost to it, like an optional one's.
class Delivery : public Outlet {
 public:
  Delivery(const SinkContext& context, const StreamConfig& config, DeliveryObserver& observer);
  ~Delivery() override;

  /// Where the sinks go on from.
  struct Start {
    Place place;
    std::map<std::string, SavedSink> sinks;
    bool known = false;          ///< whether the place's number is one, also where it is 0
    bool trust_tails = false;    ///< no position is left: what the files hold is the truth
    LineNumbers number_of = {};  ///< where lines hold no number
  };
  /// Opens all sinks. Returns what went wrong with a required one, or "".
  std::string open(const Start& start);
  /// After `open` and after a recovery: up to where every required sink holds the stream, written
  /// or not. Without a required one, up to where any does.
  Place reached() const;
  /// Up to where events were handed over.
  Place delivered() const { return delivered_; }
  /// What the sinks' own files hold at their ends, and the time of the newest event found beyond
  /// the start. Once, after `open`.
  struct Held {
    std::vector<HeldEvent> events;
    std::shared_ptr<Redactor> redactor;  ///< that events go through now; null: none
    bool redacted = false;               ///< theirs, or another that is gone
  };
  std::vector<Held> take_held();
  std::optional<WallTime> found_timestamp() const;

  void deliver(const Event& event, const Now& now) override;
  void record(const AuditRecord& record, const Now& now) override;
  void pass_over(SequenceNumber number) override;
  void begin_epoch() override;
  void begin_after(SequenceNumber number) override;

  /// Writes what is buffered. `flush_if_full` only where a buffer is large.
  void flush();
  void flush_if_full();
  /// Reports what was dropped; call about once a second.
  void on_tick();

  /// Goes over to new files where the old ones were moved away: each old one is synced and the
  /// position saved (`on_save_wanted`) before the new one is opened; what comes meanwhile waits.
  /// A sink whose disk hangs holds up no other. A call while this goes on is one more of it
  /// afterwards.
  void reopen();
  /// The position was saved, or could not be.
  void saved(bool ok);
  /// Goes over to other sinks, matched by name. What changed in one of the same type is applied to
  /// it as it runs, another path as in `reopen`. New ones start at the stream's place; removed ones
  /// are written and synced before they go.
  void reconfigure(const StreamConfig& next);

  /// Before the end: tells what optional sinks will never get, writes the rest and starts to make
  /// it durable; `settled` tells when that is so, as far as failed sinks let it be.
  void close();
  bool settled() const;
  /// The same of required sinks alone.
  bool required_settled() const;
  /// Takes over the keys that sinks sign and redact with, where nothing else has changed.
  void renew_keys(const StreamConfig& next);

  /// Empty while nothing of this epoch is durable, nor known. Never falls within an epoch.
  std::optional<Place> position() const;
  std::map<std::string, SavedSink> saved_sinks() const;

  /// Writes all and starts to make it durable; `secured` tells when every required sink's is.
  void secure() { write_out(); }
  bool secured() const;
  /// Whether so much waits for a disk that nothing more should be taken.
  bool behind() const;

  /// Every sink of the configuration as it is now; what its disk has is left to others.
  std::vector<SinkStatus> status() const;

 private:
  struct Slot;
  using Faults = std::vector<std::pair<Slot*, boost::system::error_code>>;

  std::unique_ptr<Slot> make_slot(const SinkConfig& sink);
  std::vector<Slot*> everyone() const;
  std::string time() const;

  void hand_over(Slot& slot, const Event& event, const Now& now);
  void fail(Slot& slot, const boost::system::error_code& error);
  void tell_of_failure(Slot& slot, const boost::system::error_code& error);
  static AuditRecord sink_failed(const Slot& slot);
  SinkStatus status_of(const Slot& slot) const;
  static std::string words_for(const Slot& slot, const boost::system::error_code& error);
  void tell_down_or_up();
  void retry_later(Slot& slot);
  void retry_now(Slot& slot);
  void wait(Slot& slot, std::chrono::milliseconds delay);
  void retry(Slot& slot);
  boost::system::error_code open(Slot& slot);
  boost::system::error_code try_open(Slot& slot);
  void keep_start(const Slot& slot);
  const SavedSink* find_saved(const SinkConfig& config) const;
  bool taken(const Slot& slot) const;
  void up(Slot& slot);
  void on_durable(Slot& slot);
  void report_repairs(Slot& slot);
  void report_opening(Slot& slot);
  void share_tails();
  void catch_up();
  /// After `close` what it tells is written and synced without being asked.
  void report(const AuditRecord& news);
  void report_missed(Slot& slot, std::string_view cause);
  void report_lost(const Slot& slot, Hole range, std::uint64_t count, std::string_view cause);
  bool required_down() const;

  void leave_moved();
  void leave(Slot& slot);
  void rotate_due();
  void rotate(Slot& slot);
  void tidy(const Slot& slot, const std::string& finished);
  void tick_sinks(bool last);
  void save_where_asked();
  bool may_enter(const Slot& slot) const;
  bool may_go_on(const Slot& slot);
  bool has_place(const Slot& slot, const FileId& file) const;
  void hold_back(Slot& slot);
  static void forget_file(SavedSink& sink);
  void enter_after(Slot& slot, bool saved);
  void enter(Slot& slot);
  void go_on(Slot& slot);
  void prove(Slot& slot);
  void forget_opening(Slot& slot);
  void write_out();
  void tell_unwritten(Slot& slot);
  static void give_up(Slot& slot);

  std::unique_ptr<Slot> keep(std::vector<std::unique_ptr<Slot>>& before, const SinkConfig& sink,
                             const StreamConfig& next);
  void change(Slot& slot, const SinkConfig& config, const StreamConfig& next);
  void require(Slot& slot);
  void let_go(std::vector<std::unique_ptr<Slot>> before, Faults& faults);
  void start(const std::vector<Slot*>& added, Faults& faults);
  void sweep();
  void sweep_soon();

  Place furthest() const;

  const SinkContext& context_;
  std::string stream_;
  bool replayed_;  ///< what a required sink misses comes again
  LineNumbers number_of_;
  DeliveryObserver& observer_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::unique_ptr<Slot>> leaving_;  ///< removed, and not yet settled
  std::map<std::string, SavedSink> saved_;      ///< of sinks that are not open
  bool starting_ = false;                       ///< `open` runs
  bool trust_tails_ = false;
  Place delivered_;
  bool known_ = false;          ///< whether `delivered_` has a number, also where it is 0
  std::optional<Place> floor_;  ///< the position when the sinks were changed
  bool told_down_ = false;
  bool closing_ = false;
  bool saving_ = false;  ///< `on_save_wanted` was called, and is not answered yet
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
