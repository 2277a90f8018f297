#include "gcstreamd/core/no_proxy.hpp"

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>

#include "gcstreamd/core/text.hpp"

namespace gcstreamd {
namespace {

namespace urls = boost::urls;

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96, before an IPv4 address

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_of("/:*@[]") == std::string_view::npos;
}

/// `host:port` or `[address]:port`; a bare IPv6 address has more than one colon.
std::string_view take_port(std::string_view& entry) {
  const auto colon = entry.rfind(':');
  if (colon == std::string_view::npos)
    return {};
  const bool bracketed = colon > 0 && entry[colon - 1] == ']';
  if (!bracketed && entry.find(':') != colon)
    return {};
  const auto port = entry.substr(colon + 1);
  entry = entry.substr(0, colon);
  return port;
}

}  // namespace

NoProxy::NoProxy(std::string_view list) {
  constexpr std::string_view kBetween = ", \t\r\n";
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(kBetween), list.size());
    const std::string_view entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (entry.empty())
      continue;
    if (entry == "*")
      all_ = true;
    else if (auto rule = parse_entry(entry))
      rules_.push_back(std::move(*rule));
    else
      unknown_.emplace_back(entry);
  }
}

std::optional<NoProxy::Address> NoProxy::parse_address(std::string_view text) {
  Address address{};
  if (const auto six = urls::parse_ipv6_address({text.data(), text.size()})) {
    const auto bytes = six->to_bytes();
    std::copy(bytes.begin(), bytes.end(), address.begin());
    return address;
  }
  const auto four = urls::parse_ipv4_address({text.data(), text.size()});
  if (!four)
    return std::nullopt;
  const auto bytes = four->to_bytes();
  address[10] = address[11] = 0xff;
  std::copy(bytes.begin(), bytes.end(), address.begin() + kMappedBits / 8);
  return address;
}

std::optional<NoProxy::Rule> NoProxy::parse_network(std::string_view entry) {
  const auto slash = entry.find('/');
  const std::string_view written = entry.substr(0, slash);
  const auto address = parse_address(written);
  const auto bits = parse_number(entry.substr(slash + 1));
  const unsigned before = written.find(':') == std::string_view::npos ? kMappedBits : 0;
  if (!address || !bits || *bits > kBits - before)
    return std::nullopt;
  Rule rule;
  rule.network = *address;
  rule.prefix = before + static_cast<unsigned>(*bits);
  return rule;
}

std::optional<NoProxy::Rule> NoProxy::parse_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  Rule rule;
  if (const auto address = parse_address(host)) {
    rule.network = *address;
    rule.prefix = kBits;
    return rule;
  }
  if (host.starts_with("*."))
    host.remove_prefix(1);
  if (host.starts_with('.'))
    host.remove_prefix(1);
  if (host.ends_with('.'))
    host.remove_suffix(1);
  if (!is_name(host))
    return std::nullopt;
  rule.name = lower(host);
  return rule;
}

std::optional<NoProxy::Rule> NoProxy::parse_entry(std::string_view entry) {
  if (entry.find('/') != std::string_view::npos)
    return parse_network(entry);
  const std::string_view whole = entry;
  const std::string_view port = take_port(entry);
  auto rule = parse_host(entry);
  const bool has_port = entry.size() != whole.size();
  const auto number = has_port ? parse_number(port) : std::nullopt;
  if (!rule || (has_port && !number))
    return std::nullopt;
  rule->port = number ? std::to_string(*number) : "";
  return rule;
}

bool NoProxy::covers_address(const Rule& rule, const Address& address) {
  const unsigned whole = rule.prefix / 8;
  if (!std::equal(address.begin(), address.begin() + whole, rule.network.begin()))
    return false;
  const unsigned rest = rule.prefix % 8;
  const unsigned mask = rest == 0 ? 0 : 0xffU << (8 - rest) & 0xffU;
  return mask == 0 || (address[whole] & mask) == (rule.network[whole] & mask);
}

bool NoProxy::covers(std::string_view host, std::string_view port) const {
  if (all_)
    return true;
  const auto address = parse_address(host);
  if (host.ends_with('.'))
    host.remove_suffix(1);
  const std::string name = lower(host);
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (!rule.port.empty() && rule.port != port)
      return false;
    if (rule.name.empty())
      return address && covers_address(rule, *address);
    return !address && (name == rule.name || name.ends_with('.' + rule.name));
  });
}

}  // namespace gcstreamd
