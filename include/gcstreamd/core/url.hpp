#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gcstreamd {

/// A parsed `http:`, `https:`, `ws:` or `wss:` URL, in the parts that a connection needs.
struct Url {
  Url() = default;

  bool secure = true;
  std::string host;    ///< a name, or an IP address without brackets
  std::string port;    ///< always decimal digits
  std::string target;  ///< path and query, at least "/"

  /// The `Host` header: brackets around IPv6, the port only where it is not the scheme's own.
  std::string host_header() const;
  /// `host:port`, an IPv6 address in brackets.
  std::string authority() const;
  /// `localhost` or a loopback address.
  bool loopback() const;
};

/// `host:port`, an IPv6 address in brackets.
std::string authority_of(const std::string& host, const std::string& port);

/// A URL as it may be shown: `?***` in place of its query. Other text is left as it is.
std::string without_query(std::string_view text);

/// Empty for anything else, and for URLs with user information, a fragment or no host.
std::optional<Url> parse_url(std::string_view text);

}  // namespace gcstreamd
