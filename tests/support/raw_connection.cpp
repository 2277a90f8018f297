#include "support/raw_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

void await_readable(int socket, const Deadline& deadline, const char* awaited) {
  pollfd waiting{socket, POLLIN, 0};
  if (::poll(&waiting, 1, deadline.left_ms()) <= 0) {
    throw std::runtime_error(std::string("waited in vain for ") + awaited);
  }
}

}  // namespace

RawConnection::RawConnection(RawConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)) {}

void RawConnection::expect_bytes() const {
  await_readable(socket_, Deadline(), "the client's first bytes");
}

void RawConnection::write(std::string_view bytes) const {
  ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void RawConnection::expect_end() const {
  const Deadline deadline;
  std::array<char, 4096> ignored{};
  do {
    await_readable(socket_, deadline, "the end of the connection");
  } while (::recv(socket_, ignored.data(), ignored.size(), 0) > 0);
}

void RawConnection::finish() const {
  ::shutdown(socket_, SHUT_WR);
}

void RawConnection::drop() {
  if (socket_ >= 0) {
    ::close(std::exchange(socket_, -1));
  }
}

}  // namespace gcstreamd::testing
