#include "gcstreamd/core/region.hpp"

#include <algorithm>
#include <array>

namespace gcstreamd {
namespace {

constexpr auto kRegions = std::to_array<Region>({
    {"us-east-1", "mypurecloud.com"},
    {"us-east-2", "use2.us-gov-pure.cloud"},
    {"us-west-2", "usw2.pure.cloud"},
    {"ca-central-1", "cac1.pure.cloud"},
    {"mx-central-1", "mxc1.pure.cloud"},
    {"sa-east-1", "sae1.pure.cloud"},
    {"eu-west-1", "mypurecloud.ie"},
    {"eu-west-2", "euw2.pure.cloud"},
    {"eu-central-1", "mypurecloud.de"},
    {"eu-central-2", "euc2.pure.cloud"},
    {"eusc-de-east-1", "edee1.eusc-pure.cloud"},
    {"me-central-1", "mec1.pure.cloud"},
    {"ap-south-1", "aps1.pure.cloud"},
    {"ap-southeast-1", "apse1.pure.cloud"},
    {"ap-southeast-2", "mypurecloud.com.au"},
    {"ap-northeast-1", "mypurecloud.jp"},
    {"ap-northeast-2", "apne2.pure.cloud"},
    {"ap-northeast-3", "apne3.pure.cloud"},
});

const Region* find_region(std::string_view name) {
  const auto* found = std::find_if(kRegions.begin(), kRegions.end(),
                                   [&](const Region& region) { return region.name == name; });
  return found == kRegions.end() ? nullptr : found;
}

}  // namespace

std::span<const Region> regions() {
  return kRegions;
}

std::optional<std::string> domain_of(std::string_view text) {
  if (const Region* region = find_region(text))
    return std::string(region->domain);
  if (text.find('.') != std::string_view::npos)
    return std::string(text);
  return std::nullopt;
}

std::optional<std::string_view> region_mistaken_for_domain(std::string_view text) {
  constexpr std::string_view kSuffix = ".mypurecloud.com";
  if (!text.ends_with(kSuffix))
    return std::nullopt;
  text.remove_suffix(kSuffix.size());
  const Region* region = find_region(text);
  return region ? std::optional(region->name) : std::nullopt;
}

}  // namespace gcstreamd
