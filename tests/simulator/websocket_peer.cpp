// What the client sends, and what is sent to it.
#include "simulator/websocket_peer.hpp"

#include <fmt/format.h>

#include <boost/asio/write.hpp>
#include <utility>

#include "simulator/drip.hpp"
#include "simulator/wire.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kLargestMessage = 64 * 1024;
constexpr std::uint16_t kProtocolError = 1002;

}  // namespace

WebSocketPeer::WebSocketPeer(TlsStream stream, ConnectionHost& host)
    : stream_(std::move(stream)),
      timer_(stream_.get_executor()),
      stall_timer_(stream_.get_executor()),
      ping_timer_(stream_.get_executor()),
      close_timer_(stream_.get_executor()),
      host_(host),
      reader_(kLargestMessage) {}

void WebSocketPeer::start(std::string_view early) {
  ++host_.feed().counters().connections;
  on_start();
  reader_.add(early);
  take_messages();
  read();
}

void WebSocketPeer::read() {
  if (!ended_) {
    stream_.async_read_some(
        asio::buffer(input_),
        [self = shared_from_this()](error_code ec, std::size_t size) { self->on_read(ec, size); });
  }
}

void WebSocketPeer::on_read(error_code ec, std::size_t size) {
  if (ec == asio::error::eof && hold_) {
    return await_end_of_tcp();  // TLS's goodbye
  }
  if (ec) {
    return end(ec);
  }
  if (state_ != State::silent_for_ever) {
    reader_.add({input_.data(), size});
  }
  if (reader_.kept() > 2 * kLargestMessage) {
    return end(asio::error::no_buffer_space);
  }
  take_messages();
  read();
}

void WebSocketPeer::take_messages() {
  while (speaks()) {
    auto message = reader_.next();
    if (!message) {
      break;
    }
    on_message(*std::move(message));
  }
  if (!reader_.fault().empty()) {
    close(kProtocolError, reader_.fault());
  }
  send_next();
}

void WebSocketPeer::on_message(ClientMessage message) {
  switch (message.opcode) {
    case Opcode::ping:
      pong_ = std::move(message.payload);
      return;
    case Opcode::pong:
      return on_pong();
    case Opcode::close:
      return on_close_frame(message.payload);
    default:
      break;
  }
  if (!close_) {
    on_text(message.payload);
  }
}

void WebSocketPeer::on_close_frame(const std::string& payload) {
  client_closed_ = true;
  if (close_sent_) {
    return writing_ || hold_ ? void() : shut_down();
  }
  host_.log(payload.size() < 2 ? "closed by the client without a code"
                               : fmt::format("closed by the client with {}",
                                             static_cast<unsigned char>(payload[0]) * 256 +
                                                 static_cast<unsigned char>(payload[1])));
  close_ = payload.substr(0, 2);
}

// ---- What is sent.

std::vector<std::uint64_t> WebSocketPeer::unsent() const {
  std::vector<std::uint64_t> numbers;
  if (writing_ && sending_.number != 0) {
    numbers.push_back(sending_.number);
  }
  for (const Delivery& delivery : first_) {
    if (delivery.number != 0) {
      numbers.push_back(delivery.number);
    }
  }
  return numbers;
}

bool WebSocketPeer::settled() const {
  if (state_ == State::stalled && !ended_) {
    return false;
  }
  return !active() || (first_.empty() && !writing_ && behind() == 0);
}

void WebSocketPeer::perform(StreamOrder order) {
  for (Delivery& delivery : order.send) {
    first_.push_back(std::move(delivery));
  }
  if (order.close_in) {
    close_later(*order.close_in);
  }
  if (order.close) {
    hold_ = order.close->hold && !close_;
    close(order.close->code, order.close->reason);
  }
  if (order.cut) {
    return cut(*order.cut);
  }
  if (order.stall) {
    return stall(*order.stall);
  }
  send_next();
}

void WebSocketPeer::send_next() {
  if (writing_ || !speaks() || send_control()) {
    return;
  }
  if (std::exchange(ping_due_, false)) {
    ++host_.feed().counters().pings;
    pinged_ = std::chrono::steady_clock::now();
    return write(frame({.opcode = Opcode::ping}, {}));
  }
  if (std::exchange(heartbeat_due_, false)) {
    Delivery beat;
    beat.event = heartbeat_message();
    return send(std::move(beat));
  }
  if (!first_.empty()) {
    Delivery delivery = std::move(first_.front());
    first_.pop_front();
    return send(std::move(delivery));
  }
  if (auto delivery = next()) {
    send(*std::move(delivery));
  }
}

// True when there is nothing else to send now.
bool WebSocketPeer::send_control() {
  if (pong_ && !close_sent_) {
    write(frame({.opcode = Opcode::pong}, *std::exchange(pong_, std::nullopt)));
    return true;
  }
  if (close_ && !close_sent_) {
    close_sent_ = true;
    write(frame({.opcode = Opcode::close}, *close_));
  }
  return close_.has_value();
}

void WebSocketPeer::send(Delivery delivery) {
  sending_ = std::move(delivery);
  if (!sending_.event) {
    return cut(Cut::fin);
  }
  if (sending_.look.shape == Shape::drip) {
    writing_ = true;
    return drip(stream_, wire_of(*sending_.event, sending_.look), sending_.look.over,
                [self = shared_from_this()](error_code ec) { self->on_sent(ec); });
  }
  if (sending_.look.shape != Shape::text) {
    return write(wire_of(*sending_.event, sending_.look));
  }
  head_ = frame_head({}, sending_.event->size());
  writing_ = true;
  const std::array<asio::const_buffer, 2> bytes{asio::buffer(head_), asio::buffer(*sending_.event)};
  asio::async_write(stream_, bytes,
                    [self = shared_from_this()](error_code ec, std::size_t) { self->on_sent(ec); });
}

void WebSocketPeer::write(std::string bytes) {
  head_ = std::move(bytes);
  writing_ = true;
  asio::async_write(stream_, asio::buffer(head_),
                    [self = shared_from_this()](error_code ec, std::size_t) { self->on_sent(ec); });
}

void WebSocketPeer::on_sent(error_code ec) {
  writing_ = false;
  if (ec) {
    return end(ec);
  }
  if (std::exchange(sending_, {}).cut_after) {
    return cut(Cut::fin);
  }
  if (close_sent_ && client_closed_ && !hold_) {
    return shut_down();
  }
  send_next();
  host_.on_progress();
}

}  // namespace gcstream_sim
