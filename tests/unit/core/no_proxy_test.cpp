#include "gcstreamd/core/no_proxy.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Case {
  std::string_view list;
  std::string_view host;
  bool covered;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << '"' << one.list << "\" for " << one.host;
}

class NoProxyTest : public testing::TestWithParam<Case> {};

TEST_P(NoProxyTest, Covers) {
  const NoProxy list(GetParam().list);
  EXPECT_EQ(list.covers(GetParam().host, "443"), GetParam().covered);
  EXPECT_THAT(list.unknown(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Names, NoProxyTest,
                         testing::Values(Case{"", "example.com", false},
                                         Case{"example.com", "example.com", true},
                                         Case{"example.com", "api.example.com", true},
                                         Case{"example.com", "myexample.com", false},
                                         Case{"example.com", "example.com.evil.org", false},
                                         Case{".example.com", "api.example.com", true},
                                         Case{".example.com", "example.com", true},
                                         Case{"*.example.com", "api.example.com", true},
                                         Case{"Example.COM", "API.example.com", true},
                                         Case{"example.com.", "example.com", true},
                                         Case{"example.com", "example.com.", true},
                                         Case{"a.org,example.com , b.org", "example.com", true},
                                         Case{"a.org example.com", "example.com", true},
                                         Case{" ,, example.com,", "example.com", true},
                                         Case{"localhost", "localhost", true},
                                         Case{"local", "localhost", false}));

INSTANTIATE_TEST_SUITE_P(All, NoProxyTest,
                         testing::Values(Case{"*", "example.com", true},
                                         Case{"*", "10.0.0.1", true},
                                         Case{"a.org,*", "::1", true}));

INSTANTIATE_TEST_SUITE_P(Addresses, NoProxyTest,
                         testing::Values(Case{"10.0.0.1", "10.0.0.1", true},
                                         Case{"10.0.0.1", "10.0.0.11", false},
                                         Case{"0.0.1", "10.0.0.1", false}, Case{"::1", "::1", true},
                                         Case{"[::1]", "0:0:0:0:0:0:0:1", true},
                                         Case{"fd00::1", "fd00::2", false},
                                         Case{"10.0.0.1", "::ffff:10.0.0.1", true}));

INSTANTIATE_TEST_SUITE_P(
    Networks, NoProxyTest,
    testing::Values(Case{"10.0.0.0/8", "10.255.0.3", true}, Case{"10.0.0.0/8", "11.0.0.1", false},
                    Case{"10.1.2.3/8", "10.9.9.9", true},
                    Case{"192.168.128.0/17", "192.168.255.1", true},
                    Case{"192.168.128.0/17", "192.168.127.1", false},
                    Case{"0.0.0.0/0", "8.8.8.8", true}, Case{"10.0.0.1/32", "10.0.0.2", false},
                    Case{"fd00::/8", "fdab::1", true}, Case{"fd00::/8", "fe80::1", false},
                    Case{"fd00::/8", "10.0.0.1", false}, Case{"0.0.0.0/0", "fd00::1", false},
                    Case{"10.0.0.0/8", "ten.example", false}));

TEST(NoProxyPort, IsComparedWhereOneIsGiven) {
  const NoProxy list("example.com:8443 10.0.0.1:443 [fd00::1]:443");
  EXPECT_TRUE(list.covers("example.com", "8443"));
  EXPECT_FALSE(list.covers("example.com", "443"));
  EXPECT_TRUE(list.covers("10.0.0.1", "443"));
  EXPECT_FALSE(list.covers("10.0.0.1", "80"));
  EXPECT_TRUE(list.covers("fd00::1", "443"));
  EXPECT_FALSE(list.covers("fd00::1", "80"));
  EXPECT_TRUE(NoProxy("example.com:0443").covers("example.com", "443"));
}

TEST(NoProxyUnknown, EntriesAreKeptToBeTold) {
  const NoProxy list("http://a.org, 10.0.0.0/33, fd00::/129, x/8, a:b, [::1, .. , good.org");
  EXPECT_THAT(list.unknown(),
              ElementsAre("http://a.org", "10.0.0.0/33", "fd00::/129", "x/8", "a:b", "[::1", ".."));
  EXPECT_TRUE(list.covers("good.org", "443"));
  EXPECT_FALSE(list.covers("a.org", "443"));
}

}  // namespace
}  // namespace gcstreamd
