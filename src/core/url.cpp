#include "gcstreamd/core/url.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {

std::string Url::host_header() const {
  std::string header = authority();
  if (port == (secure ? "443" : "80"))
    header.resize(header.size() - port.size() - 1);
  return header;
}

std::string Url::authority() const {
  return authority_of(host, port);
}

std::string authority_of(const std::string& host, const std::string& port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + port;
}

bool Url::loopback() const {
  const bool v4 = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "::1" || (v4 && host.starts_with("127."));
}

namespace {

/// Decoded, a host could bring anything into a header.
bool is_host(std::string_view host) {
  return !host.empty() &&
         std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

}  // namespace

std::string without_query(std::string_view text) {
  const auto query = text.find('?');
  const bool is_url = text.substr(0, query).find("://") != std::string_view::npos;
  if (!is_url || query == std::string_view::npos)
    return std::string(text);
  return std::string(text.substr(0, query)) + "?***";
}

std::optional<Url> parse_url(std::string_view text) {
  namespace urls = boost::urls;
  constexpr std::size_t kLongestPort = 5;
  const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
  if (!parsed || parsed->has_userinfo() || parsed->has_fragment() || !is_host(parsed->host()))
    return std::nullopt;
  // Boost 1.81 reads "127.0.0.1.example" as an address and a path.
  const std::string path(parsed->encoded_path());
  if (!path.empty() && !path.starts_with('/'))
    return std::nullopt;
  const std::string scheme = lower(std::string(parsed->scheme()));
  const bool secure = scheme == "https" || scheme == "wss";
  if (!secure && scheme != "http" && scheme != "ws")
    return std::nullopt;
  Url url;
  url.secure = secure;
  url.host = parsed->host();
  if (url.host.starts_with('[') && url.host.ends_with(']'))
    url.host = url.host.substr(1, url.host.size() - 2);
  const std::string port(parsed->port());
  const bool has_port = !port.empty();
  if (has_port && (parsed->port_number() == 0 || port.size() > kLongestPort ||
                   std::stoul(port) != parsed->port_number()))
    return std::nullopt;
  url.port = has_port ? std::to_string(parsed->port_number()) : secure ? "443" : "80";
  url.target = std::string(parsed->encoded_target());
  if (!url.target.starts_with('/'))
    url.target.insert(0, "/");
  return url;
}

}  // namespace gcstreamd
