#pragma once

#include <cstdint>
#include <string>

namespace gcstreamd::testing {

/// A TCP socket that listens on an address of this machine.
class Listener {
 public:
  /// `port` 0: any free one. Throws where the address cannot be had.
  explicit Listener(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const { return port_; }
  /// Waits for the next connection and returns its socket, which is the caller's to close.
  int accept() const;

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace gcstreamd::testing
