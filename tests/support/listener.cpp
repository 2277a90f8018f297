#include "support/listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "support/deadline.hpp"

namespace gcstreamd::testing {
namespace {

struct Free {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

}  // namespace

Listener::Listener(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, Free> info(found);
  if (info) {
    socket_ = ::socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  }
  constexpr int kQueue = 16;
  if (socket_ < 0 || ::bind(socket_, info->ai_addr, info->ai_addrlen) != 0 ||
      ::listen(socket_, kQueue) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot listen on " + address);
  }
  port_ = port_of(socket_);
}

Listener::~Listener() {
  ::close(socket_);
}

int Listener::accept() const {
  pollfd waiting{socket_, POLLIN, 0};
  const Deadline deadline;
  if (::poll(&waiting, 1, deadline.left_ms()) <= 0) {
    throw std::runtime_error("waited in vain for a connection of the daemon");
  }
  return ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
}

}  // namespace gcstreamd::testing
