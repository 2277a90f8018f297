#include "gcstreamd/core/admin_routes.hpp"

#include <algorithm>
#include <array>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/string_view.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

constexpr std::string_view kScheme = "http://";

namespace urls = boost::urls;

struct Path {
  std::string_view path;
  AdminPage page;
};

constexpr auto kPaths = std::to_array<Path>({
    {"/metrics", AdminPage::metrics},
    {"/healthz", AdminPage::health},
    {"/readyz", AdminPage::readiness},
    {"/status", AdminPage::status},
    {"/", AdminPage::page},
    {"/events", AdminPage::events},
});

std::string_view without_port(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  const bool port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
  if (!port)
    return host;
  const auto digits = host.substr(colon + 1);
  const bool numeric =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return numeric ? host.substr(0, colon) : std::string_view();
}

std::optional<urls::ipv4_address> four_in(std::string_view text) {
  const auto four = urls::parse_ipv4_address({text.data(), text.size()});
  return four ? std::optional(*four) : std::nullopt;
}

std::optional<urls::ipv6_address> six_in(std::string_view text) {
  const auto six = urls::parse_ipv6_address({text.data(), text.size()});
  return six ? std::optional(*six) : std::nullopt;
}

/// No name, so that nobody can have made it point here.
bool literal_is_ours(std::string_view host, const ListenAddress& address) {
  const auto listened_four = four_in(address.host);
  const auto listened_six = six_in(address.host);
  const bool everywhere = (listened_four && listened_four->is_unspecified()) ||
                          (listened_six && listened_six->is_unspecified());
  if (const auto four = four_in(host))
    return everywhere || four->is_loopback() || four == listened_four;
  if (!host.starts_with('[') || !host.ends_with(']'))
    return false;
  const auto six = six_in(host.substr(1, host.size() - 2));
  return six && (everywhere || six->is_loopback() || six == listened_six);
}

}  // namespace

AdminResponse refusal(int status, std::string words) {
  AdminResponse response;
  response.status = status;
  response.body = std::move(words);
  return response;
}

bool host_is_ours(std::string_view host, const ListenAddress& address) {
  host = without_port(host);
  if (host.ends_with('.'))
    host.remove_suffix(1);
  return lower(host) == "localhost" || literal_is_ours(host, address);
}

namespace {

/// The path of a target, which may name scheme and authority, too (RFC 9112, 3.2.2).
std::string_view path_of(std::string_view target) {
  if (lower(target.substr(0, kScheme.size())) == kScheme) {
    target.remove_prefix(kScheme.size());
    const auto slash = target.find('/');
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find('?'));
}

}  // namespace

AdminRoute route_admin(const AdminRequest& request, const ListenAddress& address) {
  if (!request.host && request.needs_host)
    return refusal(400, "a request of HTTP/1.1 needs a Host header\n");
  if (request.hosts > 1)
    return refusal(400, "a request has one Host header\n");
  const bool by_name = request.host && address.path.empty();
  if (by_name && !host_is_ours(*request.host, address))
    return refusal(421,
                   "this Host header is not ours: ask by 127.0.0.1, localhost or the address of "
                   "metrics.listen\n");
  if (request.method != "GET" && request.method != "HEAD")
    return refusal(405, "only GET and HEAD\n");
  const auto path = path_of(request.target);
  for (const Path& known : kPaths)
    if (known.path == path)
      return known.page;
  return refusal(404, "there is /, /metrics, /healthz, /readyz, /status and /events\n");
}

}  // namespace gcstreamd
