// A WebSocket of the Notifications protocol: what its channel hears, heartbeats and JSON pings.
//
// Ownership: borrows the switchboard, which must outlive it. Threads: as all connections, see
// connection.hpp.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/notifications/switchboard.hpp"
#include "simulator/websocket_peer.hpp"

namespace gcstream_sim {

class ChannelSocket final : public WebSocketPeer, public Listener {
 public:
  ChannelSocket(TlsStream stream, ConnectionHost& host, Switchboard& board, std::string channel);

  std::uint64_t behind() const override { return queue_.size(); }
  std::string channel() const override { return channel_; }
  void hear(const Delivery& message) override;
  void hang_up(const CloseOrder& order) override;

 private:
  void on_start() override;
  void on_text(std::string_view text) override;
  bool subscribed() const override { return board_.listens(channel_); }
  std::optional<Delivery> next() override;
  EventBytes heartbeat_message() override;
  void on_heartbeat_due() override;
  void on_end() override;

  void limit_life();

  Switchboard& board_;
  std::string channel_;
  std::deque<Delivery> queue_;
  boost::asio::steady_timer life_timer_;
};

}  // namespace gcstream_sim
