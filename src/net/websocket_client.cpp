#include "gcstreamd/net/websocket_client.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "exchange_fault.hpp"
#include "frame_gate.hpp"
#include "gcstreamd/core/http_message.hpp"
#include "gcstreamd/core/protocol.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/net/clocks.hpp"
#include "gcstreamd/net/dialer.hpp"
#include "gcstreamd/net/tls_fault.hpp"
#include "rethrow.hpp"
#include "transport.hpp"

namespace gcstreamd {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::uint16_t kAbnormal = 1006;
constexpr std::size_t kShownReason = 123;  // as long as a close frame can hold
constexpr std::chrono::milliseconds kPeerCloseLimit{2000};

/// The close code that Beast sends when the peer breaks the protocol.
std::uint16_t code_of(const error_code& error) {
  constexpr std::uint16_t kProtocol = 1002;
  constexpr std::uint16_t kPayload = 1007;
  constexpr std::uint16_t kTooBig = 1009;
  if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow)
    return kTooBig;
  if (error == websocket::error::bad_frame_payload)
    return kPayload;
  return error == websocket::condition::protocol_violation ? kProtocol : kAbnormal;
}

Fault stream_fault(const error_code& error, const Transport& transport) {
  if (const auto code = code_of(error); code != kAbnormal)
    return {Stage::stream, FaultKind::close_code, code, error.message()};
  if (error == asio::error::eof)
    return {Stage::stream, FaultKind::close_code, kAbnormal,
            "the connection ended without a close frame"};
  if (error == asio::ssl::error::stream_truncated)
    return {Stage::stream, FaultKind::close_code, kAbnormal,
            "the connection was cut off: neither a close frame nor TLS's close_notify came"};
  if (is_tls_error(error))
    return tls_fault(Stage::stream, error, transport.certificate_wanted());
  return {Stage::stream, FaultKind::system, error.value(), describe(error)};
}

Fault upgrade_refusal(const websocket::response_type& response) {
  const int status = static_cast<int>(response.result_int());
  const auto header = [&response](http::field field) {
    const auto value = response[field];
    return std::string_view(value.data(), value.size());
  };
  Fault fault(Stage::upgrade, FaultKind::http_status, status,
              "the server answered the upgrade with " +
                  status_words(status, header(http::field::location)));
  fault.retry_after =
      parse_retry_after(header(http::field::retry_after), header(http::field::date), wall_now());
  return fault;
}

}  // namespace

/// The connection itself; kept alive by what is under way. `observer_` is null once nobody listens.
class WebSocketClient::Link : public std::enable_shared_from_this<Link>, private GateOwner {
 public:
  Link(asio::any_io_executor executor, ConnectionOptions options, std::size_t max_message_bytes,
       LinkObserver& observer)
      : executor_(executor),
        options_(std::move(options)),
        max_message_bytes_(max_message_bytes),
        observer_(&observer),
        guard_(std::make_shared<StageGuard>(executor, options_.stage_timeout, options_.on_stage)),
        close_timer_(executor) {}

  void open(WebSocketTarget target) {
    target_ = std::move(target);
    asio::co_spawn(executor_, run(shared_from_this()), rethrow);
  }

  void send_text(std::string message) {
    if (!stream_ || closing_)
      return;
    outgoing_ = std::move(message);
    stream_->text(true);
    stream_->async_write(asio::buffer(outgoing_),
                         [self = shared_from_this()](const error_code& error, std::size_t) {
                           if (error)
                             self->finish_after(error);
                         });
  }

  auto until_sent() {
    pinging_ = true;
    return [self = shared_from_this()](const error_code&) { self->pinging_ = false; };
  }

  bool ping(std::string_view payload) {
    if (!stream_ || closing_ || pinging_)
      return false;
    stream_->async_ping(websocket::ping_data(payload.data(), payload.size()), until_sent());
    return true;
  }

  void pong() {
    if (stream_ && !closing_ && !pinging_)
      stream_->async_pong({}, until_sent());
  }

  void pause() {
    paused_ = true;
    if (open_)
      gate_->pause();
  }

  void resume() {
    paused_ = false;
    if (!open_ || closing_)
      return;
    gate_->resume();
    if (!reading_)
      read();
  }

  void close(std::uint16_t code, std::string_view reason, std::chrono::milliseconds limit) {
    if (!stream_ || closing_)
      return;
    closing_ = true;
    end_.code = code;
    end_.reason = reason;
    end_.by_client = true;
    end_.fault = Fault(Stage::stream, FaultKind::cancelled, code, "closed by us");
    cut_after(limit);
    gate_->hand_over();
    const websocket::close_reason frame(static_cast<websocket::close_code>(code),
                                        beast::string_view(reason.data(), reason.size()));
    stream_->async_close(frame, [self = shared_from_this()](const error_code&) { self->finish(); });
  }

  void abort(Fault fault) {
    if (!stream_ || closing_)
      return;
    closing_ = true;
    end_.fault = std::move(fault);
    end_.reason = end_.fault.what;
    end_.by_client = true;
    finish();
  }

  void forget() {
    observer_ = nullptr;
    guard_->cancel();
    close_timer_.cancel();
    cut();
  }

 private:
  using Stream = websocket::stream<GateRef>;

  static asio::awaitable<void> run(std::shared_ptr<Link> self) {
    const auto fault = co_await self->climb();
    if (!self->observer_)
      co_return;
    if (fault) {
      self->observer_->on_refused(*fault);
      co_return;
    }
    self->gate_->begin();
    self->open_ = true;
    if (!self->paused_)
      self->read();
    self->observer_->on_open();
  }

  /// DNS, TCP, TLS, upgrade; empty when the WebSocket is open.
  asio::awaitable<std::optional<Fault>> climb() {
    auto dialed = co_await dial(target_.url, options_, guard_);
    if (!dialed)
      co_return dialed.error();
    transport_ = *dialed;
    if (!guard_->begin(Stage::upgrade, [this] { cut(); }))
      co_return guard_->explain(asio::error::operation_aborted);
    prepare();
    websocket::response_type response;
    const std::string host = target_.url.host_header();
    const std::string_view target = target_.request_target.reveal();
    const beast::string_view request_target(target.data(), target.size());
    auto [error] = co_await stream_->async_handshake(response, host, request_target, kAwait);
    guard_->end();
    if (error == websocket::error::upgrade_declined)
      co_return upgrade_refusal(response);
    if (error)
      co_return exchange_fault(*guard_, *transport_, reason_behind(*transport_, error));
    co_return std::nullopt;
  }

  void prepare() {
    transport_->on_teardown([this] {
      if (!closing_)  // a close of our own has its limit already
        cut_after(kPeerCloseLimit);
    });
    GateOwner& owner = *this;
    gate_ = std::make_shared<FrameGate>(*transport_, max_message_bytes_, Protocol::kPadding, owner);
    stream_.emplace(*gate_);
    stream_->read_message_max(max_message_bytes_);
    stream_->set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(http::field::user_agent, "gcstreamd");
      const std::string_view header = target_.authorization.reveal();
      if (!header.empty())
        request.set(http::field::authorization, beast::string_view(header.data(), header.size()));
    }));
    stream_->control_callback([this](websocket::frame_type type, beast::string_view payload) {
      on_control(type, {payload.data(), payload.size()});
    });
  }

  void on_control(websocket::frame_type type, std::string_view payload) {
    if (closing_ || !observer_)
      return;
    if (type != websocket::frame_type::close)
      return type == websocket::frame_type::pong ? observer_->on_pong(payload)
                                                 : observer_->on_control();
    closed_by_peer_ = true;
    end_.when = std::chrono::steady_clock::now();
    cut_after(kPeerCloseLimit);
  }

  /// A peer that never ends the connection must not hold the link.
  void cut_after(std::chrono::milliseconds limit) {
    close_timer_.expires_after(limit);
    close_timer_.async_wait([weak = weak_from_this()](const error_code& aborted) {
      const auto self = weak.lock();
      if (!self || aborted)
        return;
      // Beast's close can wait for a read that waits for that close, where cutting wakes neither.
      if (self->closing_)
        self->finish();
      else
        self->cut();
    });
  }

  void cut() {
    if (gate_)
      gate_->cut();
    else if (transport_)
      transport_->cut();
  }

  /// Messages that the gate takes do not end this read: it waits for those that are Beast's.
  void read() {
    reading_ = true;
    stream_->async_read(buffer_, [self = shared_from_this()](const error_code& error, std::size_t) {
      self->on_read(error);
    });
  }

  void on_read(const error_code& error) {
    if (error) {
      finish_after(error);
      return;
    }
    buffer_.prepare(Protocol::kPadding);
    const auto data = buffer_.cdata();
    on_arrival();
    on_message({static_cast<const char*>(data.data()), data.size()});
    buffer_.consume(buffer_.size());
    reading_ = false;
    if (!closing_ && observer_ && !paused_)
      read();
  }

  /// While a close is on its way, what still comes is read by it.
  void on_message(std::string_view message) override {
    if (!closing_ && observer_)
      observer_->on_message(message);
  }
  void on_arrival() override {
    if (!closing_ && observer_)
      observer_->on_arrival();
  }

  /// The link broke or the peer closed it; a close of our own is finished by its own handler.
  void finish_after(const error_code& error) {
    if (closing_)
      return;
    closing_ = true;
    if (error == websocket::error::closed || closed_by_peer_)
      end_by_peer();
    else
      end_by_fault(error);
    finish();
  }

  void end_by_peer() {
    constexpr std::uint16_t kNoCode = 1005;
    const auto& reason = stream_->reason();
    end_.code = reason.code == websocket::close_code::none ? kNoCode : reason.code;
    end_.reason = clip({reason.reason.data(), reason.reason.size()}, kShownReason);
    end_.fault = Fault(Stage::stream, FaultKind::close_code, end_.code,
                       fmt::format("the server closed with code {}", end_.code));
  }

  void end_by_fault(const error_code& error) {
    end_.fault = stream_fault(error, *transport_);
    end_.code = code_of(error);
    end_.reason = end_.fault.what;
    end_.by_client = end_.code != kAbnormal;
  }

  void finish() {
    close_timer_.cancel();
    cut();
    if (!closed_by_peer_)
      end_.when = std::chrono::steady_clock::now();
    if (auto* observer = std::exchange(observer_, nullptr))
      observer->on_closed(end_);
  }

  asio::any_io_executor executor_;
  ConnectionOptions options_;
  std::size_t max_message_bytes_;
  LinkObserver* observer_;
  std::shared_ptr<StageGuard> guard_;
  asio::steady_timer close_timer_;
  WebSocketTarget target_;
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<FrameGate> gate_;
  std::optional<Stream> stream_;
  beast::flat_buffer buffer_;
  std::string outgoing_;
  LinkEnd end_;
  bool closing_ = false;
  bool closed_by_peer_ = false;
  bool pinging_ = false;
  bool open_ = false;  ///< before, the handshake reads
  bool reading_ = false;
  bool paused_ = false;
};

WebSocketClient::WebSocketClient(asio::any_io_executor executor, ConnectionOptions options,
                                 std::size_t max_message_bytes, LinkObserver& observer)
    : link_(std::make_shared<Link>(std::move(executor), std::move(options), max_message_bytes,
                                   observer)) {}

WebSocketClient::~WebSocketClient() {
  link_->forget();
}

void WebSocketClient::open(WebSocketTarget target) {
  link_->open(std::move(target));
}

void WebSocketClient::send_text(std::string message) {
  link_->send_text(std::move(message));
}

bool WebSocketClient::ping(std::string_view payload) {
  return link_->ping(payload);
}

void WebSocketClient::pong() {
  link_->pong();
}

void WebSocketClient::pause() {
  link_->pause();
}

void WebSocketClient::resume() {
  link_->resume();
}

void WebSocketClient::close(std::uint16_t code, std::string_view reason,
                            std::chrono::milliseconds limit) {
  link_->close(code, reason, limit);
}

void WebSocketClient::abort(Fault fault) {
  link_->abort(std::move(fault));
}

}  // namespace gcstreamd
