#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/errors.hpp"
#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/core/url.hpp"
#include "gcstreamd/net/connection_options.hpp"

namespace gcstreamd {

/// How an open WebSocket ended.
struct LinkEnd {
  LinkEnd() = default;

  Fault fault;                ///< close code, TLS or system error, timeout
  std::uint16_t code = 1006;  ///< RFC 6455, 7.1.5: 1006 where no close frame came
  std::string reason;
  bool by_client = false;
  /// When the server's close frame came, or else the end itself: TCP may have lasted longer.
  std::chrono::steady_clock::time_point when;
};

/// Told what happens on a WebSocket, on the executor's thread. May close or abort the link from
/// inside a call, and must not destroy it there.
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  virtual void on_open() = 0;
  /// Something was read: the messages of the next on_message calls came by now.
  virtual void on_arrival() = 0;
  /// A whole message, text or binary, with Protocol::kPadding readable bytes behind it.
  virtual void on_message(std::string_view message) = 0;
  /// A ping, or the answer to one.
  virtual void on_control() = 0;
  /// The answer to a ping with this payload.
  virtual void on_pong(std::string_view) { on_control(); }
  /// Instead of on_open: the way up failed.
  virtual void on_refused(const Fault& fault) = 0;
  /// After on_open, once, and the last call.
  virtual void on_closed(const LinkEnd& end) = 0;
};

struct WebSocketTarget {
  WebSocketTarget() = default;

  Url url;
  Secret request_target;  ///< path and query, with the token where it travels in the query
  Secret authorization;   ///< the header's value; empty: no header
};

/// One WebSocket connection (RFC 6455, by Boost.Beast), from DNS to close; made anew for each
/// attempt. Used on the executor's thread; destroying it ends everything without further calls.
class WebSocketClient {
 public:
  WebSocketClient(boost::asio::any_io_executor executor, ConnectionOptions options,
                  std::size_t max_message_bytes, LinkObserver& observer);
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  void open(WebSocketTarget target);
  void send_text(std::string message);
  /// `payload`: up to 125 bytes, which come back with the pong. False: it was not sent, since
  /// another control frame is on its way.
  bool ping(std::string_view payload = {});
  /// Tells the server that we live, and asks for nothing (RFC 6455, 5.5.3).
  void pong();
  /// No messages until `resume`, and nothing is read: the server is slowed down by TCP.
  void pause();
  void resume();
  /// Starts the closing handshake; after `limit` the connection is cut. on_closed follows.
  void close(std::uint16_t code, std::string_view reason, std::chrono::milliseconds limit);
  /// Cuts the connection; on_closed follows with this fault.
  void abort(Fault fault);

 private:
  class Link;

  std::shared_ptr<Link> link_;
};

}  // namespace gcstreamd
