#include "tls_stream.hpp"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <climits>
#include <cstring>
#include <new>

namespace gcstreamd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadAhead = 64 * 1024;

TlsStream& stream_of(BIO* bio) {
  return *static_cast<TlsStream*>(BIO_get_data(bio));
}

bool again(int number) {
  return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

/// A descriptor's number may belong to another file once the socket is closed.
int closed() {
  errno = EBADF;
  return -1;
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};
using Method = std::unique_ptr<BIO_METHOD, FreeMethod>;

int clip(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

int TlsStream::write_to(BIO* bio, const char* bytes, int size) {
  Socket& socket = stream_of(bio).socket_;
  BIO_clear_retry_flags(bio);
  if (!socket.is_open())
    return closed();
  const auto written =
      ::send(socket.native_handle(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (written < 0 && again(errno))
    BIO_set_retry_write(bio);
  return static_cast<int>(written);
}

int TlsStream::read_from(BIO* bio, char* place, int size) {
  TlsStream& stream = stream_of(bio);
  BIO_clear_retry_flags(bio);
  if (stream.begin_ == stream.end_)
    if (const int got = stream.read_ahead(bio); got <= 0)
      return got;
  const std::size_t given = std::min(static_cast<std::size_t>(size), stream.end_ - stream.begin_);
  std::memcpy(place, stream.ahead_.get() + stream.begin_, given);
  stream.begin_ += given;
  return static_cast<int>(given);
}

/// Here and not by SSL_set_read_ahead: OpenSSL would move all that is left to the front of its
/// buffer for each record that it takes from there.
int TlsStream::read_ahead(BIO* bio) {
  if (!socket_.is_open())
    return closed();
  if (dry_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto got = ::recv(socket_.native_handle(), ahead_.get(), kReadAhead, 0);
  begin_ = 0;
  end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
  dry_ = got > 0 && end_ < kReadAhead;
  if (got < 0 && again(errno))
    BIO_set_retry_read(bio);
  else if (got == 0)
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

/// OpenSSL's way to a socket of Asio's, without SIGPIPE.
const BIO_METHOD* TlsStream::way_to_socket() {
  static const Method method = [] {
    Method made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"));
    if (!made)
      throw std::bad_alloc();
    BIO_meth_set_write(made.get(), write_to);
    BIO_meth_set_read(made.get(), read_from);
    BIO_meth_set_ctrl(made.get(), control);
    return made;
  }();
  return method.get();
}

TlsStream::TlsStream(Socket& socket, asio::ssl::context& context)
    : socket_(socket),
      ahead_(std::make_unique_for_overwrite<char[]>(kReadAhead)),
      ssl_(SSL_new(context.native_handle())) {
  if (!ssl_)
    throw std::bad_alloc();
  BIO* bio = BIO_new(way_to_socket());
  if (!bio)
    throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  error_code ignored;
  socket.native_non_blocking(true, ignored);
}

std::size_t TlsStream::handshake(error_code& error) {
  ERR_clear_error();
  const int result = SSL_connect(ssl_.get());
  if (result != 1)
    error = error_after(result);
  return 0;
}

std::size_t TlsStream::read_some(asio::mutable_buffer place, error_code& error) {
  dry_ = false;
  return take(place, error);
}

std::size_t TlsStream::take(asio::mutable_buffer place, error_code& error) {
  error = fault_;
  std::size_t size = 0;
  ERR_clear_error();  // a call that succeeds leaves none behind
  while (!error && size < place.size()) {
    const asio::mutable_buffer rest = place + size;
    const int got = SSL_read(ssl_.get(), rest.data(), clip(rest.size()));
    if (got > 0)
      size += static_cast<std::size_t>(got);
    else
      error = error_after(got);
    if (!holds_more())
      break;
  }
  if (error != asio::error::would_block)
    fault_ = error;
  if (size > 0)
    error = {};
  return size;
}

std::size_t TlsStream::write_some(asio::const_buffer bytes, error_code& error) {
  const bool broken =
      fault_ && fault_ != asio::error::eof;  // behind a close_notify, we may still write
  if (bytes.size() == 0 || broken)
    return bytes.size();
  ERR_clear_error();
  const int written = SSL_write(ssl_.get(), bytes.data(), clip(bytes.size()));
  if (written > 0)
    return static_cast<std::size_t>(written);
  error = error_after(written);
  return 0;
}

std::size_t TlsStream::shut_down(error_code& error) {
  ERR_clear_error();
  int result = SSL_shutdown(ssl_.get());
  if (result == 0)
    result = SSL_shutdown(ssl_.get());
  if (result < 0)
    error = error_after(result);
  return 0;
}

error_code TlsStream::error_after(int result) {
  const int number = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wait_ = Socket::wait_read;
      return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE:
      wait_ = Socket::wait_write;
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      return number != 0 ? error_code(number, boost::system::system_category())
                         : asio::ssl::error::stream_truncated;
    default:
      break;
  }
  const unsigned long reason = ERR_peek_error();
  if (ERR_GET_REASON(reason) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return asio::ssl::error::stream_truncated;
  return {static_cast<int>(reason), asio::error::get_ssl_category()};
}

}  // namespace gcstreamd
