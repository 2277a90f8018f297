#pragma once

#include <string>
#include <string_view>

#include "support/listener.hpp"
#include "support/peer.hpp"
#include "support/raw_connection.hpp"

namespace gcstreamd::testing {

/// A CONNECT that waits for the proxy's answer.
class ConnectRequest {
 public:
  explicit ConnectRequest(RawConnection connection);

  const std::string& target() const { return target_; }
  /// "" where there is none.
  std::string header(std::string_view name) const;
  /// Sends these bytes; what is left of the connection stays here.
  RawConnection& answer(std::string_view bytes);
  /// Opens the tunnel, by these bytes, and gives its end away, to a Peer for example.
  RawConnection open(
      std::string_view bytes = "HTTP/1.1 200 Connection established\r\nVia: 1.1 scripted\r\n\r\n");

 private:
  RawConnection connection_;
  std::string target_;
  Headers headers_;
};

/// A scripted HTTP proxy on a free loopback port, driven step by step by the test's own thread.
class ProxyPeer {
 public:
  std::uint16_t port() const { return listener_.port(); }
  /// `http://[credentials@]127.0.0.1:port`.
  std::string url(const std::string& credentials = "") const;
  /// Accepts the next connection and reads its CONNECT.
  [[nodiscard]] ConnectRequest expect_connect() const;
  /// Accepts the next connection, and no more.
  [[nodiscard]] RawConnection expect_connection() const;

 private:
  Listener listener_;
};

}  // namespace gcstreamd::testing
