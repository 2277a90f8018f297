#include "simulator/notifications/channel_socket.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "simulator/notifications/notification_orders.hpp"

namespace gcstream_sim {
namespace {

using boost::system::error_code;

constexpr std::size_t kMostBehind = 100'000;

EventTime now() {
  return EventTime::clock::now();
}

}  // namespace

ChannelSocket::ChannelSocket(TlsStream stream, ConnectionHost& host, Switchboard& board,
                             std::string channel)
    : WebSocketPeer(std::move(stream), host),
      board_(board),
      channel_(std::move(channel)),
      life_timer_(executor()) {}

void ChannelSocket::on_start() {
  const auto self = std::static_pointer_cast<ChannelSocket>(shared_from_this());
  if (!board_.connect(channel_, std::weak_ptr<Listener>(self), now())) {
    return put_first(gone_in_band());
  }
  board_.flush();
  start_heartbeats();
  limit_life();
  host().add(std::weak_ptr<Subscriber>(self));
}

void ChannelSocket::limit_life() {
  if (board_.options().socket_life.count() == 0) {
    return;
  }
  life_timer_.expires_after(board_.options().socket_life);
  const auto self = std::static_pointer_cast<ChannelSocket>(shared_from_this());
  life_timer_.async_wait([self](error_code ec) {
    if (!ec && !self->ended()) {
      self->perform(closing_order(self->board_.options().closing_notice));
    }
  });
}

void ChannelSocket::on_text(std::string_view text) {
  const auto message = nlohmann::json::parse(text, nullptr, false);
  const auto word = message.is_object() ? message.find("message") : message.end();
  if (message.is_object() && word != message.end() && *word == "ping") {
    put_first(metadata_message("pong"));
  } else {
    host().log("a message that is no ping was ignored");
  }
}

std::optional<Delivery> ChannelSocket::next() {
  if (queue_.empty()) {
    return std::nullopt;
  }
  Delivery delivery = std::move(queue_.front());
  queue_.pop_front();
  return delivery;
}

EventBytes ChannelSocket::heartbeat_message() {
  return metadata_message("WebSocket Heartbeat").event;
}

void ChannelSocket::on_heartbeat_due() {
  board_.expire(now());
}

void ChannelSocket::hear(const Delivery& message) {
  queue_.push_back(message);
  if (queue_.size() > kMostBehind) {
    host().log("the socket is too far behind");
    abort();
  }
}

void ChannelSocket::hang_up(const CloseOrder& order) {
  close(order.code, order.reason);
  send_next();
}

void ChannelSocket::on_end() {
  life_timer_.cancel();
  std::vector<std::uint64_t> numbers = unsent();
  for (const Delivery& delivery : std::exchange(queue_, {})) {
    if (delivery.number != 0) {
      numbers.push_back(delivery.number);
    }
  }
  board_.disconnect(channel_, *this, numbers, now());
  board_.flush();
}

}  // namespace gcstream_sim
