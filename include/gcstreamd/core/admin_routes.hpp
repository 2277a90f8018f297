#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gcstreamd/core/listen_address.hpp"

namespace gcstreamd {

/// What the daemon's own HTTP makes of a request. No I/O.

struct AdminRequest {
  std::string_view method;
  std::string_view target;  ///< as it was sent, with its query
  std::optional<std::string_view> host;
  std::size_t hosts = 1;   ///< Host headers, where there is one
  bool needs_host = true;  ///< HTTP/1.1 (RFC 9112, 3.2)
};

struct AdminResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string content_security_policy = "default-src 'none'; frame-ancestors 'none'";
};

/// In words that end with a line break.
AdminResponse refusal(int status, std::string words);

enum class AdminPage { metrics, health, readiness, status, page, events };

/// The page that is asked for, or the refusal.
using AdminRoute = std::variant<AdminPage, AdminResponse>;

/// `address`: what the request came in by. Over TCP the Host header must be a loopback name or
/// address, or the one that is listened on: a name that somebody made point here (DNS rebinding)
/// is none of them. Where all addresses are listened on, any literal address will do.
AdminRoute route_admin(const AdminRequest& request, const ListenAddress& address);

/// Whether such a Host header is ours; with a port or without.
bool host_is_ours(std::string_view host, const ListenAddress& address);

}  // namespace gcstreamd
