#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gcstreamd {

/// The hosts that are reached without the proxy, as $NO_PROXY lists them: names with all that is
/// below them (`example.com`, the same as `.example.com` and `*.example.com`), addresses, networks
/// (`10.0.0.0/8`, `fd00::/8`), each but the networks with `:port` for that port alone, or `*` for
/// all; between commas or white space. Names are not looked up: an address covers a host that is
/// given as an address.
class NoProxy {
 public:
  NoProxy() = default;
  explicit NoProxy(std::string_view list);

  /// `host`: a name, or an IP address without brackets; `port`: digits.
  bool covers(std::string_view host, std::string_view port) const;
  /// Entries that are none of these, as they were written.
  const std::vector<std::string>& unknown() const { return unknown_; }
  bool operator==(const NoProxy&) const = default;

 private:
  using Address = std::array<unsigned char, 16>;  ///< IPv4 as ::ffff:a.b.c.d

  struct Rule {
    std::string name;  ///< lower case; empty: `network`
    Address network{};
    unsigned prefix = 0;  ///< bits of the network
    std::string port;     ///< empty: any
    bool operator==(const Rule&) const = default;
  };

  static std::optional<Address> parse_address(std::string_view text);
  static std::optional<Rule> parse_network(std::string_view entry);
  static std::optional<Rule> parse_host(std::string_view host);
  static std::optional<Rule> parse_entry(std::string_view entry);
  static bool covers_address(const Rule& rule, const Address& address);

  bool all_ = false;
  std::vector<Rule> rules_;
  std::vector<std::string> unknown_;
};

}  // namespace gcstreamd
