#pragma once

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <memory>
#include <utility>

namespace gcstreamd {

/// TLS's client side on a TCP socket; meets Asio's AsyncReadStream and AsyncWriteStream. In place
/// of asio::ssl::stream, which copies every byte twice more and hands out one record a call: this
/// one reads ahead, and a call takes all the records that are there. Its errors are that one's:
/// OpenSSL's own in Asio's category, eof after a close_notify, stream_truncated without one. Once
/// reading has met a fault, writes succeed without being sent: what was read before it is judged
/// first, and a close frame that cannot be sent must not hide why it was.
///
/// At most one read and one write may be under way. The socket outlives it.
class TlsStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using executor_type = Socket::executor_type;

  TlsStream(Socket& socket, boost::asio::ssl::context& context);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  SSL* native_handle() { return ssl_.get(); }

  /// What can be read at once; would_block where nothing is there.
  std::size_t read_some(boost::asio::mutable_buffer place, boost::system::error_code& error);

  template <class Token>
  auto async_handshake(Token&& token) {
    return run<void(boost::system::error_code)>([this](auto& error) { return handshake(error); },
                                                std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return run<void(boost::system::error_code, std::size_t)>(
        [this, place = first<boost::asio::mutable_buffer>(buffers)](auto& error) {
          return take(place, error);
        },
        std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return run<void(boost::system::error_code, std::size_t)>(
        [this, bytes = first<boost::asio::const_buffer>(buffers)](auto& error) {
          return write_some(bytes, error);
        },
        std::forward<Token>(token));
  }
  /// Says the end, and waits for the peer to say it.
  template <class Token>
  auto async_shutdown(Token&& token) {
    return run<void(boost::system::error_code)>([this](auto& error) { return shut_down(error); },
                                                std::forward<Token>(token));
  }

 private:
  /// Calls `step` until it does not say would_block, and waits for the socket in between.
  template <class Step>
  class Operation {
   public:
    Operation(TlsStream& stream, Step step) : stream_(&stream), step_(std::move(step)) {}

    template <class Self>
    void operator()(Self& self, boost::system::error_code error = {}) {
      if (phase_ == Phase::done) {
        finish(self);
        return;
      }
      if (!error)
        size_ = step_(error);
      if (error == boost::asio::error::would_block) {
        phase_ = Phase::waiting;
        stream_->dry_ = false;
        stream_->socket_.async_wait(stream_->wait_, std::move(self));
        return;
      }
      error_ = error;
      if (std::exchange(phase_, Phase::done) == Phase::waiting)
        finish(self);
      else  // not from within the call that began it
        boost::asio::post(stream_->get_executor(), std::move(self));
    }

   private:
    enum class Phase { begun, waiting, done };

    template <class Self>
    void finish(Self& self) {
      if constexpr (requires { self.complete(error_, size_); })
        self.complete(error_, size_);
      else
        self.complete(error_);
    }

    TlsStream* stream_;
    Step step_;
    Phase phase_ = Phase::begun;
    boost::system::error_code error_;
    std::size_t size_ = 0;
  };

  template <class Signature, class Step, class Token>
  auto run(Step step, Token&& token) {
    return boost::asio::async_compose<Token, Signature>(Operation<Step>(*this, std::move(step)),
                                                        token, socket_);
  }

  /// Of a sequence of buffers, the first one that is not empty.
  template <class Buffer, class Buffers>
  static Buffer first(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at)
      if (const Buffer buffer(*at); buffer.size() > 0)
        return buffer;
    return {};
  }

  /// As read_some, but a socket that is known to be dry is not asked again.
  std::size_t take(boost::asio::mutable_buffer place, boost::system::error_code& error);
  std::size_t handshake(boost::system::error_code& error);
  std::size_t write_some(boost::asio::const_buffer bytes, boost::system::error_code& error);
  std::size_t shut_down(boost::system::error_code& error);
  boost::system::error_code error_after(int result);

  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  bool holds_more() const { return begin_ != end_ || SSL_pending(ssl_.get()) != 0; }
  int read_ahead(BIO* bio);
  static int write_to(BIO* bio, const char* bytes, int size);
  static int read_from(BIO* bio, char* place, int size);
  static const BIO_METHOD* way_to_socket();

  Socket& socket_;
  std::unique_ptr<char[]> ahead_;
  std::size_t begin_ = 0;  ///< of what lies in `ahead_` and is still to be deciphered
  std::size_t end_ = 0;
  bool dry_ = false;  ///< the socket gave less than it was asked for, and was not waited for since
  Socket::wait_type wait_ = Socket::wait_read;  ///< what the last would_block waits for
  std::unique_ptr<SSL, Free> ssl_;
  boost::system::error_code fault_;  ///< that reading met, behind all that was read
};

}  // namespace gcstreamd
