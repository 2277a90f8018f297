#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>

namespace gcstreamd {

/// A datagram socket at a path. What was sent to it is there at once: nothing here waits.
class Datagrams {
 public:
  explicit Datagrams(const std::string& path)
      : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* raw = static_cast<const sockaddr*>(static_cast<const void*>(&address));
    if (::bind(descriptor_, raw, sizeof address) != 0)
      throw std::runtime_error("bind " + path);
  }
  ~Datagrams() { ::close(descriptor_); }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;

  /// The oldest that was not taken yet.
  std::optional<std::string> next() {
    std::string bytes(65536, '\0');
    const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (got < 0)
      return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

 private:
  int descriptor_;
};

}  // namespace gcstreamd
