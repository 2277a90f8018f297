#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <functional>
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
  Tls& start_tls(boost::asio::ssl::context& context) {
    Tls& tls = tls_.emplace(socket_, context);
    SSL_set_cert_cb(tls.native_handle(), note_certificate_request, this);
    return tls;
  }
  Tls* tls() { return tls_ ? &*tls_ : nullptr; }
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
  std::optional<Tls> tls_;
  std::function<void()> on_teardown_;
  bool certificate_wanted_ = false;
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

/// A teardown's handler that is told of no fault: how the connection ends must not hide how the
/// WebSocket did.
template <class Handler>
class Forgiving {
 public:
  using executor_type = boost::asio::associated_executor_t<Handler>;
  using allocator_type = boost::asio::associated_allocator_t<Handler>;

  explicit Forgiving(Handler&& handler) : handler_(std::move(handler)) {}

  executor_type get_executor() const noexcept {
    return boost::asio::get_associated_executor(handler_);
  }
  allocator_type get_allocator() const noexcept {
    return boost::asio::get_associated_allocator(handler_);
  }
  void operator()(const boost::system::error_code&) { handler_(boost::system::error_code{}); }

 private:
  Handler handler_;
};

/// Beast's closing hook (found by argument-dependent lookup): TLS's close_notify, or TCP's end.
template <class Handler>
void async_teardown(boost::beast::role_type, TransportRef& layer, Handler&& handler) {
  Transport& transport = layer.transport();
  transport.tear_down();
  if (auto* tls = transport.tls()) {
    tls->async_shutdown(Forgiving<std::decay_t<Handler>>(std::forward<Handler>(handler)));
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
