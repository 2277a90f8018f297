// A WebSocket as the server has it: frames in and out, pings, heartbeats, faults and the end. What
// is said over it is for those that derive from it.
//
// Frames are read and written here and not by Beast, because a fault must be able to break any
// rule: unanswered pings, reserved bits, half a frame.
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
#include <vector>

#include "simulator/connection.hpp"
#include "simulator/cursor.hpp"
#include "simulator/tls_stream.hpp"
#include "simulator/websocket_frames.hpp"

namespace gcstream_sim {

class WebSocketPeer : public Connection,
                      public Subscriber,
                      public std::enable_shared_from_this<WebSocketPeer> {
 public:
  WebSocketPeer(TlsStream stream, ConnectionHost& host);

  // `early`: what the client sent behind its upgrade request.
  void start(std::string_view early);
  void close() final;
  void abort() final;
  bool ended() const final { return ended_; }
  void on_events() final { send_next(); }
  bool active() const final { return subscribed() && speaks() && !close_; }
  bool settled() const final;
  void perform(StreamOrder order) final;

 protected:
  virtual void on_start() = 0;
  virtual void on_text(std::string_view text) = 0;
  virtual bool subscribed() const = 0;
  // What is to be sent now, if anything.
  virtual std::optional<Delivery> next() = 0;
  virtual EventBytes heartbeat_message() = 0;
  virtual void on_heartbeat_due() {}
  virtual void on_end() = 0;

  ConnectionHost& host() { return host_; }
  TlsStream::executor_type executor() { return stream_.get_executor(); }
  // Closes when so much time has passed; have_time() takes that back.
  void limit_time(std::chrono::milliseconds time, std::string_view reason);
  void have_time() { timer_.cancel(); }
  // WebSocket pings, too.
  void start_heartbeats();
  // Before what next() brings.
  void put_first(Delivery delivery) { first_.push_back(std::move(delivery)); }
  // Says goodbye with that code; send_next() sets out.
  void close(std::uint16_t code, std::string_view reason);
  // With 1001.
  void close_later(std::chrono::milliseconds time);
  void send_next();
  // Notifications that were not written: of those put first, and the one that is on its way.
  std::vector<std::uint64_t> unsent() const;

 private:
  // Where the stream stands. A stalled one reads, but neither acts on it nor writes.
  enum class State { open, stalled, silent_for_ever };

  bool speaks() const { return state_ == State::open && !ended_; }
  void read();
  void on_read(boost::system::error_code ec, std::size_t size);
  void take_messages();
  void on_message(ClientMessage message);
  void on_close_frame(const std::string& payload);

  bool send_control();
  void send(Delivery delivery);
  void write(std::string bytes);
  void on_sent(boost::system::error_code ec);

  void start_heartbeat();
  void on_heartbeat();
  void start_pings();
  void on_pong();
  void stall(std::chrono::milliseconds time);
  void on_stall_over();
  void cut(Cut how);
  void await_end_of_tcp();
  void shut_down();
  void end(boost::system::error_code ec);

  TlsStream stream_;
  boost::asio::steady_timer timer_;  // no subscription, heartbeat, no answer to a close
  boost::asio::steady_timer stall_timer_;
  boost::asio::steady_timer ping_timer_;
  boost::asio::steady_timer close_timer_;
  ConnectionHost& host_;
  std::array<char, 4096> input_{};
  FrameReader reader_;
  std::deque<Delivery> first_;  // before what next() brings
  std::optional<std::string> pong_;
  std::optional<std::chrono::steady_clock::time_point> pinged_;  // not answered yet
  std::optional<std::string> close_;  // payload of our close frame, once there is one
  Delivery sending_;
  std::string head_;  // of the frame that is being sent
  State state_ = State::open;
  bool writing_ = false;
  bool heartbeat_due_ = false;
  bool ping_due_ = false;
  bool close_sent_ = false;
  bool client_closed_ = false;
  bool hold_ = false;  // it is the client that ends TCP
  bool ended_ = false;
};

}  // namespace gcstream_sim
