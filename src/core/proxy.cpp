#include "gcstreamd/core/proxy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

/// What a header may carry once it is decoded.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
}

bool is_only_an_authority(const boost::urls::url_view& url) {
  const std::string path(url.encoded_path());
  return (path.empty() || path == "/") && !url.has_query() && !url.has_fragment();
}

/// The parts that every URL has, by the rules for all of ours.
std::optional<Url> parse_address(const boost::urls::url_view& url) {
  const auto host_and_port = url.encoded_host_and_port();
  if (url.port().empty())
    return std::nullopt;
  return parse_url(
      fmt::format("http://{}/", std::string_view(host_and_port.data(), host_and_port.size())));
}

bool take_credentials(const boost::urls::url_view& url, Proxy& proxy) {
  if (!url.has_userinfo())
    return true;
  std::string password(url.password());
  proxy.user = url.user();
  proxy.password = Secret(password);
  proxy.has_credentials = true;
  const bool usable = is_printable(password) && is_printable(proxy.user) &&
                      proxy.user.find(':') == std::string::npos;
  wipe(password);
  return usable;
}

}  // namespace

std::string Proxy::authority() const {
  return authority_of(host, port);
}

std::optional<Proxy> parse_proxy(std::string_view text) {
  const auto url = boost::urls::parse_uri({text.data(), text.size()});
  if (!url || url->scheme_id() != boost::urls::scheme::http || !is_only_an_authority(*url))
    return std::nullopt;
  const auto address = parse_address(*url);
  Proxy proxy;
  if (!address || !take_credentials(*url, proxy))
    return std::nullopt;
  proxy.host = address->host;
  proxy.port = address->port;
  return proxy;
}

std::string masked(const Proxy& proxy) {
  if (!proxy.has_credentials)
    return "http://" + proxy.authority();
  return fmt::format("http://{}:********@{}", percent_encode(proxy.user), proxy.authority());
}

const Proxy* ProxyChoice::way_to(const Url& url) const {
  const bool direct =
      !proxy || except.covers(url.host, url.port) || (by_environment && url.loopback());
  return direct ? nullptr : &*proxy;
}

Secret proxy_authorization(const Proxy& proxy) {
  if (!proxy.has_credentials)
    return {};
  return concat({"Basic ", basic_credentials(proxy.user, proxy.password).reveal()});
}

Secret connect_request(const Proxy& proxy, const Url& url) {
  const std::string to = url.authority();
  const Secret authorization = proxy_authorization(proxy);
  const std::string_view header = authorization.empty() ? "" : "\r\nProxy-Authorization: ";
  return concat({"CONNECT ", to, " HTTP/1.1\r\nHost: ", to, "\r\nUser-Agent: gcstreamd", header,
                 authorization.reveal(), "\r\n\r\n"});
}

void teach(Scrubber& scrubber, const ProxyChoice& choice) {
  if (!choice.proxy || !choice.proxy->has_credentials)
    return;
  scrubber.know("proxy_password", choice.proxy->password);
  scrubber.know("proxy_basic", basic_credentials(choice.proxy->user, choice.proxy->password));
}

}  // namespace gcstreamd
