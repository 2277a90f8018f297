#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <optional>

namespace gcstreamd {

/// A TCP connection with or without TLS behind one type, so that HTTP and WebSocket are compiled
/// once. Meets Asio's AsyncReadStream and AsyncWriteStream.
class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Tls = boost::asio::ssl::stream<Socket&>;
  using executor_type = Socket::executor_type;

  explicit Transport(executor_type executor) : socket_(std::move(executor)) {}

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  Tls& start_tls(boost::asio::ssl::context& context) { return tls_.emplace(socket_, context); }
  Tls* tls() { return tls_ ? &*tls_ : nullptr; }

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
  Socket socket_;
  std::optional<Tls> tls_;
};

/// A non-owning handle that Beast's WebSocket stream can hold as its next layer.
class TransportRef {
 public:
  using executor_type = Transport::executor_type;

  explicit TransportRef(Transport& transport) : transport_(&transport) {}

  executor_type get_executor() { return transport_->get_executor(); }
  Transport& transport() { return *transport_; }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return transport_->async_read_some(buffers, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return transport_->async_write_some(buffers, std::forward<Handler>(handler));
  }

 private:
  Transport* transport_;
};

/// Beast's closing hook (found by argument-dependent lookup): TLS's close_notify, or TCP's end.
template <class Handler>
void async_teardown(boost::beast::role_type, TransportRef& layer, Handler&& handler) {
  Transport& transport = layer.transport();
  if (auto* tls = transport.tls()) {
    tls->async_shutdown(std::forward<Handler>(handler));
    return;
  }
  boost::system::error_code error;
  transport.socket().shutdown(Transport::Socket::shutdown_send, error);
  boost::asio::post(layer.get_executor(),
                    boost::beast::bind_handler(std::forward<Handler>(handler), error));
}

/// Beast's hook for cutting a connection whose time is up.
inline void beast_close_socket(TransportRef& layer) {
  layer.transport().cut();
}

/// Required by Beast's synchronous calls, which nobody makes.
inline void teardown(boost::beast::role_type, TransportRef& layer, boost::system::error_code&) {
  layer.transport().cut();
}

}  // namespace gcstreamd
