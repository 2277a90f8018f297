#include "gcstreamd/core/stream_machine.hpp"

#include <algorithm>
#include <utility>

namespace gcstreamd {
namespace {

constexpr std::string_view kResumeReason = "Resuming after a sequence gap";
constexpr std::string_view kSinkReason = "A sink cannot be written";
constexpr std::string_view kRefusedReason = "The subscription was refused";
constexpr std::string_view kReloadReason = "Reloading the configuration";
constexpr std::string_view kMovedReason = "Going on from another position";
constexpr std::string_view kStaleReason = "The position was refused";

action::Note scheduling(unsigned attempt, std::chrono::milliseconds delay, std::string_view cause) {
  return {AuditRecord("scheduling_reconnect")
              .number("attempt", attempt)
              .number("delayMs", static_cast<std::uint64_t>(delay.count()))
              .text("cause", cause),
          std::string(cause)};
}

/// `rest` behind `first`. (An insert into `rest` makes g++ 12 see uninitialised reads at -O3.)
StreamMachine::Actions before(StreamAction first, StreamMachine::Actions rest) {
  StreamMachine::Actions actions;
  actions.push_back(std::move(first));
  for (StreamAction& action : rest)
    actions.push_back(std::move(action));
  return actions;
}

}  // namespace

StreamMachine::Actions StreamMachine::on(const StreamInput& input, SteadyTime now) {
  if (state_ == StreamState::ended)
    return {};
  return std::visit([&](const auto& one) { return handle(one, now); }, input);
}

StreamMachine::Actions StreamMachine::handle(const input::Start&, SteadyTime) {
  if (state_ != StreamState::idle)
    return {};
  state_ = sink_down_ ? StreamState::held : StreamState::authorizing;
  if (sink_down_)
    return {};
  return {action::Authorize{}};
}

StreamMachine::Actions StreamMachine::handle(const input::Stop&, SteadyTime) {
  switch (state_) {
    case StreamState::streaming:
      state_ = StreamState::stopping;
      return {action::Close{kCloseNormal, kGracefulReason}};
    case StreamState::closing:
      state_ = StreamState::stopping;
      return {};
    case StreamState::stopping:
    case StreamState::ended:
      return {};
    case StreamState::idle:
    case StreamState::held:
    case StreamState::waiting:
    case StreamState::authorizing:
    case StreamState::dialing:
      break;
  }
  return before(action::Cancel{}, end(ExitCode::clean));
}

StreamMachine::Actions StreamMachine::handle(const input::TimerFired&, SteadyTime) {
  if (state_ != StreamState::waiting)
    return {};
  state_ = StreamState::authorizing;
  return {action::Authorize{}};
}

StreamMachine::Actions StreamMachine::handle(const input::TokenReady&, SteadyTime) {
  refusals_ = 0;
  ever_granted_ = true;
  if (state_ != StreamState::authorizing)
    return {};
  state_ = StreamState::dialing;
  return {action::Dial{}};
}

StreamMachine::Actions StreamMachine::handle(const input::TokenFailed& failed, SteadyTime) {
  if (state_ != StreamState::authorizing)
    return {};
  const bool refused = disposition(failed.fault) == Disposition::fatal;
  refusals_ = refused ? refusals_ + 1 : 0;
  if (refusals_ >= kMaxRefusals && !ever_granted_)
    return end(ExitCode::credentials_refused);
  return reconnect_after(failed.fault, refused && ever_granted_);
}

StreamMachine::Actions StreamMachine::handle(const input::LinkUp&, SteadyTime now) {
  if (state_ != StreamState::dialing)
    return {};
  state_ = StreamState::streaming;
  opened_at_ = now;
  return {action::Subscribe{}};
}

StreamMachine::Actions StreamMachine::handle(const input::LinkDown& down, SteadyTime now) {
  switch (state_) {
    case StreamState::stopping:
      return end(stopping_with_);
    case StreamState::closing:
      if (const auto fault = std::exchange(closing_fault_, std::nullopt))
        return reconnect_by_disposition(*fault);
      return reconnect_at_once();
    case StreamState::streaming:
      leave_streaming(now);
      return reconnect_by_disposition(down.fault);
    case StreamState::dialing:
      return reconnect_by_disposition(down.fault);
    case StreamState::idle:
    case StreamState::held:
    case StreamState::waiting:
    case StreamState::authorizing:
    case StreamState::ended:
      return {};
  }
  return {};
}

StreamMachine::Actions StreamMachine::handle(const input::Progress&, SteadyTime) {
  if (state_ == StreamState::streaming)
    backoff_.reset();
  return {};
}

StreamMachine::Actions StreamMachine::handle(const input::ResumeWanted&, SteadyTime now) {
  return close("gap", kResumeReason, now);
}

StreamMachine::Actions StreamMachine::handle(const input::MovedOn& moved, SteadyTime now) {
  return close(moved.cause, kMovedReason, now);
}

StreamMachine::Actions StreamMachine::handle(const input::Refused& refused, SteadyTime now) {
  Actions actions = close("", kRefusedReason, now);
  if (!actions.empty())
    closing_fault_ = refused.fault;
  return actions;
}

StreamMachine::Actions StreamMachine::handle(const input::PositionRefused&, SteadyTime) {
  if (state_ != StreamState::streaming)
    return {};
  state_ = StreamState::stopping;
  stopping_with_ = ExitCode::attempts_used_up;
  return {action::Close{kCloseNormal, kStaleReason}};
}

/// A wait is ended only by what may change how the next attempt goes: the server may have asked for
/// it (Retry-After).
StreamMachine::Actions StreamMachine::handle(const input::Reconfigured& change, SteadyTime now) {
  switch (state_) {
    case StreamState::streaming:
      return change.reconnect ? close("reload", kReloadReason, now) : Actions{};
    case StreamState::waiting:
      return change.reconnect || change.retry ? start_over("reload") : Actions{};
    case StreamState::authorizing:
    case StreamState::dialing:
      return change.reconnect ? start_over("reload") : Actions{};
    case StreamState::idle:
    case StreamState::held:
    case StreamState::closing:
    case StreamState::stopping:
    case StreamState::ended:
      return {};
  }
  return {};
}

StreamMachine::Actions StreamMachine::handle(const input::SinkDown&, SteadyTime now) {
  sink_down_ = true;
  switch (state_) {
    case StreamState::streaming:
      return close("sink", kSinkReason, now);
    case StreamState::waiting:
    case StreamState::authorizing:
    case StreamState::dialing:
      state_ = StreamState::held;
      closing_cause_ = "sink";
      return {action::Cancel{}};
    case StreamState::idle:
    case StreamState::held:
    case StreamState::closing:
    case StreamState::stopping:
    case StreamState::ended:
      return {};
  }
  return {};
}

StreamMachine::Actions StreamMachine::handle(const input::SinkUp&, SteadyTime) {
  sink_down_ = false;
  if (state_ != StreamState::held)
    return {};
  return reconnect_at_once();
}

StreamMachine::Actions StreamMachine::close(std::string_view cause, std::string_view reason,
                                            SteadyTime now) {
  if (state_ != StreamState::streaming)
    return {};
  leave_streaming(now);
  state_ = StreamState::closing;
  closing_cause_ = cause;
  closing_fault_.reset();
  return {action::Close{kCloseNormal, reason}};
}

/// Drops the attempt under way, or its wait, and makes a new one without counting it.
StreamMachine::Actions StreamMachine::start_over(std::string_view cause) {
  closing_cause_ = cause;
  return before(action::Cancel{}, reconnect_at_once());
}

StreamMachine::Actions StreamMachine::reconnect_by_disposition(const Fault& fault) {
  Actions actions = reconnect_after(fault, false);
  if (disposition(fault) == Disposition::refresh_token)
    return before(action::DiscardToken{}, std::move(actions));
  return actions;
}

void StreamMachine::configure(const ReconnectConfig& config) {
  config_ = config;
  backoff_.configure(config.backoff);
}

/// An ordinary attempt: counted, delayed, and the last one ends the stream.
StreamMachine::Actions StreamMachine::reconnect_after(const Fault& fault, bool longest) {
  if (config_.max_attempts != 0 && backoff_.attempts() >= config_.max_attempts) {
    AuditRecord used_up("max_reconnect_attempts_reached");
    used_up.number("attempts", backoff_.attempts());
    return before(action::Note{std::move(used_up)}, end(ExitCode::attempts_used_up));
  }
  const auto jittered = backoff_.next();
  const std::chrono::milliseconds wish = fault.retry_after.value_or(std::chrono::seconds{0});
  const auto delay = std::max(longest ? backoff_.longest() : jittered, wish);
  if (sink_down_) {
    state_ = StreamState::held;
    closing_cause_ = "sink";
    return {};
  }
  state_ = StreamState::waiting;
  return {scheduling(backoff_.attempts(), delay, cause_of(fault)), action::Wait{delay}};
}

/// A reconnect of our own making: no delay, and it uses up no attempt.
StreamMachine::Actions StreamMachine::reconnect_at_once() {
  if (sink_down_) {
    state_ = StreamState::held;
    closing_cause_ = "sink";
    return {};
  }
  state_ = StreamState::authorizing;
  if (closing_cause_.empty())
    return {action::Authorize{}};
  return {scheduling(backoff_.attempts(), {}, closing_cause_), action::Authorize{}};
}

/// A connection that lived long enough was a healthy one, however it ends.
void StreamMachine::leave_streaming(SteadyTime now) {
  if (now - opened_at_ >= config_.stable_after)
    backoff_.reset();
}

StreamMachine::Actions StreamMachine::end(ExitCode code) {
  state_ = StreamState::ended;
  return {action::End{code}};
}

std::string_view name(StreamState state) {
  switch (state) {
    case StreamState::idle:
      return "idle";
    case StreamState::held:
      return "held";
    case StreamState::waiting:
      return "waiting";
    case StreamState::authorizing:
      return "authorizing";
    case StreamState::dialing:
      return "dialing";
    case StreamState::streaming:
      return "streaming";
    case StreamState::closing:
      return "closing";
    case StreamState::stopping:
      return "stopping";
    case StreamState::ended:
      return "ended";
  }
  return "";
}

}  // namespace gcstreamd
