#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "gcstreamd/core/channel_machine.hpp"
#include "gcstreamd/core/liveness.hpp"
#include "gcstreamd/net/websocket_client.hpp"

namespace gcstreamd {

class ChannelLink;

/// Told what happens on a channel's socket. None of the calls may destroy the link.
class ChannelLinkObserver {
 public:
  virtual ~ChannelLinkObserver() = default;
  virtual void on_link_up(ChannelLink& link) = 0;
  virtual void on_link_message(ChannelLink& link, std::string_view message, const Now& arrived) = 0;
  /// A probe was answered, and none that was wanted is left.
  virtual void on_link_sign(ChannelLink& link) = 0;
  /// `silence` is not 0 where it was given up for that.
  virtual void on_link_silent(ChannelLink& link, std::chrono::milliseconds silence) = 0;
  /// The way up failed, or the open socket ended: the last call.
  virtual void on_link_end(ChannelLink& link, const LinkEnd& end, bool was_open) = 0;
};

/// One socket of a channel, from DNS to close, with its own check whether it lives. Used on the
/// loop's thread; destroying it ends everything without further calls.
class ChannelLink : private LinkObserver {
 public:
  ChannelLink(boost::asio::any_io_executor loop, ConnectionOptions options,
              const StreamConfig& config, ChannelNumber channel, ChannelLinkObserver& observer);

  /// `connect_uri` as the service gave it; no header carries a token there.
  void open(const Secret& connect_uri);
  void close(std::chrono::milliseconds limit);
  void pause(bool wanted);
  /// Asks the peer for an answer that comes behind all that it sent before: on_link_sign.
  void probe();
  /// Another idle timeout.
  void configure(std::chrono::milliseconds idle_timeout);

  ChannelNumber channel() const { return channel_; }
  bool is_open() const { return open_; }
  /// Up to then everything that was sent has come: when something came last, or it was opened.
  /// After a pause that is when the pause began, until the peer answers.
  WallTime last_frame() const { return doubts_.empty() ? arrived_.wall : doubts_.front().since; }
  const std::string& host() const { return host_; }

 private:
  void on_open() override;
  void on_arrival() override;
  void on_message(std::string_view message) override;
  void on_control() override { on_arrival(); }
  void on_pong(std::string_view payload) override;
  void on_refused(const Fault& fault) override;
  void on_closed(const LinkEnd& end) override;

  void doubt(WallTime since);
  void watch();
  void check();

  ChannelNumber channel_;
  ChannelLinkObserver& observer_;
  Liveness liveness_;
  boost::asio::steady_timer timer_;
  std::string host_;
  Now arrived_{};
  bool open_ = false;
  bool paused_ = false;
  /// A pause in reading that the peer has not answered behind yet.
  struct Doubt {
    WallTime since;
    std::uint64_t probe;  ///< whose answer ends it
  };
  std::deque<Doubt> doubts_;
  std::uint64_t probes_ = 0;
  bool unsent_ = false;  ///< the newest probe
  WebSocketClient client_;
};

}  // namespace gcstreamd
