#pragma once

#include <cstdint>
#include <vector>

namespace gcstreamd::testing {

/// A loopback port that answers no further TCP connection: its queue is full, and nobody accepts.
class FullListener {
 public:
  FullListener();
  ~FullListener();
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
};

}  // namespace gcstreamd::testing
