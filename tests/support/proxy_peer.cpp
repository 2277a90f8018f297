#include "support/proxy_peer.hpp"

#include <stdexcept>

namespace gcstreamd::testing {

ConnectRequest::ConnectRequest(RawConnection connection) : connection_(std::move(connection)) {
  std::string method;
  parse_head(connection_.read_until("\r\n\r\n"), method, target_, headers_);
  if (method != "CONNECT") {
    throw std::runtime_error("a CONNECT was awaited, but there came " + method + ' ' + target_);
  }
}

std::string ConnectRequest::header(std::string_view name) const {
  const auto found = headers_.find(name);
  return found == headers_.end() ? "" : found->second;
}

RawConnection& ConnectRequest::answer(std::string_view bytes) {
  connection_.write(bytes);
  return connection_;
}

RawConnection ConnectRequest::open(std::string_view bytes) {
  connection_.write(bytes);
  return std::move(connection_);
}

std::string ProxyPeer::url(const std::string& credentials) const {
  return "http://" + credentials + (credentials.empty() ? "" : "@") +
         "127.0.0.1:" + std::to_string(port());
}

ConnectRequest ProxyPeer::expect_connect() const {
  return ConnectRequest(expect_connection());
}

RawConnection ProxyPeer::expect_connection() const {
  return RawConnection(listener_.accept());
}

}  // namespace gcstreamd::testing
