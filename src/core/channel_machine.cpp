#include "gcstreamd/core/channel_machine.hpp"

#include <algorithm>
#include <utility>

#include "channel_actions.hpp"

namespace gcstreamd {
namespace {

using Actions = ChannelMachine::Actions;

}  // namespace

ChannelMachine::Actions ChannelMachine::on(const ChannelInput& input, const Now& now) {
  if (state_ == ChannelState::ended)
    return {};
  return std::visit([&](const auto& one) { return handle(one, now); }, input);
}

void ChannelMachine::configure(const ChannelOptions& options) {
  options_ = options;
  backoff_.configure(options.reconnect.backoff);
}

std::optional<SteadyTime> ChannelMachine::wake_at() const {
  switch (state_) {
    case ChannelState::waiting:
      return retry_at_;
    case ChannelState::draining:
      return paused_      ? std::nullopt
             : old_heard_ ? std::optional(drained_at_)
                          : std::optional(drained_at_ + options_.patience);
    case ChannelState::live:
      return renewing_ ? replace_at_ : std::min(renew_at_, replace_at_);
    case ChannelState::idle:
    case ChannelState::held:
    case ChannelState::authorizing:
    case ChannelState::creating:
    case ChannelState::subscribing:
    case ChannelState::connecting:
    case ChannelState::stopping:
    case ChannelState::ended:
      return std::nullopt;
  }
  return std::nullopt;
}

Actions ChannelMachine::handle(const input::Start&, const Now&) {
  if (state_ != ChannelState::idle)
    return {};
  return attempt();
}

Actions ChannelMachine::handle(const input::Stop&, const Now&) {
  if (state_ == ChannelState::stopping)
    return {};
  Actions actions{action::Cancel{}};
  actions += drop_attempt();
  state_ = ChannelState::stopping;
  actions += stop_sockets();
  if (!serving_ && !old_)
    actions += end(ExitCode::clean);
  return actions;
}

Actions ChannelMachine::handle(const input::Tick&, const Now& now) {
  if (const auto due = wake_at(); !due || now.steady < *due)
    return {};
  if (state_ == ChannelState::waiting)
    return end_wait();
  if (state_ == ChannelState::draining)
    return end_overlap();
  if (now.steady >= replace_at_)
    return replace("renewal");
  renewing_ = true;
  return {action::Renew{*serving_}};
}

Actions ChannelMachine::handle(const input::TokenReady&, const Now&) {
  refusals_ = 0;
  ever_granted_ = true;
  if (state_ != ChannelState::authorizing)
    return {};
  state_ = ChannelState::creating;
  kept_tries_ = 0;
  attempt_ = ++last_number_;
  return {action::Create{*attempt_}};
}

Actions ChannelMachine::handle(const input::TokenFailed& failed, const Now& now) {
  if (state_ != ChannelState::authorizing)
    return {};
  const bool refused = disposition(failed.fault) == Disposition::fatal;
  refusals_ = refused ? refusals_ + 1 : 0;
  if (refusals_ >= kMaxRefusals && !ever_granted_)
    return end(ExitCode::credentials_refused);
  return wait_after(failed.fault, refused && ever_granted_, now);
}

Actions ChannelMachine::handle(const input::Created& created, const Now& now) {
  if (state_ != ChannelState::creating || created.channel != attempt_)
    return {action::Forget{created.channel}};
  state_ = ChannelState::subscribing;
  lifetime_ = created.lifetime;
  created_ = now.steady;
  return {action::SetTopics{created.channel}};
}

Actions ChannelMachine::handle(const input::TopicsSet& set, const Now& now) {
  if (renewing_ && set.channel == serving_) {
    topics_ = set.permitted;
    return set.permitted > 0 ? renewed(now) : silence(now);
  }
  if (state_ != ChannelState::subscribing || set.channel != attempt_)
    return {};
  topics_ = set.permitted;
  if (set.permitted == 0)
    return mute(now);
  muted_ = false;
  state_ = ChannelState::connecting;
  return {action::Connect{set.channel}};
}

Actions ChannelMachine::handle(const input::CallFailed& failed, const Now& now) {
  if (renewing_ && failed.channel == serving_)
    return renewal_failed(failed.fault, now);
  const bool calling = state_ == ChannelState::creating || state_ == ChannelState::subscribing;
  return calling && failed.channel == attempt_ ? fail(failed.fault, now) : Actions{};
}

Actions ChannelMachine::handle(const input::SocketUp& up, const Now& now) {
  if (state_ != ChannelState::connecting || up.channel != attempt_)
    return {};
  return go_live(now);
}

Actions ChannelMachine::handle(const input::SocketDown& down, const Now& now) {
  if (down.channel == serving_)
    return serving_down(down.fault, now);
  if (down.channel == old_) {
    Actions actions = lose(*std::exchange(old_, std::nullopt), cause_of_end(down.fault));
    if (state_ == ChannelState::stopping)
      return serving_ ? actions : actions += end(ExitCode::clean);
    return actions += settle();
  }
  if (state_ == ChannelState::connecting && down.channel == attempt_)
    return fail(down.fault, now);
  return {};
}

Actions ChannelMachine::handle(const input::Told& told, const Now& now) {
  if (told.channel != serving_ || told.what == Notice::Kind::other || deaf_)
    return {};
  const std::string_view cause = name(told.what);
  Actions actions{action::Note{AuditRecord("channel_closing").text("cause", cause)}};
  if (told.what == Notice::Kind::token_revoked)
    actions.emplace_back(action::DiscardToken{});
  // Whether a channel gets events when its token was revoked is not known.
  if (told.what != Notice::Kind::socket_closing) {
    deaf_ = true;
    actions.emplace_back(action::Lost{*serving_, std::string(cause)});
  }
  if (state_ == ChannelState::live)
    return actions += replace_for_notice(cause, now);
  if (state_ == ChannelState::draining && deaf_)
    return actions += back_to_old(cause, now);
  if (state_ == ChannelState::draining)
    pending_ = cause;
  return actions;
}

Actions ChannelMachine::handle(const input::OldHeard&, const Now& now) {
  if (state_ != ChannelState::draining || std::exchange(old_heard_, true))
    return {};
  return !paused_ && now.steady >= drained_at_ ? end_overlap() : Actions{};
}

/// The overlap is for reading: what the old socket holds is read before it is closed.
Actions ChannelMachine::handle(const input::Reading& reading, const Now& now) {
  if (std::exchange(paused_, !reading.on) && reading.on)
    drained_at_ = std::max(drained_at_, now.steady + options_.overlap);
  return {};
}

Actions ChannelMachine::handle(const input::Replace& change, const Now&) {
  switch (state_) {
    case ChannelState::live:
      return replace(change.cause);
    case ChannelState::creating:
    case ChannelState::subscribing:
    case ChannelState::connecting:
    case ChannelState::draining:
      pending_ = change.cause;
      return {};
    case ChannelState::waiting:
    case ChannelState::held: {
      Actions actions = forget_kept();  // what it is subscribed to is old
      const bool helps = change.retry || unpermitted_;
      return helps && state_ == ChannelState::waiting ? actions += end_wait() : actions;
    }
    case ChannelState::idle:
    case ChannelState::authorizing:
    case ChannelState::stopping:
    case ChannelState::ended:
      return {};
  }
  return {};
}

Actions ChannelMachine::handle(const input::Progress&, const Now&) {
  if (state_ == ChannelState::live || state_ == ChannelState::draining)
    backoff_.reset();
  return {};
}

Actions ChannelMachine::handle(const input::SinkDown&, const Now& now) {
  sink_down_ = true;
  if (state_ == ChannelState::idle || state_ == ChannelState::held ||
      state_ == ChannelState::stopping)
    return {};
  // What a replacement was begun for is not known to the channel that it would have replaced.
  const bool replacing = state_ != ChannelState::live && state_ != ChannelState::draining;
  Actions actions{action::Cancel{}};
  actions += drop_attempt();
  leave_live(now);
  actions += stop_sockets();
  if (serving_) {
    if (!deaf_)
      actions.emplace_back(action::Lost{*serving_, "sink"});
    actions += forget_kept();
    kept_ = std::exchange(serving_, std::nullopt);
    if (replacing || !std::exchange(pending_, {}).empty())
      actions += forget_kept();
  }
  if (old_)
    actions += lose(*std::exchange(old_, std::nullopt), "sink");
  if (std::exchange(deaf_, false))
    actions += forget_kept();
  state_ = ChannelState::held;
  return actions;
}

Actions ChannelMachine::handle(const input::SinkUp&, const Now&) {
  sink_down_ = false;
  if (state_ != ChannelState::held)
    return {};
  Actions actions{scheduling(backoff_.attempts(), {}, "sink")};
  return actions += end_wait();
}

}  // namespace gcstreamd
