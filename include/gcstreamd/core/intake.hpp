#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/gap_policy.hpp"
#include "gcstreamd/core/metrics.hpp"
#include "gcstreamd/core/protocol.hpp"
#include "gcstreamd/core/sequence_verifier.hpp"
#include "gcstreamd/core/subscription_judge.hpp"

namespace gcstreamd {

/// Where events and records go. Implemented by the delivery to the sinks.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// The event's views are valid only during the call.
  virtual void deliver(const Event& event, const Now& now) = 0;
  virtual void record(const AuditRecord& record, const Now& now) = 0;
  /// Numbers up to `number` will never come: the position moves over them.
  virtual void pass_over(SequenceNumber number) = 0;
  /// The server's numbers began anew.
  virtual void begin_epoch() = 0;
  /// The epoch begins behind `number`: nothing of it was delivered yet.
  virtual void begin_after(SequenceNumber number) = 0;
};

/// The way of a message from the socket to the outlet: decode, verify, deliver; everything that is
/// not an event in order becomes a record. Owned by one stream, used by its thread alone; the
/// references outlive it.
class Intake {
 public:
  using Scrub = std::function<std::string(std::string_view)>;

  Intake(Protocol& protocol, Metrics& metrics, Outlet& outlet, GapPolicy gaps,
         SequenceVerifier verifier, Scrub scrub);

  enum class Next {
    go_on,
    resume,   ///< reconnect from `position()`; what still comes on this connection is not wanted
    refused,  ///< the server refuses the subscription: see `refusal()`
    hold,     ///< an epoch begins with it: nothing more until `release`
  };
  /// Takes one whole message, with Protocol::kPadding readable bytes behind it.
  Next on_message(std::string_view message, const Now& now);

  /// Takes an event that came by another way and has the next number: a recovered record.
  void take(const Event& event, const Now& now) { deliver(event, now); }

  /// What the outlet was told of a new epoch is durable: delivers the event that began it.
  void release(const Now& now);
  bool holding() const { return !held_.empty(); }
  /// What followed `number` has to come again: a sink does not hold it after all.
  void go_back_to(SequenceNumber number) { verifier_.move_to(number); }

  /// Ends a run of duplicates when `quiet` time has passed without one, or the connection ended.
  void on_tick(const Now& now);
  void on_disconnect(const Now& now) {
    end_duplicates(now);
    claims_ = 0;
    doubted_ = false;
    held_.clear();  // it comes again
  }

  /// After Next::refused.
  const Refusal& refusal() const { return refusal_; }

  /// The number behind the position will never come: declares it lost.
  void lose_next(std::string_view cause, const Now& now);
  /// The server has nothing to do with the position any more: what followed it is lost, nobody
  /// knows how much, and the next number sets the start.
  void give_up_position(std::string_view cause, const Now& now);
  /// The numbers from the next connection on are not to be compared with those before.
  void expect_reset(std::string_view cause) {
    if (verifier_.last())
      reset_cause_ = cause;
  }
  bool expects_reset() const { return !reset_cause_.empty(); }
  void configure(const IntegrityConfig& config) { gaps_.configure(config); }
  /// Whether records of messages that are no events show how these begin. By default they do.
  void show_previews(bool show) { previews_ = show; }

  /// The last contiguous number: where a resume starts after. Empty: from the tip.
  std::optional<SequenceNumber> position() const { return verifier_.last(); }
  /// The last delivered event's own time, to be kept with the position.
  std::optional<WallTime> last_timestamp() const { return verifier_.last_timestamp(); }
  /// Whether a new event was delivered since the last call.
  bool take_progress();
  /// The judge of the connection that messages come from.
  SubscriptionJudge& judge() { return judge_; }

 private:
  struct DuplicateRun {
    SequenceNumber from = 0;
    SequenceNumber to = 0;
    std::uint64_t count = 0;
    bool grew = false;
    bool by_content = false;  ///< other events may come in between
  };

  Next on_event(const Event& event, std::string_view message, const Now& now);
  Next begin_with(const Event& event, std::string_view message);
  Next on_gap(const Event& event, const Now& now);
  Next on_heartbeat(const Heartbeat& heartbeat, std::string_view message, const Now& now);
  /// Records a heartbeat that cannot be true: once a connection.
  void doubt(const Hole& hole, std::string_view message, const Now& now);
  /// Whether the hole is worth a resume; else it is declared lost.
  bool resume_for(Hole hole, SequenceNumber received, const Now& now);
  void on_reset(const Event& event, const Now& now);
  void on_duplicate(const Event& event);
  std::string preview_of(std::string_view message) const;
  void reject(const Rejection& rejection, std::string_view message, const Now& now);
  void deliver(const Event& event, const Now& now);
  void lose(Hole hole, std::string_view cause, const Now& now);
  void end_duplicates(const Now& now);

  Protocol& protocol_;
  Metrics& metrics_;
  Outlet& outlet_;
  SequenceVerifier verifier_;
  GapPolicy gaps_;
  Scrub scrub_;
  SubscriptionJudge judge_;
  DuplicateRun duplicates_;
  Refusal refusal_;
  std::string held_;              ///< the message that began an epoch, until `release`
  std::string_view reset_cause_;  ///< not empty: the next number begins a new epoch
  unsigned claims_ = 0;           ///< heartbeats in a row that tell of a tail which would be lost
  bool doubted_ = false;          ///< a heartbeat of this connection could not be true
  bool progress_ = false;
  bool previews_ = true;
};

}  // namespace gcstreamd
