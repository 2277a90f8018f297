#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gcstreamd/app/api_call.hpp"
#include "gcstreamd/app/channel_link.hpp"
#include "gcstreamd/app/token_desk.hpp"
#include "gcstreamd/core/channel_api.hpp"

namespace gcstreamd {

/// What a message was to the stream.
struct Heard {
  bool progressed = false;       ///< a new event was delivered
  std::optional<Notice> notice;  ///< that came with it, of its channel
  std::optional<Fault> refused;  ///< the channel is of no use any more
};

/// The stream that a group of topics belongs to. Called on the loop's thread; must not destroy the
/// group from inside a call.
class ChannelHost {
 public:
  virtual ~ChannelHost() = default;
  virtual const std::vector<std::string>& topics(std::size_t group) const = 0;
  /// The service judged these topics.
  virtual void on_judged(std::span<const std::string> topics, const SubscriptionAnswer& answer) = 0;
  virtual Heard hear(std::string_view message, const Now& arrived) = 0;
  virtual void on_live(std::size_t group, ChannelNumber channel) = 0;
  virtual void on_lost(std::size_t group, ChannelNumber channel, const std::string& cause,
                       WallTime last_frame) = 0;
  /// None of the group's topics is permitted.
  virtual void on_muted(std::size_t group) = 0;
  /// Whether any other group is heard.
  virtual bool others_heard(std::size_t group) const = 0;
  virtual void on_group_end(std::size_t group, ExitCode code) = 0;
  virtual void note(const AuditRecord& record) = 0;
  /// A connection after the first was scheduled.
  virtual void on_reconnect(const std::string& cause) = 0;
  /// Whether messages may be read now.
  virtual bool may_read() const = 0;
  /// A secret that no output may hold.
  virtual void on_secret(std::string_view slot, const Secret& secret) = 0;
  virtual std::string shown(std::string_view text) const = 0;
  virtual Now now() = 0;
};

/// One group of topics and its channels: performs what its ChannelMachine decides and feeds back
/// what happened. Owns their sockets, its REST calls and one timer; used on the loop's thread.
class ChannelGroup : private ChannelLinkObserver, private TokenUser {
 public:
  /// All of them outlive it. `close_limit`: for closing handshakes.
  ChannelGroup(ChannelHost& host, const ApiTools& tools, TokenDesk& desk, std::size_t index,
               std::chrono::milliseconds close_limit);
  ~ChannelGroup() override;

  void feed(ChannelInput input);
  /// Takes over what a reload changed in the configuration.
  void configure();
  /// Lets messages in, or keeps them with the server.
  void regulate();

  ChannelState state() const { return machine_.state(); }
  unsigned attempts() const { return machine_.attempts(); }
  bool muted() const { return machine_.muted(); }
  /// The topics that were asked for last.
  const std::vector<std::string>& asked() const { return asked_; }
  /// While it waits for the next attempt.
  std::optional<SteadyTime> retry_at() const {
    return machine_.state() == ChannelState::waiting ? machine_.wake_at() : std::nullopt;
  }
  bool serves() const { return machine_.hears(); }
  /// Up to then everything has come over the channel that serves, if any does, and over the one
  /// that it replaces.
  std::optional<WallTime> last_frame() const;

 private:
  struct Channel {
    ChannelGrant grant;
    std::unique_ptr<ChannelLink> link;
    WallTime last_frame{};
    bool progressed = false;  ///< an event came over this link
  };

  void on_token() override;
  void on_no_token(const Fault& fault) override;
  void on_link_up(ChannelLink& link) override;
  void on_link_message(ChannelLink& link, std::string_view message, const Now& arrived) override;
  void on_link_sign(ChannelLink& link) override;
  void on_link_silent(ChannelLink& link, std::chrono::milliseconds silence) override;
  void on_link_end(ChannelLink& link, const LinkEnd& end, bool was_open) override;

  void perform(const action::Authorize&);
  void perform(const action::DiscardToken&);
  void perform(const action::Create& create);
  void perform(const action::SetTopics& set);
  void perform(const action::Renew& renew);
  void perform(const action::Connect& connect);
  void perform(const action::CloseSocket& close);
  void perform(const action::Forget& forget);
  void perform(const action::Live& live);
  void perform(const action::Lost& lost);
  void perform(const action::Muted&);
  void perform(const action::Cancel&);
  void perform(const action::Note& note);
  void perform(const action::End& end);

  void set_topics_of(ChannelNumber channel);
  void on_created(ChannelNumber channel, Outcome<HttpResponse> answer);
  void on_topics(ChannelNumber channel, Outcome<HttpResponse> answer);
  void fail_call(ChannelNumber channel, const Fault& fault);
  Channel* holder_of(const ChannelLink& link);
  void report_end(const LinkEnd& end, bool was_open);
  void report_error(const Fault& fault, std::string_view hint);
  void arm();
  void bury(std::unique_ptr<ChannelLink> link);

  ChannelHost& host_;
  const ApiTools& tools_;
  TokenDesk& desk_;
  std::size_t index_;
  std::chrono::milliseconds close_limit_;
  ChannelMachine machine_;
  ApiCall call_;
  std::optional<ChannelNumber> renewing_;  ///< as soon as there is a token
  std::vector<std::string> asked_;         ///< topics of the call under way
  boost::asio::steady_timer timer_;
  std::optional<SteadyTime> armed_;
  std::map<ChannelNumber, Channel> channels_;
  std::vector<std::unique_ptr<ChannelLink>> leaving_;  ///< of forgotten channels, still closing
  std::vector<std::unique_ptr<ChannelLink>> grave_;    ///< destroyed when the loop is back
  std::deque<ChannelInput> inputs_;
  bool feeding_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace gcstreamd
