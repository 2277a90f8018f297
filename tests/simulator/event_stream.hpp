// An event stream after its upgrade, over RFC 6455 frames of its own making, because a fault must
// be able to break any rule: unanswered pings, reserved bits, half a frame.
//
// Ownership and threads: as all connections, see connection.hpp.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/connection.hpp"
#include "simulator/cursor.hpp"
#include "simulator/tls_stream.hpp"
#include "simulator/websocket_frames.hpp"

namespace gcstream_sim {

class EventStream final : public Connection,
                          public Subscriber,
                          public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(TlsStream stream, ConnectionHost& host);

  // `early`: what the client sent behind its upgrade request.
  void start(std::string_view early);
  void close() override;
  void abort() override;
  bool ended() const override { return ended_; }
  void on_events() override { send_next(); }
  bool active() const override { return cursor_ && speaks() && !close_; }
  std::uint64_t behind() const override { return cursor_ ? cursor_->behind() : 0; }
  bool settled() const override;
  void perform(StreamOrder order) override;

 private:
  // Where the stream stands. A stalled one reads, but neither acts on it nor writes.
  enum class State { open, stalled, silent_for_ever };

  bool speaks() const { return state_ == State::open && !ended_; }
  void read();
  void on_read(boost::system::error_code ec, std::size_t size);
  void take_messages();
  void on_message(ClientMessage message);
  void on_close_frame(const std::string& payload);
  void subscribe(std::string_view text);
  void serve(std::optional<std::uint64_t> after, const Step* step);

  void send_next();
  bool send_control();
  void send(Delivery delivery);
  void write(std::string bytes);
  void on_sent(boost::system::error_code ec);

  void limit_time(std::chrono::milliseconds time, std::string_view reason);
  void start_heartbeat();
  void on_heartbeat();
  void start_pings();
  void on_pong();
  void stall(std::chrono::milliseconds time);
  void on_stall_over();
  void cut(Cut how);
  void close(std::uint16_t code, std::string_view reason);
  void await_end_of_tcp();
  void shut_down();
  void end(boost::system::error_code ec);

  TlsStream stream_;
  boost::asio::steady_timer timer_;  // no subscription, heartbeat, no answer to a close
  boost::asio::steady_timer stall_timer_;
  boost::asio::steady_timer ping_timer_;
  ConnectionHost& host_;
  std::array<char, 4096> input_{};
  FrameReader reader_;
  std::optional<Cursor> cursor_;
  std::deque<Delivery> first_;  // before what the cursor brings
  std::optional<std::string> pong_;
  std::optional<std::chrono::steady_clock::time_point> pinged_;  // not answered yet
  std::optional<std::string> close_;  // payload of our close frame, once there is one
  Delivery sending_;
  std::string head_;  // of the frame that is being sent
  State state_ = State::open;
  bool denied_ = false;
  bool writing_ = false;
  bool heartbeat_due_ = false;
  bool ping_due_ = false;
  bool close_sent_ = false;
  bool client_closed_ = false;
  bool hold_ = false;  // it is the client that ends TCP
  bool ended_ = false;
};

}  // namespace gcstream_sim
