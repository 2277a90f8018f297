#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gcstreamd/core/channel_state.hpp"
#include "gcstreamd/core/notifications.hpp"
#include "gcstreamd/core/stream_machine.hpp"

namespace gcstreamd {

/// Our own count of the channels that were asked for. The channel's id is a secret, which the shell
/// keeps with its `connectUri`.
using ChannelNumber = std::uint32_t;

struct ChannelOptions {
  ReconnectConfig reconnect;
  /// A channel is renewed so long before it expires, at most half of its life before.
  std::chrono::seconds renew_margin{std::chrono::hours{12}};
  /// How long the old channel is read beside the one that replaces it.
  std::chrono::milliseconds overlap{5000};
  /// And how much longer, until it answers.
  std::chrono::milliseconds patience{std::chrono::seconds{40}};
  /// After so long it is asked again whether a topic is permitted, where none is.
  std::chrono::milliseconds rejected_retry{std::chrono::minutes{5}};
};

namespace input {
/// Time passed: feed at `wake_at`, or whenever.
struct Tick {};
struct Created {
  ChannelNumber channel;
  std::chrono::seconds lifetime;  ///< until it expires
};
/// Topics were set, for Action SetTopics and Renew; how many of them are permitted.
struct TopicsSet {
  ChannelNumber channel;
  std::size_t permitted;
};
/// Create, SetTopics or Renew came to nothing. No usable token: a fault at Stage::oauth.
struct CallFailed {
  ChannelNumber channel;
  Fault fault;
};
struct SocketUp {
  ChannelNumber channel;
};
/// A Connect failed or an open socket ended, however that came about: once for each Connect. Also
/// for a Refusal within the stream, after which the shell closes the socket by itself.
struct SocketDown {
  ChannelNumber channel;
  Fault fault;
};
/// The server said something of a channel.
struct Told {
  ChannelNumber channel;
  Notice::Kind what;
};
/// The old channel answered: what was sent over it before the new one was live has been read.
struct OldHeard {};
/// Whether the sockets are read: while they are not, what was sent waits in them.
struct Reading {
  bool on;
};
/// A planned change: another token, other topics, a reload.
struct Replace {
  std::string_view cause;
  bool retry = false;  ///< it may change how the next attempt goes: ends a wait
};
}  // namespace input

using ChannelInput =
    std::variant<input::Start, input::Stop, input::Tick, input::TokenReady, input::TokenFailed,
                 input::Created, input::TopicsSet, input::CallFailed, input::SocketUp,
                 input::SocketDown, input::Told, input::OldHeard, input::Reading, input::Replace,
                 input::Progress, input::SinkDown, input::SinkUp>;

namespace action {
/// POST a channel; feed Created or CallFailed.
struct Create {
  ChannelNumber channel;
};
/// PUT the topics as they are planned now; feed TopicsSet or CallFailed.
struct SetTopics {
  ChannelNumber channel;
};
/// The same for a live channel: it lives on anew.
struct Renew {
  ChannelNumber channel;
};
/// Open the channel's socket at its `connectUri`; feed SocketUp or SocketDown.
struct Connect {
  ChannelNumber channel;
};
/// Close the socket in order, within a limit; frames that still come are wanted. Feed SocketDown,
/// unless a Connect for the same channel comes first: what is left of the socket then ends unheard.
struct CloseSocket {
  ChannelNumber channel;
};
/// The channel's id and URI are of no use any more; a socket that still closes ends by itself.
struct Forget {
  ChannelNumber channel;
};
/// Tell coverage: events come over this channel from now on.
struct Live {
  ChannelNumber channel;
};
/// Tell coverage: no more, since the last frame of it.
struct Lost {
  ChannelNumber channel;
  std::string cause;
};
/// Tell coverage: none of the topics is permitted, so there is nothing to be heard.
struct Muted {};
}  // namespace action

using ChannelAction =
    std::variant<action::Authorize, action::DiscardToken, action::Create, action::SetTopics,
                 action::Renew, action::Connect, action::CloseSocket, action::Forget, action::Live,
                 action::Lost, action::Muted, action::Cancel, action::Note, action::End>;

/// Decides how one group of topics always has a live channel: one for each group of a stream. A
/// planned change makes the new channel live before the old one closes. No I/O and no clock: each
/// input comes with the time, each answer is a list of actions to perform in order.
class ChannelMachine {
 public:
  ChannelMachine(ChannelOptions options, std::uint64_t seed)
      : options_(options), backoff_(options.reconnect.backoff, seed) {}

  using Actions = std::vector<ChannelAction>;
  Actions on(const ChannelInput& input, const Now& now);

  /// From the next decision on.
  void configure(const ChannelOptions& options);

  ChannelState state() const { return state_; }
  /// In a row that came to nothing.
  unsigned attempts() const { return backoff_.attempts(); }
  /// Whether other groups of the stream are heard: then this one does not give up; and whether the
  /// stream ever had a token.
  void surround(bool in_company, bool granted) {
    in_company_ = in_company;
    ever_granted_ = ever_granted_ || granted;
  }
  /// Whether none of its topics was permitted when they were asked for last.
  bool muted() const { return muted_; }
  /// The channel that events come over, if any.
  std::optional<ChannelNumber> serving() const { return serving_; }
  /// Whether they do, as far as anybody knows.
  bool hears() const { return serving_ && !deaf_; }
  /// Whether that channel's renewal is awaited.
  bool renews(ChannelNumber channel) const { return renewing_ && serving_ == channel; }
  /// The channel that was replaced, until it has answered.
  std::optional<ChannelNumber> doubtful() const {
    return state_ == ChannelState::draining && !old_heard_ ? old_ : std::nullopt;
  }
  /// When a Tick has something to do.
  std::optional<SteadyTime> wake_at() const;

 private:
  Actions handle(const input::Start&, const Now& now);
  Actions handle(const input::Stop&, const Now& now);
  Actions handle(const input::Tick&, const Now& now);
  Actions handle(const input::TokenReady&, const Now& now);
  Actions handle(const input::TokenFailed& failed, const Now& now);
  Actions handle(const input::Created& created, const Now& now);
  Actions handle(const input::TopicsSet& set, const Now& now);
  Actions handle(const input::CallFailed& failed, const Now& now);
  Actions handle(const input::SocketUp& up, const Now& now);
  Actions handle(const input::SocketDown& down, const Now& now);
  Actions handle(const input::Told& told, const Now& now);
  Actions handle(const input::OldHeard&, const Now& now);
  Actions handle(const input::Reading& reading, const Now& now);
  Actions handle(const input::Replace& change, const Now& now);
  Actions handle(const input::Progress&, const Now& now);
  Actions handle(const input::SinkDown&, const Now& now);
  Actions handle(const input::SinkUp&, const Now& now);

  Actions attempt();
  Actions end_wait();
  Actions go_live(const Now& now);
  Actions settle();
  Actions end_overlap();
  Actions renewed(const Now& now);
  Actions renewal_failed(const Fault& fault, const Now& now);
  Actions replace(std::string_view cause);
  Actions replace_for_notice(std::string_view cause, const Now& now);
  Actions serving_down(const Fault& fault, const Now& now);
  Actions mute(const Now& now);
  Actions silence(const Now& now);
  Actions fail(const Fault& fault, const Now& now);
  Actions back_to_old(std::string_view cause, const Now& now);
  bool used_up();
  Actions wait_after(const Fault& fault, bool longest, const Now& now);
  bool may_keep(const Fault& fault) const;
  void keep(ChannelNumber channel);
  Actions drop_attempt();
  Actions forget_kept();
  Actions lose(ChannelNumber channel, std::string cause);
  std::string cause_of_end(const Fault& fault) const;
  Actions stop_sockets();
  Actions end(ExitCode code);
  void leave_live(const Now& now);
  void plan_renewal();

  ChannelOptions options_;
  Backoff backoff_;
  ChannelState state_ = ChannelState::idle;
  ChannelNumber last_number_ = 0;
  std::optional<ChannelNumber> attempt_;  ///< being made
  std::optional<ChannelNumber> serving_;
  std::optional<ChannelNumber> old_;   ///< replaced, and still read
  std::optional<ChannelNumber> kept_;  ///< to be connected to again instead of a new one
  unsigned kept_tries_ = 0;            ///< in a row
  std::chrono::seconds lifetime_{0};   ///< of the channel being made, then of the serving one
  SteadyTime created_{};               ///< or renewed; likewise
  std::size_t topics_ = 0;             ///< permitted; likewise
  bool muted_ = false;
  bool unpermitted_ = false;     ///< waits because no topic was permitted
  bool past_its_count_ = false;  ///< went on in company with its attempts used up
  bool deaf_ = false;            ///< the serving channel gets no events any more
  bool renewing_ = false;
  SteadyTime renew_at_{};
  SteadyTime replace_at_{};  ///< when renewals have failed for too long
  SteadyTime retry_at_{};
  SteadyTime drained_at_{};
  bool old_heard_ = false;
  bool paused_ = false;
  bool in_company_ = false;
  SteadyTime live_since_{};
  std::string_view pending_;  ///< the cause of a replacement that waits until the channel is live
  bool sink_down_ = false;
  unsigned refusals_ = 0;  ///< of the credentials, in a row
  bool ever_granted_ = false;
};

}  // namespace gcstreamd
