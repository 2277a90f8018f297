#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gcstreamd/core/no_proxy.hpp"
#include "gcstreamd/core/secret.hpp"
#include "gcstreamd/core/url.hpp"

namespace gcstreamd {

/// An HTTP proxy that connections lead through by CONNECT (RFC 9110, 9.3.6).
struct Proxy {
  std::string host;  ///< a name, or an IP address without brackets
  std::string port;  ///< decimal digits
  std::string user;  ///< decoded; without a colon (RFC 7617)
  Secret password;   ///< decoded
  bool has_credentials = false;

  /// `host:port`, an IPv6 address in brackets.
  std::string authority() const;
  bool operator==(const Proxy&) const = default;
};

/// `http://[user:password@]host:port`, user and password percent-encoded. Empty for anything else.
std::optional<Proxy> parse_proxy(std::string_view text);

/// The proxy as a URL, its password masked.
std::string masked(const Proxy& proxy);

/// Which way a stream's connections take.
struct ProxyChoice {
  std::optional<Proxy> proxy;  ///< empty: none
  NoProxy except;
  bool by_environment = false;  ///< then this machine itself is never reached through it

  /// The proxy that leads to the URL's host; null: directly.
  const Proxy* way_to(const Url& url) const;
};

/// The value of `Proxy-Authorization`; empty without credentials.
Secret proxy_authorization(const Proxy& proxy);
/// What is sent to the proxy for a connection to the URL's host and port.
Secret connect_request(const Proxy& proxy, const Url& url);

/// Has the proxy's credentials removed from text in every form that they are sent in.
void teach(Scrubber& scrubber, const ProxyChoice& choice);

}  // namespace gcstreamd
