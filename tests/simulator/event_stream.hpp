// A WebSocket of the analytics-stream protocol: one subscription, then its events.
//
// Ownership and threads: as all connections, see connection.hpp.
#pragma once

#include <optional>
#include <string_view>

#include "simulator/cursor.hpp"
#include "simulator/websocket_peer.hpp"

namespace gcstream_sim {

class EventStream final : public WebSocketPeer {
 public:
  using WebSocketPeer::WebSocketPeer;

  std::uint64_t behind() const override { return cursor_ ? cursor_->behind() : 0; }

 private:
  void on_start() override;
  void on_text(std::string_view text) override;
  bool subscribed() const override { return cursor_.has_value(); }
  std::optional<Delivery> next() override { return cursor_ ? cursor_->next() : std::nullopt; }
  EventBytes heartbeat_message() override;
  void on_end() override { cursor_.reset(); }

  void subscribe(std::string_view text);
  void serve(std::optional<std::uint64_t> after, const Step* step);

  std::optional<Cursor> cursor_;
  bool denied_ = false;
};

}  // namespace gcstream_sim
