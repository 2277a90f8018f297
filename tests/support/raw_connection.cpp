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

std::string RawConnection::read_until(std::string_view end) const {
  const Deadline deadline;
  std::string text;
  while (!text.ends_with(end)) {
    await_readable(socket_, deadline, "a request");
    char byte = 0;
    if (::recv(socket_, &byte, 1, 0) != 1) {
      throw std::runtime_error("the client ended the connection within a request");
    }
    text += byte;
  }
  return text;
}

void RawConnection::drip(std::string_view bytes) const {
  constexpr int kPace = 50;
  const Deadline deadline;
  pollfd ended{socket_, POLLIN, 0};
  for (std::size_t at = 0; ::poll(&ended, 1, kPace) == 0; at = (at + 1) % bytes.size()) {
    write(bytes.substr(at, 1));
    if (deadline.passed()) {
      throw std::runtime_error("waited in vain for the client to lose patience");
    }
  }
}

int RawConnection::release() {
  return std::exchange(socket_, -1);
}

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
