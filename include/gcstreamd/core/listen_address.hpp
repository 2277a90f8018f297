#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gcstreamd {

/// A Unix socket's name in bytes, without the zero behind it: sockaddr_un holds no more.
inline constexpr std::size_t kLongestSocketPath = 107;

/// Where the daemon's own HTTP is served: a numeric address with a port, or a Unix socket.
struct ListenAddress {
  std::string host;  ///< an IP address without brackets; empty for a Unix socket
  unsigned port = 0;
  std::string path;  ///< of the Unix socket

  bool operator==(const ListenAddress&) const = default;
};

/// `127.0.0.1:9477`, `[::1]:9477`, `localhost:9477` (127.0.0.1) or `unix:/absolute/path`; port 0
/// takes any free one. Empty for anything else.
std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace gcstreamd
