#include "gcstreamd/core/listen_address.hpp"

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kUnix = "unix:";

std::optional<ListenAddress> parse_unix(std::string_view path) {
  if (!path.starts_with('/') || path.size() > kLongestSocketPath ||
      path.find('\0') != std::string_view::npos)
    return std::nullopt;
  std::string plain(path);
  while (plain.starts_with("//"))
    plain.erase(0, 1);
  return ListenAddress{"", 0, std::move(plain)};
}

std::optional<unsigned> parse_port(std::string_view digits) {
  constexpr unsigned kHighest = 65535;
  const auto port = parse_number(digits);
  if (!port || *port > kHighest)
    return std::nullopt;
  return static_cast<unsigned>(*port);
}

std::optional<std::string> parse_host(std::string_view host) {
  namespace urls = boost::urls;
  if (host == "localhost")
    return "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    const auto six = urls::parse_ipv6_address({host.data(), host.size()});
    return six ? std::optional(std::string(host)) : std::nullopt;
  }
  const auto four = urls::parse_ipv4_address({host.data(), host.size()});
  return four ? std::optional(std::string(host)) : std::nullopt;
}

}  // namespace

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with(kUnix))
    return parse_unix(text.substr(kUnix.size()));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto host = parse_host(text.substr(0, colon));
  const auto port = parse_port(text.substr(colon + 1));
  if (!host || !port)
    return std::nullopt;
  return ListenAddress{*host, *port, ""};
}

}  // namespace gcstreamd
