// What ChannelMachine does once an input has been judged: channel_machine.cpp.
#include <algorithm>
#include <utility>

#include "channel_actions.hpp"

namespace gcstreamd {
namespace {

constexpr unsigned kMaxTries = 3;
constexpr int kForbidden = 403;

using Actions = ChannelMachine::Actions;

}  // namespace

/// Everything for an attempt is asked for anew.
Actions ChannelMachine::attempt() {
  unpermitted_ = false;
  state_ = sink_down_ ? ChannelState::held : ChannelState::authorizing;
  if (sink_down_)
    return {};
  return {action::Authorize{}};
}

Actions ChannelMachine::end_wait() {
  if (!kept_)
    return attempt();
  state_ = ChannelState::connecting;
  attempt_ = std::exchange(kept_, std::nullopt);
  return {action::Connect{*attempt_}};
}

Actions ChannelMachine::go_live(const Now& now) {
  Actions actions{
      action::Live{*attempt_},
      action::Note{channel_record("channel_opened", topics_,
                                  now.wall + std::chrono::floor<std::chrono::microseconds>(
                                                 created_ + lifetime_ - now.steady))}};
  old_ = std::exchange(serving_, std::exchange(attempt_, std::nullopt));
  live_since_ = now.steady;
  kept_tries_ = 0;
  renewing_ = false;
  plan_renewal();
  if (old_ && std::exchange(deaf_, false)) {
    actions.emplace_back(action::CloseSocket{*old_});
    actions.emplace_back(action::Forget{*std::exchange(old_, std::nullopt)});
  }
  if (!old_)
    return actions += settle();
  state_ = ChannelState::draining;
  old_heard_ = false;
  drained_at_ = now.steady + options_.overlap;
  return actions;
}

/// One channel is live and nothing else is under way.
Actions ChannelMachine::settle() {
  state_ = ChannelState::live;
  return pending_.empty() ? Actions{} : replace(pending_);
}

Actions ChannelMachine::end_overlap() {
  Actions actions{action::CloseSocket{*old_}};
  actions += lose(*std::exchange(old_, std::nullopt), "replaced");
  return actions += settle();
}

Actions ChannelMachine::renewed(const Now& now) {
  renewing_ = false;
  created_ = now.steady;
  plan_renewal();
  return {action::Note{channel_record("channel_renewed", topics_, now.wall + lifetime_)}};
}

Actions ChannelMachine::renewal_failed(const Fault& fault, const Now& now) {
  renewing_ = false;
  Actions actions;
  if (disposition(fault) == Disposition::refresh_token)
    actions.emplace_back(action::DiscardToken{});
  const std::chrono::milliseconds wish = fault.retry_after.value_or(std::chrono::seconds{0});
  renew_at_ = now.steady + std::max(backoff_.next(), wish);
  if (is_channel_gone(fault) && state_ == ChannelState::live)
    actions += replace("renewal");
  return actions;
}

/// The new channel comes first; until it is live the old one serves.
Actions ChannelMachine::replace(std::string_view cause) {
  pending_ = {};
  renewing_ = false;
  Actions actions{scheduling(backoff_.attempts(), {}, cause)};
  return actions += attempt();
}

/// The new channel hears nothing, and the old one is still there: it serves again.
Actions ChannelMachine::back_to_old(std::string_view cause, const Now& now) {
  deaf_ = false;
  Actions actions{action::CloseSocket{*serving_}, action::Forget{*serving_}};
  serving_ = std::exchange(old_, std::nullopt);
  return actions += replace_for_notice(cause, now);
}

/// A server that ends each new channel at once must not get them one after the other.
Actions ChannelMachine::replace_for_notice(std::string_view cause, const Now& now) {
  if (now.steady - live_since_ >= options_.reconnect.stable_after)
    return replace(cause);
  const auto delay = backoff_.next();
  pending_ = {};
  renewing_ = false;
  state_ = ChannelState::waiting;
  retry_at_ = now.steady + delay;
  return {scheduling(backoff_.attempts(), delay, cause)};
}

Actions ChannelMachine::serving_down(const Fault& fault, const Now& now) {
  const ChannelNumber channel = *std::exchange(serving_, std::nullopt);
  Actions actions;
  if (!std::exchange(deaf_, false))
    actions.emplace_back(action::Lost{channel, cause_of_end(fault)});
  const bool was_live = state_ == ChannelState::live;
  const bool was_draining = state_ == ChannelState::draining;
  if (was_live || was_draining)
    leave_live(now);
  if (was_draining)
    serving_ = std::exchange(old_, std::nullopt);
  if (was_live && may_keep(fault))
    keep(channel);
  else
    actions.emplace_back(action::Forget{channel});
  if (state_ == ChannelState::stopping)
    return old_ ? actions : actions += end(ExitCode::clean);
  if (was_live || was_draining)
    return actions += wait_after(fault, false, now);
  return actions;
}

/// Nothing is wrong with the channel, and nothing would come over it: that uses up no attempt.
Actions ChannelMachine::mute(const Now& now) {
  Actions actions = drop_attempt();
  if (serving_ && std::exchange(deaf_, false)) {
    actions.emplace_back(action::CloseSocket{*serving_});
    actions.emplace_back(action::Forget{*std::exchange(serving_, std::nullopt)});
  }
  if (!std::exchange(pending_, {}).empty())
    return actions += attempt();  // the topics are others by now
  muted_ = !serving_;
  unpermitted_ = true;
  if (muted_)
    actions.emplace_back(action::Muted{});
  state_ = ChannelState::waiting;
  retry_at_ = now.steady + options_.rejected_retry;
  actions.emplace_back(
      scheduling(backoff_.attempts(), options_.rejected_retry, "no_topic_permitted"));
  return actions;
}

/// The channel that serves was renewed, and none of its topics is permitted any more.
Actions ChannelMachine::silence(const Now& now) {
  renewing_ = false;
  Actions actions = stop_sockets();
  actions += lose(*std::exchange(serving_, std::nullopt), "no_topic_permitted");
  if (old_)
    actions += lose(*std::exchange(old_, std::nullopt), "no_topic_permitted");
  return actions += mute(now);
}

/// The attempt came to nothing.
Actions ChannelMachine::fail(const Fault& fault, const Now& now) {
  Actions actions;
  if (state_ == ChannelState::connecting && may_keep(fault))
    keep(*std::exchange(attempt_, std::nullopt));
  actions += drop_attempt();
  const bool of_token = fault.stage != Stage::upgrade && fault.stage != Stage::stream;
  if (of_token && disposition(fault) == Disposition::refresh_token)
    actions.emplace_back(action::DiscardToken{});
  const bool forbidden = fault.stage == Stage::subscribe && fault.code == kForbidden;
  return actions += wait_after(fault, forbidden, now);
}

/// An ordinary attempt: counted and delayed. The last one ends it, but not while a channel serves.
Actions ChannelMachine::wait_after(const Fault& fault, bool longest, const Now& now) {
  if (used_up()) {
    Actions actions{action::Note{
        AuditRecord("max_reconnect_attempts_reached").number("attempts", backoff_.attempts())}};
    actions += forget_kept();
    return actions += end(ExitCode::attempts_used_up);
  }
  const auto jittered = backoff_.next();
  const std::chrono::milliseconds wish = fault.retry_after.value_or(std::chrono::seconds{0});
  const auto delay = std::max(longest ? backoff_.longest() : jittered, wish);
  if (sink_down_) {
    state_ = ChannelState::held;
    return {};
  }
  state_ = ChannelState::waiting;
  pending_ = {};  // the next attempt takes everything anew
  retry_at_ = now.steady + delay;
  return {scheduling(backoff_.attempts(), delay, cause_of(fault))};
}

/// What came to nothing in company does not count when the company ends.
bool ChannelMachine::used_up() {
  const unsigned most = options_.reconnect.max_attempts;
  if (most == 0 || backoff_.attempts() < most || serving_)
    return false;
  if (!in_company_ && !past_its_count_)
    return true;
  if (!in_company_)
    backoff_.reset();
  past_its_count_ = in_company_;
  return false;
}

/// A channel that cannot be connected to again and again may be the reason itself.
bool ChannelMachine::may_keep(const Fault& fault) const {
  return keeps_channel(fault) && pending_.empty() && kept_tries_ < kMaxTries;
}

void ChannelMachine::keep(ChannelNumber channel) {
  kept_ = channel;
  ++kept_tries_;
}

Actions ChannelMachine::drop_attempt() {
  if (!attempt_)
    return {};
  return {action::Forget{*std::exchange(attempt_, std::nullopt)}};
}

Actions ChannelMachine::forget_kept() {
  if (!kept_)
    return {};
  return {action::Forget{*std::exchange(kept_, std::nullopt)}};
}

Actions ChannelMachine::lose(ChannelNumber channel, std::string cause) {
  return {action::Lost{channel, std::move(cause)}, action::Forget{channel}};
}

std::string ChannelMachine::cause_of_end(const Fault& fault) const {
  return state_ == ChannelState::stopping ? "stopped" : cause_of(fault);
}

Actions ChannelMachine::stop_sockets() {
  Actions actions;
  for (const auto& channel : {serving_, old_})
    if (channel)
      actions.emplace_back(action::CloseSocket{*channel});
  return actions;
}

Actions ChannelMachine::end(ExitCode code) {
  state_ = ChannelState::ended;
  return {action::End{code}};
}

/// A channel that lived long enough was a healthy one, however it ends.
void ChannelMachine::leave_live(const Now& now) {
  const bool was_live = state_ == ChannelState::live || state_ == ChannelState::draining;
  if (was_live && now.steady - live_since_ >= options_.reconnect.stable_after)
    backoff_.reset();
}

void ChannelMachine::plan_renewal() {
  const auto margin = std::min<std::chrono::seconds>(options_.renew_margin, lifetime_ / 2);
  renew_at_ = created_ + lifetime_ - margin;
  replace_at_ = created_ + lifetime_ - margin / 2;
}

}  // namespace gcstreamd
