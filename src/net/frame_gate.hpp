#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "gcstreamd/core/frame_sorter.hpp"
#include "transport.hpp"

namespace gcstreamd {

/// Whom a gate hands messages to.
class GateOwner {
 public:
  virtual ~GateOwner() = default;
  /// Before the first of some messages that came together.
  virtual void on_arrival() = 0;
  /// A message, with as many readable bytes behind it as the gate was told.
  virtual void on_message(std::string_view message) = 0;
};

/// Stands between a connection and Beast's WebSocket, and reads ahead. Beast has a read under way
/// all the time; what comes is first looked at here: messages that are one whole frame go straight
/// from the buffer to the owner, everything else (handshake, control frames, messages in parts
/// or too large for the buffer, whatever breaks the protocol) goes to Beast, and no byte more.
///
/// Owned by shared pointers, since what is under way uses the buffer. The owner is called only
/// while Beast's read is under way, which must keep it alive.
class FrameGate : public std::enable_shared_from_this<FrameGate> {
 public:
  FrameGate(Transport& transport, std::size_t max_message_bytes, std::size_t padding,
            GateOwner& owner);

  Transport& transport() { return transport_; }

  /// The upgrade is through: what follows are frames.
  void begin() { sorter_.begin_frames(); }
  /// No messages, and nothing is read, until `resume`.
  void pause() { paused_ = true; }
  void resume();
  /// A close of our own begins: all that comes is Beast's, and none of it is handed on before our
  /// close frame is written. A breach that Beast's read saw earlier would make it wait for the
  /// close, and the close for it.
  void hand_over();
  /// The frame, or whatever hinders it, is out of the way.
  void close_written();
  /// Cuts the connection; Beast's read ends with operation_aborted.
  void cut();

  /// What Beast waits with: the place that bytes go to, and what to do then.
  class Reader {
   public:
    virtual ~Reader() = default;
    /// Copies as much as there is room for.
    virtual std::size_t take(std::string_view bytes) = 0;
    /// Called once, from the loop.
    virtual void done(const boost::system::error_code& error, std::size_t size) = 0;
  };
  void read(std::unique_ptr<Reader> reader);
  bool awaits_close_frame() const { return held_; }

 private:
  std::string_view bytes() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void pump();
  void pump_soon();
  /// Takes whole messages from the front, and says how many bytes behind them are for Beast.
  std::size_t take_messages();
  void give(std::size_t size);
  void give_rest();
  void end(const boost::system::error_code& error);
  void fill();
  void filled(const boost::system::error_code& error, std::size_t size);
  void make_room();

  Transport& transport_;
  GateOwner& owner_;
  FrameSorter sorter_;
  bool paused_ = false;
  bool cut_ = false;
  bool held_ = false;  ///< until our close frame is written
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<Reader> reader_;   ///< Beast's, while no read of our own is under way
  boost::system::error_code error_;  ///< behind what is in the buffer
};

/// A handler that something else is done with than to call it.
template <class Handler, class Call>
class Adapted {
 public:
  using executor_type = boost::asio::associated_executor_t<Handler>;
  using allocator_type = boost::asio::associated_allocator_t<Handler>;

  Adapted(Handler handler, Call call) : handler_(std::move(handler)), call_(std::move(call)) {}

  executor_type get_executor() const noexcept {
    return boost::asio::get_associated_executor(handler_);
  }
  allocator_type get_allocator() const noexcept {
    return boost::asio::get_associated_allocator(handler_);
  }
  template <class... Results>
  void operator()(const Results&... results) {
    call_(handler_, results...);
  }

 private:
  Handler handler_;
  Call call_;
};

template <class Handler, class Call>
auto adapt(Handler&& handler, Call call) {
  return Adapted<std::decay_t<Handler>, Call>(std::forward<Handler>(handler), std::move(call));
}

/// A non-owning handle that Beast's WebSocket stream can hold as its next layer.
class GateRef {
 public:
  using executor_type = Transport::executor_type;

  explicit GateRef(FrameGate& gate) : gate_(&gate) {}

  executor_type get_executor() { return gate_->transport().get_executor(); }
  Transport& transport() { return gate_->transport(); }
  FrameGate& gate() { return *gate_; }

  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    const auto start = [](auto&& completion, FrameGate* gate, const Buffers& place) {
      using Completion = std::decay_t<decltype(completion)>;
      gate->read(std::make_unique<ReaderOf<Buffers, Completion>>(
          place, std::forward<decltype(completion)>(completion)));
    };
    return boost::asio::async_initiate<Handler, void(boost::system::error_code, std::size_t)>(
        start, handler, gate_, buffers);
  }
  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    const auto start = [](auto&& completion, FrameGate* gate, const Buffers& bytes) {
      if (!gate->awaits_close_frame() || !begins_close(bytes)) {
        gate->transport().async_write_some(bytes, std::forward<decltype(completion)>(completion));
        return;
      }
      const auto tell = [self = gate->shared_from_this()](auto& written, auto error, auto size) {
        std::move(written)(error, size);
        self->close_written();
      };
      gate->transport().async_write_some(
          bytes, adapt(std::forward<decltype(completion)>(completion), tell));
    };
    return boost::asio::async_initiate<Handler, void(boost::system::error_code, std::size_t)>(
        start, handler, gate_, buffers);
  }

 private:
  template <class Buffers, class Completion>
  class ReaderOf : public FrameGate::Reader {
   public:
    template <class Handler>
    ReaderOf(const Buffers& buffers, Handler&& handler)
        : buffers_(buffers), handler_(std::forward<Handler>(handler)) {}

    std::size_t take(std::string_view bytes) override {
      return boost::asio::buffer_copy(buffers_, boost::asio::buffer(bytes.data(), bytes.size()));
    }
    void done(const boost::system::error_code& error, std::size_t size) override {
      std::move(handler_)(error, size);
    }

   private:
    Buffers buffers_;
    Completion handler_;
  };

  /// Beast writes a close frame by itself. The rest of a longer frame may look like one: then bytes
  /// are handed on too early, and the close may take until its limit.
  template <class Buffers>
  static bool begins_close(const Buffers& buffers) {
    constexpr unsigned char kClose = 0x88;
    unsigned char first = 0;
    return boost::asio::buffer_copy(boost::asio::buffer(&first, 1), buffers) == 1 &&
           first == kClose;
  }

  FrameGate* gate_;
};

/// Beast's closing hook (found by argument-dependent lookup): TLS's close_notify, or TCP's end.
template <class Handler>
void async_teardown(boost::beast::role_type, GateRef& layer, Handler&& handler) {
  Transport& transport = layer.transport();
  transport.tear_down();
  if (auto* tls = transport.tls()) {
    // How the connection ends must not hide how the WebSocket did.
    const auto forgive = [](auto& done, auto) { std::move(done)(boost::system::error_code{}); };
    tls->async_shutdown(adapt(std::forward<Handler>(handler), forgive));
    return;
  }
  boost::system::error_code error;
  transport.socket().shutdown(Transport::Socket::shutdown_send, error);
  boost::asio::post(layer.get_executor(),
                    boost::beast::bind_handler(std::forward<Handler>(handler), error));
}

/// Beast's hook for cutting a connection whose time is up.
inline void beast_close_socket(GateRef& layer) {
  layer.gate().cut();
}

/// Required by Beast's synchronous calls, which nobody makes.
inline void teardown(boost::beast::role_type, GateRef& layer, boost::system::error_code&) {
  layer.gate().cut();
}

}  // namespace gcstreamd
