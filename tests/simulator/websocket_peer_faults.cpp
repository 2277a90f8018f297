// Time, faults and the end.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulator/websocket_peer.hpp"

namespace gcstream_sim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds kCloseTime{5};
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kPolicyViolation = 1008;

}  // namespace

void WebSocketPeer::limit_time(std::chrono::milliseconds time, std::string_view reason) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), reason](error_code ec) {
    if (ec || self->ended_) {
      return;
    }
    if (self->close_) {
      return self->end(asio::error::timed_out);
    }
    self->close(kPolicyViolation, reason);
    self->send_next();
  });
}

void WebSocketPeer::start_heartbeats() {
  start_heartbeat();
  start_pings();
}

void WebSocketPeer::start_heartbeat() {
  timer_.expires_after(host_.options().heartbeat);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && self->active()) {
      self->on_heartbeat();
    } else if (!ec && self->state_ == State::stalled) {
      self->start_heartbeat();
    }
  });
}

void WebSocketPeer::on_heartbeat() {
  on_heartbeat_due();
  heartbeat_due_ = true;
  start_heartbeat();
  send_next();
}

// One at a time, so that each answer is the answer to the last.
void WebSocketPeer::start_pings() {
  if (host_.options().ping.count() == 0) {
    return;
  }
  ping_timer_.expires_after(host_.options().ping);
  ping_timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || self->ended_) {
      return;
    }
    self->ping_due_ = !self->pinged_;
    self->start_pings();
    self->send_next();
  });
}

void WebSocketPeer::on_pong() {
  if (!pinged_) {
    return;
  }
  Counters& counters = host_.feed().counters();
  ++counters.pongs;
  const auto took = std::chrono::steady_clock::now() - *std::exchange(pinged_, std::nullopt);
  counters.slowest_pong =
      std::max(counters.slowest_pong, std::chrono::duration_cast<std::chrono::milliseconds>(took));
}

// The socket stays open and is read, so that the client's leaving is noticed.
void WebSocketPeer::stall(std::chrono::milliseconds time) {
  if (close_) {
    return;
  }
  state_ = time.count() == 0 ? State::silent_for_ever : State::stalled;
  host_.log(state_ == State::stalled ? fmt::format("silent for {} ms", time.count())
                                     : "silent for ever");
  if (state_ == State::stalled) {
    stall_timer_.expires_after(time);
    stall_timer_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec && !self->ended_) {
        self->on_stall_over();
      }
    });
  }
  host_.on_progress();
}

void WebSocketPeer::on_stall_over() {
  state_ = State::open;
  take_messages();
  host_.on_progress();
}

void WebSocketPeer::cut(Cut how) {
  ++host_.feed().counters().drops;
  host_.log("connection cut");
  if (how == Cut::tls) {
    close_.emplace();
    close_sent_ = client_closed_ = true;
    return writing_ ? void() : shut_down();
  }
  if (how == Cut::rst) {
    error_code ignored;
    stream_.lowest_layer().set_option(asio::socket_base::linger(true, 0), ignored);
  }
  abort();
}

void WebSocketPeer::close() {
  if (state_ != State::open || hold_) {
    return abort();
  }
  close(kGoingAway, "the simulator stops");
  send_next();
}

void WebSocketPeer::close(std::uint16_t code, std::string_view reason) {
  if (close_ || ended_) {
    return;
  }
  close_ = close_payload(code, reason);
  if (!hold_) {
    limit_time(kCloseTime, {});
  }
}

void WebSocketPeer::close_later(std::chrono::milliseconds time) {
  close_timer_.expires_after(time);
  close_timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (!ec && !self->ended_) {
      self->close(kGoingAway, "the socket closes, as was said");
      self->send_next();
    }
  });
}

void WebSocketPeer::await_end_of_tcp() {
  stream_.lowest_layer().async_wait(
      asio::socket_base::wait_read,
      [self = shared_from_this()](error_code) { self->end(asio::error::eof); });
}

void WebSocketPeer::shut_down() {
  limit_time(kCloseTime, {});
  stream_.async_shutdown(
      [self = shared_from_this()](error_code) { self->end(asio::error::operation_aborted); });
}

void WebSocketPeer::abort() {
  end(asio::error::operation_aborted);
}

void WebSocketPeer::end(error_code ec) {
  if (std::exchange(ended_, true)) {
    return;
  }
  timer_.cancel();
  stall_timer_.cancel();
  ping_timer_.cancel();
  close_timer_.cancel();
  error_code ignored;
  stream_.lowest_layer().close(ignored);
  if (ec && ec != asio::error::operation_aborted && !close_) {
    host_.log("connection ended: " + ec.message());
  }
  on_end();
  host_.on_progress();
}

}  // namespace gcstream_sim
