#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/backoff.hpp"
#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/errors.hpp"

namespace gcstreamd {

inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::string_view kGracefulReason = "Client initiated graceful shutdown";

/// Exit codes that a stream can end with.
enum class ExitCode : int {
  clean = 0,
  attempts_used_up = 69,
  not_saved = 74,  ///< stopped in order, but the position could not be saved
  credentials_refused = 77,
};

/// What a stream is doing.
enum class StreamState {
  idle,         ///< not started
  held,         ///< a required sink cannot be written: no connection until it can
  waiting,      ///< a backoff runs
  authorizing,  ///< a token is being fetched
  dialing,      ///< DNS to upgrade
  streaming,    ///< the link is open and subscribed
  closing,      ///< the link is being closed in order to connect anew
  stopping,     ///< the link is being closed for good
  ended,        ///< for good
};

std::string_view name(StreamState state);

namespace input {
struct Start {};
struct Stop {};
struct TimerFired {};
struct TokenReady {};
struct TokenFailed {
  Fault fault;
};
struct LinkUp {};
/// A dial failed or an open link ended, however that came about: once for each Dial.
struct LinkDown {
  Fault fault;
};
/// The position moved, and the connection is of no use any more (it may have ended already: before
/// its LinkDown). The stream goes on from the new position at once.
struct MovedOn {
  std::string_view cause;
};
/// The server refuses the subscription inside the stream: an ordinary attempt follows.
struct Refused {
  Fault fault;
};
/// The position is refused for good, and the configuration says to stop there (the connection may
/// have ended already, as with MovedOn).
struct PositionRefused {};
/// The configuration of this stream changed.
struct Reconfigured {
  bool reconnect = false;  ///< something that the connection was made with
  bool retry = false;      ///< something that decides how, or when, the next one is tried
};
/// A new event was delivered: the connection is a healthy one.
struct Progress {};
/// Numbers are missing: the server is asked again from the last contiguous one.
struct ResumeWanted {};
/// A required sink failed, or can be written again.
struct SinkDown {};
struct SinkUp {};
}  // namespace input

using StreamInput =
    std::variant<input::Start, input::Stop, input::TimerFired, input::TokenReady,
                 input::TokenFailed, input::LinkUp, input::LinkDown, input::Progress,
                 input::ResumeWanted, input::SinkDown, input::SinkUp, input::MovedOn,
                 input::Refused, input::PositionRefused, input::Reconfigured>;

namespace action {
/// Feed TokenReady or TokenFailed; at once when a usable token is there.
struct Authorize {};
struct DiscardToken {};
/// Build a connection anew (URL, token, position); feed LinkUp or LinkDown.
struct Dial {};
/// Ask for events after the position.
struct Subscribe {};
/// Close the link in order, within a limit; feed LinkDown.
struct Close {
  std::uint16_t code;
  std::string_view reason;
};
/// Feed TimerFired after this long.
struct Wait {
  std::chrono::milliseconds delay;
};
/// End timer, token fetch and dial at once; nothing more is fed for them.
struct Cancel {};
struct Note {
  AuditRecord record;
  std::string reconnect_cause = {};  ///< not empty: a connection after the first follows
};
/// The stream is over; nothing runs any more.
struct End {
  ExitCode code;
};
}  // namespace action

/// Refusals of the credentials in a row, before any token was granted, that end a stream.
inline constexpr unsigned kMaxRefusals = 3;

using StreamAction =
    std::variant<action::Authorize, action::DiscardToken, action::Dial, action::Subscribe,
                 action::Close, action::Wait, action::Cancel, action::Note, action::End>;

/// Decides what a stream does next: when it connects, waits, gives up. No I/O and no clock: each
/// input comes with the time, each answer is a list of actions to perform in order.
class StreamMachine {
 public:
  StreamMachine(ReconnectConfig config, std::uint64_t seed)
      : config_(config), backoff_(config.backoff, seed) {}

  using Actions = std::vector<StreamAction>;
  Actions on(const StreamInput& input, SteadyTime now);

  /// From the next fault on.
  void configure(const ReconnectConfig& config);

  StreamState state() const { return state_; }
  /// Attempts in a row that came to nothing.
  unsigned attempts() const { return backoff_.attempts(); }
  /// Whether frames of the link are wanted.
  bool receiving() const { return state_ == StreamState::streaming; }

 private:
  Actions handle(const input::Start&, SteadyTime now);
  Actions handle(const input::Stop&, SteadyTime now);
  Actions handle(const input::TimerFired&, SteadyTime now);
  Actions handle(const input::TokenReady&, SteadyTime now);
  Actions handle(const input::TokenFailed& failed, SteadyTime now);
  Actions handle(const input::LinkUp&, SteadyTime now);
  Actions handle(const input::LinkDown& down, SteadyTime now);
  Actions handle(const input::Progress&, SteadyTime now);
  Actions handle(const input::ResumeWanted&, SteadyTime now);
  Actions handle(const input::SinkDown&, SteadyTime now);
  Actions handle(const input::SinkUp&, SteadyTime now);
  Actions handle(const input::MovedOn& moved, SteadyTime now);
  Actions handle(const input::Refused& refused, SteadyTime now);
  Actions handle(const input::PositionRefused&, SteadyTime now);
  Actions handle(const input::Reconfigured& change, SteadyTime now);

  Actions close(std::string_view cause, std::string_view reason, SteadyTime now);
  Actions start_over(std::string_view cause);
  Actions reconnect_by_disposition(const Fault& fault);
  Actions reconnect_after(const Fault& fault, bool longest);
  Actions reconnect_at_once();
  Actions end(ExitCode code);
  void leave_streaming(SteadyTime now);

  ReconnectConfig config_;
  Backoff backoff_;
  StreamState state_ = StreamState::idle;
  SteadyTime opened_at_{};
  std::string_view closing_cause_;      ///< why it reconnects at once; empty before it first may
  std::optional<Fault> closing_fault_;  ///< why it closes, where an ordinary attempt follows
  ExitCode stopping_with_ = ExitCode::clean;
  bool sink_down_ = false;
  unsigned refusals_ = 0;  ///< of the credentials, in a row
  bool ever_granted_ = false;
};

}  // namespace gcstreamd
