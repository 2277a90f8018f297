#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <optional>

#include "tls_stream.hpp"

namespace gcstreamd {

/// A TCP connection with or without TLS behind one type, so that HTTP and WebSocket are compiled
/// once. Meets Asio's AsyncReadStream and AsyncWriteStream.
class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using executor_type = Socket::executor_type;

  /// Takes over a connected socket.
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  TlsStream& start_tls(boost::asio::ssl::context& context) {
    TlsStream& tls = tls_.emplace(socket_, context);
    SSL_set_cert_cb(tls.native_handle(), note_certificate_request, this);
    return tls;
  }
  TlsStream* tls() { return tls_ ? &*tls_ : nullptr; }
  /// Whether the server asked for a client certificate.
  bool certificate_wanted() const { return certificate_wanted_; }

  /// Called when the WebSocket is over and only the connection under it is left to be ended.
  void on_teardown(std::function<void()> call) { on_teardown_ = std::move(call); }
  void tear_down() const {
    if (on_teardown_)
      on_teardown_();
  }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return tls_ ? tls_->async_read_some(buffers, std::forward<Handler>(handler))
                : socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return tls_ ? tls_->async_write_some(buffers, std::forward<Handler>(handler))
                : socket_.async_write_some(buffers, std::forward<Handler>(handler));
  }

  /// Cuts the connection; what is under way ends with operation_aborted.
  void cut() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  static int note_certificate_request(SSL*, void* transport) {
    static_cast<Transport*>(transport)->certificate_wanted_ = true;
    return 1;
  }

  Socket socket_;
  std::optional<TlsStream> tls_;
  std::function<void()> on_teardown_;
  bool certificate_wanted_ = false;
};

}  // namespace gcstreamd
