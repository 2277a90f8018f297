#include "support/full_listener.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace gcstreamd::testing {

FullListener::FullListener() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockets_.push_back(listener);
  if (::bind(listener, name, size) != 0 || ::listen(listener, 0) != 0 ||
      ::getsockname(listener, name, &size) != 0) {
    throw std::runtime_error("cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  constexpr int kMoreThanItsQueue = 3;
  for (int i = 0; i < kMoreThanItsQueue; ++i) {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(sockets_.back(), name, size);
  }
}

FullListener::~FullListener() {
  for (const int socket : sockets_) {
    ::close(socket);
  }
}

}  // namespace gcstreamd::testing
