#include "support/tls_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

void set_deadlines(int socket) {
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::string openssl_errors() {
  std::string text;
  std::array<char, 256> line{};
  for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
    ERR_error_string_n(code, line.data(), line.size());
    text += text.empty() ? "" : "; ";
    text += line.data();
  }
  return text.empty() ? "the connection ended" : text;
}

}  // namespace

TlsConnection::TlsConnection(int socket, SSL_CTX* context)
    : socket_(socket), ssl_(SSL_new(context)) {
  set_deadlines(socket);
  ERR_clear_error();
  SSL_set_fd(ssl_.get(), socket);
  if (const int result = SSL_accept(ssl_.get()); result != 1) {
    const bool late = SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
    const std::string why = late ? "waited in vain for the client's hello" : openssl_errors();
    drop();
    throw std::runtime_error("TLS handshake failed: " + why);
  }
}

std::string TlsConnection::read_exactly(std::size_t size, std::string_view awaited) {
  while (buffer_.size() < size) {
    fill(awaited);
  }
  std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return bytes;
}

std::string TlsConnection::read_until(std::string_view end, std::string_view awaited) {
  while (buffer_.find(end) == std::string::npos) {
    fill(awaited);
  }
  return read_exactly(buffer_.find(end) + end.size(), awaited);
}

void TlsConnection::fill(std::string_view awaited) {
  std::array<char, 16384> bytes{};
  if (socket_ < 0) {
    throw ConnectionEnded("the test itself closed the connection on which it awaits " +
                          std::string(awaited));
  }
  ERR_clear_error();
  const int size = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (size <= 0) {
    fail(size, awaited);
  }
  buffer_.append(bytes.data(), static_cast<std::size_t>(size));
}

void TlsConnection::write(std::string_view bytes) {
  if (bytes.empty()) {
    return;
  }
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (result <= 0) {
    fail(result, "room to write");
  }
}

void TlsConnection::write_records(std::string_view bytes, std::size_t record) {
  constexpr long kAtOnce = 64L * 1024;
  const auto write_to = [this](BIO* bio) { SSL_set0_wbio(ssl_.get(), bio); };
  BIO* socket = SSL_get_wbio(ssl_.get());
  BIO_up_ref(socket);
  const std::unique_ptr<BIO, decltype(write_to)> back(socket, write_to);
  BIO* buffer = BIO_new(BIO_f_buffer());
  BIO_set_write_buffer_size(buffer, kAtOnce);
  BIO_up_ref(socket);
  write_to(BIO_push(buffer, socket));
  for (; !bytes.empty(); bytes.remove_prefix(std::min(record, bytes.size()))) {
    write(bytes.substr(0, record));
  }
  if (BIO_flush(buffer) != 1) {
    if (BIO_should_retry(buffer) != 0) {
      throw std::runtime_error("waited in vain for room to write");
    }
    throw ConnectionEnded("the client ended the connection; awaited was room to write");
  }
}

void TlsConnection::fail(int result, std::string_view awaited) const {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
    throw std::runtime_error("waited in vain for " + std::string(awaited));
  }
  throw ConnectionEnded("the client ended the connection; awaited was " + std::string(awaited) +
                        " (" + openssl_errors() + ")");
}

std::string TlsConnection::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

bool TlsConnection::has_client_certificate() const {
  return SSL_get0_peer_certificate(ssl_.get()) != nullptr;
}

void TlsConnection::close() {
  if (socket_ >= 0) {
    SSL_shutdown(ssl_.get());
    drop();
  }
}

void TlsConnection::drip(std::string_view bytes) {
  constexpr int kPace = 50;
  const Deadline deadline;
  try {
    for (std::size_t at = 0; !deadline.passed(); at = (at + 1) % bytes.size()) {
      write(bytes.substr(at, 1));
      pause(kPace);
    }
  } catch (const ConnectionEnded&) {
    return;
  }
  throw std::runtime_error("waited in vain for the client to lose patience");
}

void TlsConnection::pause(int milliseconds) {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, milliseconds) > 0) {
    fill("its end");
  }
}

void TlsConnection::break_off(std::string_view bytes, std::string_view not_tls) {
  const int on = 1;  // TCP_NODELAY, set before, would send at once: a cork holds even so
  ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  write(bytes);
  if (::send(socket_, not_tls.data(), not_tls.size(), MSG_NOSIGNAL) < 0) {
    throw std::runtime_error("cannot break the connection off");
  }
  ::shutdown(socket_, SHUT_WR);
}

void TlsConnection::await_close_notify() {
  std::array<char, 4096> rest{};
  int got = 1;
  while (got > 0) {
    got = SSL_read(ssl_.get(), rest.data(), static_cast<int>(rest.size()));
  }
  if (SSL_get_error(ssl_.get(), got) != SSL_ERROR_ZERO_RETURN) {
    throw std::runtime_error("the client ended TCP without TLS's close_notify");
  }
  drop();
}

void TlsConnection::await_end() {
  std::array<char, 4096> rest{};
  ssize_t got = 1;
  while (got > 0) {
    got = ::recv(socket_, rest.data(), rest.size(), 0);
  }
  if (got < 0 && errno == EAGAIN) {
    throw std::runtime_error("waited in vain for the client to end TCP");
  }
  drop();
}

void TlsConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  drop();
}

void TlsConnection::drop() {
  if (socket_ >= 0) {
    ::close(std::exchange(socket_, -1));
  }
}

}  // namespace gcstreamd::testing
