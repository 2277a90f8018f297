#include "simulator/connection.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <optional>
#include <utility>

#include "simulator/cursor.hpp"
#include "simulator/subscription.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

constexpr std::chrono::seconds kRequestTime{30};
constexpr std::chrono::seconds kCloseTime{5};
constexpr std::size_t kLargestMessage = 64 * 1024;
constexpr std::string_view kHeartbeat = R"({"type":"heartbeat"})";

// ---- The event stream.

class EventStream final : public Connection,
                          public Subscriber,
                          public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(TlsStream stream, ConnectionHost& host)
      : stream_(std::move(stream)), timer_(stream_.get_executor()), host_(host) {}

  void accept(const http::request<http::string_body>& request);
  void close() override { close(websocket::close_code::going_away, "the simulator stops"); }
  void abort() override;
  bool ended() const override { return ended_; }
  void on_events() override { send_next(); }
  bool active() const override { return cursor_ && !closing_ && !ended_; }
  std::uint64_t behind() const override { return cursor_ ? cursor_->behind() : 0; }

 private:
  void on_accepted(error_code ec);
  void read();
  void on_message(error_code ec);
  void subscribe(std::string_view text);
  void close(websocket::close_code code, std::string_view reason);
  void send_next();
  void send(asio::const_buffer bytes);
  void on_sent(error_code ec);
  void cut();
  void await_subscription();
  void start_heartbeat();
  void on_heartbeat();
  void end(error_code ec);

  websocket::stream<TlsStream> stream_;
  asio::steady_timer timer_;
  ConnectionHost& host_;
  beast::flat_buffer input_;
  std::optional<Cursor> cursor_;
  Delivery sending_;
  bool writing_ = false;
  bool heartbeat_due_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

void EventStream::accept(const http::request<http::string_body>& request) {
  websocket::stream_base::timeout limits{};
  limits.handshake_timeout = kCloseTime;
  limits.idle_timeout = websocket::stream_base::none();
  limits.keep_alive_pings = false;
  stream_.set_option(limits);
  stream_.auto_fragment(false);
  stream_.read_message_max(kLargestMessage);
  stream_.text(true);
  stream_.async_accept(request,
                       [self = shared_from_this()](error_code ec) { self->on_accepted(ec); });
}

void EventStream::on_accepted(error_code ec) {
  if (ec) {
    return end(ec);
  }
  ++host_.feed().counters().connections;
  await_subscription();
  read();
}

void EventStream::await_subscription() {
  timer_.expires_after(kRequestTime);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && !self->cursor_) {
      self->close(websocket::close_code::policy_error, "no subscription within 30 s");
    }
  });
}

void EventStream::read() {
  stream_.async_read(
      input_, [self = shared_from_this()](error_code ec, std::size_t) { self->on_message(ec); });
}

void EventStream::on_message(error_code ec) {
  if (ec) {
    return end(ec);
  }
  const std::string text = beast::buffers_to_string(input_.data());
  input_.consume(input_.size());
  if (cursor_) {
    close(websocket::close_code::policy_error, "this connection is already subscribed");
  } else {
    subscribe(text);
  }
  if (!closing_) {
    read();
  }
}

void EventStream::subscribe(std::string_view text) {
  const auto outcome = read_subscription(text, host_.feed().event_types());
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    host_.log("subscription refused: " + refusal->reason);
    return close(websocket::close_code::policy_error, refusal->reason);
  }
  const auto& after = std::get<Subscription>(outcome).sequence_number;
  host_.log(after ? fmt::format("subscribed, resuming after {}", *after) : "subscribed at the tip");
  cursor_.emplace(host_.feed(), after);
  start_heartbeat();
  host_.add(std::weak_ptr<Subscriber>(shared_from_this()));
  send_next();
}

void EventStream::start_heartbeat() {
  timer_.expires_after(host_.options().heartbeat);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && !self->ended_ && !self->closing_) {
      self->on_heartbeat();
    }
  });
}

void EventStream::on_heartbeat() {
  heartbeat_due_ = true;
  start_heartbeat();
  send_next();
}

void EventStream::send_next() {
  if (writing_ || closing_ || ended_) {
    return;
  }
  if (std::exchange(heartbeat_due_, false)) {
    return send(asio::buffer(kHeartbeat));
  }
  auto delivery = cursor_->next();
  if (!delivery) {
    return;
  }
  sending_ = *std::move(delivery);
  if (!sending_.event) {
    return cut();
  }
  send(asio::buffer(*sending_.event));
}

void EventStream::send(asio::const_buffer bytes) {
  writing_ = true;
  stream_.async_write(
      bytes, [self = shared_from_this()](error_code ec, std::size_t) { self->on_sent(ec); });
}

void EventStream::on_sent(error_code ec) {
  writing_ = false;
  if (ec) {
    return end(ec);
  }
  if (std::exchange(sending_, {}).cut_after) {
    return cut();
  }
  send_next();
  host_.on_progress();
}

// As a broken network does it: neither a close frame nor an end of TLS.
void EventStream::cut() {
  ++host_.feed().counters().drops;
  host_.log("connection cut");
  abort();
}

void EventStream::close(websocket::close_code code, std::string_view reason) {
  if (closing_ || ended_) {
    return;
  }
  closing_ = true;
  timer_.cancel();
  const websocket::close_reason why(code, beast::string_view(reason.data(), reason.size()));
  stream_.async_close(why, [self = shared_from_this()](error_code ec) { self->end(ec); });
}

void EventStream::abort() {
  error_code ignored;
  beast::get_lowest_layer(stream_).close(ignored);
  end(asio::error::operation_aborted);
}

void EventStream::end(error_code ec) {
  if (std::exchange(ended_, true)) {
    return;
  }
  timer_.cancel();
  if (ec == websocket::error::closed) {
    host_.log(fmt::format("closed by the client with {}", stream_.reason().code));
  } else if (ec && ec != asio::error::operation_aborted) {
    host_.log("connection ended: " + ec.message());
  }
  cursor_.reset();
  host_.on_progress();
}

// ---- HTTP.

class HttpPeer final : public Connection, public std::enable_shared_from_this<HttpPeer> {
 public:
  HttpPeer(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionHost& host)
      : stream_(std::move(socket), tls), timer_(stream_.get_executor()), host_(host) {}

  void start();
  void close() override { abort(); }
  void abort() override;
  bool ended() const override { return !stream_.lowest_layer().is_open(); }

 private:
  void on_handshake_failed(error_code ec);
  void limit_time();
  void read();
  void on_request(error_code ec);
  void become_stream();
  void respond(const Response& response);
  void on_response(error_code ec);
  Request request() const;

  TlsStream stream_;
  asio::steady_timer timer_;
  ConnectionHost& host_;
  beast::flat_buffer input_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
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
  const auto target = message.target();
  const auto method = message.method_string();
  const auto authorization = message[http::field::authorization];
  return {std::string(method.data(), method.size()), std::string(target.data(), target.size()),
          std::string(authorization.data(), authorization.size()), message.body(),
          websocket::is_upgrade(message)};
}

void HttpPeer::on_request(error_code ec) {
  if (ec) {
    return abort();
  }
  const auto response = host_.api().answer(request(), std::chrono::steady_clock::now());
  if (response) {
    respond(*response);
  } else {
    become_stream();
  }
}

void HttpPeer::become_stream() {
  timer_.cancel();
  const auto stream = std::make_shared<EventStream>(std::move(stream_), host_);
  host_.add(std::weak_ptr<Connection>(stream));
  stream->accept(parser_->get());
}

void HttpPeer::respond(const Response& response) {
  response_ = {http::int_to_status(response.status), parser_->get().version()};
  response_.set(http::field::content_type, "application/json");
  response_.set(http::field::cache_control, "no-store");
  response_.keep_alive(parser_->get().keep_alive());
  response_.body() = response.body;
  response_.prepare_payload();
  http::async_write(stream_, response_, [self = shared_from_this()](error_code ec, std::size_t) {
    self->on_response(ec);
  });
}

void HttpPeer::on_response(error_code ec) {
  if (ec) {
    return abort();
  }
  limit_time();
  if (response_.keep_alive()) {
    return read();
  }
  stream_.async_shutdown([self = shared_from_this()](error_code) { self->abort(); });
}

void HttpPeer::abort() {
  timer_.cancel();
  error_code ignored;
  stream_.lowest_layer().close(ignored);
  host_.on_progress();
}

}  // namespace

void start_connection(asio::ip::tcp::socket socket, asio::ssl::context& tls, ConnectionHost& host) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = std::make_shared<HttpPeer>(std::move(socket), tls, host);
  host.add(std::weak_ptr<Connection>(peer));
  peer->start();
}

}  // namespace gcstream_sim
