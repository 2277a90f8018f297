#include "simulator/http_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "simulator/drip.hpp"
#include "simulator/event_stream.hpp"
#include "simulator/notifications/channel_socket.hpp"
#include "simulator/notifications/notifications_api.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::chrono::seconds kRequestTime{30};
constexpr std::size_t kLargestMessage = 1024 * 1024;  // a thousand topics fit
constexpr std::size_t kPiece = 64 * 1024;

class HttpPeer final : public Connection, public std::enable_shared_from_this<HttpPeer> {
 public:
  HttpPeer(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionHost& host)
      : stream_(std::move(socket), tls), timer_(stream_.get_executor()), host_(host) {}

  void start();
  void close() override { abort(); }
  void abort() override;
  bool ended() const override { return upgraded_ || !stream_.lowest_layer().is_open(); }

 private:
  void on_handshake_failed(error_code ec);
  void limit_time();
  void read();
  void on_request(error_code ec);
  std::shared_ptr<WebSocketPeer> make_stream();
  void become_stream();
  void respond(const Response& response);
  void write(const Response& response);
  void on_response(error_code ec);
  void linger();
  Request request() const;

  TlsStream stream_;
  asio::steady_timer timer_;
  ConnectionHost& host_;
  beast::flat_buffer input_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool upgraded_ = false;
};

void HttpPeer::start() {
  limit_time();
  stream_.async_handshake(TlsStream::server, [self = shared_from_this()](error_code ec) {
    if (ec) {
      return self->on_handshake_failed(ec);
    }
    self->read();
  });
}

void HttpPeer::on_handshake_failed(error_code ec) {
  if (ec != asio::error::operation_aborted) {
    host_.log("TLS handshake failed: " + ec.message());
  }
  abort();
}

void HttpPeer::limit_time() {
  timer_.expires_after(kRequestTime);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec) {
      self->abort();
    }
  });
}

void HttpPeer::read() {
  parser_.emplace();
  parser_->body_limit(kLargestMessage);
  http::async_read(
      stream_, input_, *parser_,
      [self = shared_from_this()](error_code ec, std::size_t) { self->on_request(ec); });
}

Request HttpPeer::request() const {
  const auto& message = parser_->get();
  const auto text = [](beast::string_view view) { return std::string(view.data(), view.size()); };
  return {text(message.method_string()),
          text(message.target()),
          text(message[http::field::authorization]),
          message.body(),
          beast::websocket::is_upgrade(message),
          text(message[http::field::sec_websocket_key])};
}

void HttpPeer::on_request(error_code ec) {
  if (ec) {
    return abort();
  }
  respond(host_.answer(request()));
}

std::shared_ptr<WebSocketPeer> HttpPeer::make_stream() {
  Switchboard* board = host_.switchboard();
  if (board == nullptr) {
    return std::make_shared<EventStream>(std::move(stream_), host_);
  }
  const auto channel = NotificationsApi::channel_of(request().target);
  return std::make_shared<ChannelSocket>(std::move(stream_), host_, *board, channel.value_or(""));
}

void HttpPeer::become_stream() {
  timer_.cancel();
  upgraded_ = true;
  const auto stream = make_stream();
  host_.add(std::weak_ptr<Connection>(stream));
  stream->start(beast::buffers_to_string(input_.data()));
}

void HttpPeer::respond(const Response& response) {
  switch (response.manner) {
    case Manner::hang_up:
      return abort();
    case Manner::silent:
      timer_.cancel();
      return linger();
    case Manner::answer:
      return write(response);
  }
}

void HttpPeer::write(const Response& response) {
  response_ = {http::int_to_status(response.status), parser_->get().version()};
  if (response.status != 101) {
    response_.set(http::field::content_type, response.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(parser_->get().keep_alive());
    response_.body() = response.body;
    response_.prepare_payload();
  }
  for (const auto& [name, value] : response.headers) {
    response_.set(name, value);
  }
  if (response.over.count() == 0) {
    return http::async_write(
        stream_, response_,
        [self = shared_from_this()](error_code ec, std::size_t) { self->on_response(ec); });
  }
  timer_.cancel();
  std::ostringstream text;
  text << response_;
  drip(stream_, text.str(), response.over,
       [self = shared_from_this()](error_code ec) { self->on_response(ec); });
}

// Until the client gives up.
void HttpPeer::linger() {
  input_.clear();
  stream_.async_read_some(input_.prepare(kPiece),
                          [self = shared_from_this()](error_code ec, std::size_t) {
                            if (ec) {
                              return self->abort();
                            }
                            self->linger();
                          });
}

void HttpPeer::on_response(error_code ec) {
  if (ec) {
    return abort();
  }
  if (response_.result() == http::status::switching_protocols) {
    return become_stream();
  }
  limit_time();
  if (response_.keep_alive()) {
    return read();
  }
  stream_.async_shutdown([self = shared_from_this()](error_code) { self->abort(); });
}

void HttpPeer::abort() {
  if (upgraded_) {
    return;
  }
  timer_.cancel();
  error_code ignored;
  stream_.lowest_layer().close(ignored);
  host_.on_progress();
}

}  // namespace

void start_http_peer(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionHost& host) {
  const auto peer = std::make_shared<HttpPeer>(std::move(socket), tls, host);
  host.add(std::weak_ptr<Connection>(peer));
  peer->start();
}

}  // namespace gcstream_sim
