#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gcstreamd {

/// A Genesys Cloud region and its domain (source: Genesys' JavaScript SDK, `PureCloudRegionHosts`).
struct Region {
  std::string_view name;
  std::string_view domain;
};

std::span<const Region> regions();

/// The domain of a known region's name, or `text` itself where it is a domain (it has a dot).
/// Empty when it is neither.
std::optional<std::string> domain_of(std::string_view text);

/// `us-east-1` for `us-east-1.mypurecloud.com`: a guess that people make and that never resolves.
std::optional<std::string_view> region_mistaken_for_domain(std::string_view text);

}  // namespace gcstreamd
