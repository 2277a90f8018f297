#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/gap_policy.hpp"
#include "gcstreamd/core/metrics.hpp"
#include "gcstreamd/core/protocol.hpp"
#include "gcstreamd/core/sequence_verifier.hpp"

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
    resume,  ///< reconnect from `position()`; what still comes on this connection is not wanted
  };
  /// Takes one whole message, with Protocol::kPadding readable bytes behind it.
  Next on_message(std::string_view message, const Now& now);

  /// Ends a run of duplicates when `quiet` time has passed without one, or the connection ended.
  void on_tick(const Now& now);
  void on_disconnect(const Now& now) { end_duplicates(now); }

  /// The last contiguous number: where a resume starts after. Empty: from the tip.
  std::optional<SequenceNumber> position() const { return verifier_.last(); }
  /// The last delivered event's own time, to be kept with the position.
  std::optional<WallTime> last_timestamp() const { return verifier_.last_timestamp(); }
  /// Whether a new event was delivered since the last call.
  bool take_progress();

 private:
  struct DuplicateRun {
    SequenceNumber from = 0;
    SequenceNumber to = 0;
    std::uint64_t count = 0;
    bool grew = false;
  };

  Next on_event(const Event& event, const Now& now);
  Next on_gap(const Event& event, const Now& now);
  void on_reset(const Event& event, const Now& now);
  void on_duplicate(const Event& event);
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
  DuplicateRun duplicates_;
  bool progress_ = false;
};

}  // namespace gcstreamd
