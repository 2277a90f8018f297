#include "gcstreamd/core/region.hpp"

#include <gmock/gmock.h>

#include <set>

namespace gcstreamd {
namespace {

TEST(Regions, AreAllThatTheVendorsSdkNames) {
  EXPECT_EQ(regions().size(), 18U);
  std::set<std::string_view> names;
  std::set<std::string_view> domains;
  for (const Region& region : regions()) {
    names.insert(region.name);
    domains.insert(region.domain);
  }
  EXPECT_EQ(names.size(), 18U);
  EXPECT_EQ(domains.size(), 18U);
}

TEST(DomainOf, KnowsEachRegionsName) {
  for (const Region& region : regions())
    EXPECT_EQ(domain_of(region.name), region.domain);
  EXPECT_EQ(domain_of("us-east-1"), "mypurecloud.com");
  EXPECT_EQ(domain_of("us-east-2"), "use2.us-gov-pure.cloud");
  EXPECT_EQ(domain_of("eu-central-1"), "mypurecloud.de");
  EXPECT_EQ(domain_of("eusc-de-east-1"), "edee1.eusc-pure.cloud");
  EXPECT_EQ(domain_of("ap-southeast-2"), "mypurecloud.com.au");
}

TEST(DomainOf, TakesATextWithADotAsTheDomainItself) {
  EXPECT_EQ(domain_of("mypurecloud.de"), "mypurecloud.de");
  EXPECT_EQ(domain_of("mypurecloud.de:8443"), "mypurecloud.de:8443");
}

TEST(DomainOf, IsEmptyForAnUnknownName) {
  EXPECT_FALSE(domain_of("us-east-9"));
  EXPECT_FALSE(domain_of(""));
  EXPECT_FALSE(domain_of("US-EAST-1"));
  EXPECT_FALSE(domain_of("localhost"));
}

TEST(RegionMistakenForDomain, NamesTheRegion) {
  EXPECT_EQ(region_mistaken_for_domain("us-east-1.mypurecloud.com"), "us-east-1");
  EXPECT_EQ(region_mistaken_for_domain("eu-central-1.mypurecloud.com"), "eu-central-1");
}

TEST(RegionMistakenForDomain, LeavesOtherDomainsAlone) {
  for (std::string_view text : {"mypurecloud.com", ".mypurecloud.com", "us-east-9.mypurecloud.com",
                                "us-east-1.mypurecloud.de", "us-east-1", ""})
    EXPECT_FALSE(region_mistaken_for_domain(text)) << text;
}

}  // namespace
}  // namespace gcstreamd
