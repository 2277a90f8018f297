#include "gcstreamd/core/url.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

struct Case {
  std::string_view text;
  bool secure;
  std::string_view host;
  std::string_view port;
  std::string_view target;
  std::string_view host_header;
};

class ParseUrl : public testing::TestWithParam<Case> {};

TEST_P(ParseUrl, YieldsThePartsThatAConnectionNeeds) {
  const Case& expected = GetParam();
  const auto url = parse_url(expected.text);
  ASSERT_TRUE(url) << expected.text;
  EXPECT_EQ(url->secure, expected.secure);
  EXPECT_EQ(url->host, expected.host);
  EXPECT_EQ(url->port, expected.port);
  EXPECT_EQ(url->target, expected.target);
  EXPECT_EQ(url->host_header(), expected.host_header);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseUrl,
    testing::Values(
        Case{"https://h.example", true, "h.example", "443", "/", "h.example"},
        Case{"https://h.example/", true, "h.example", "443", "/", "h.example"},
        Case{"wss://h.example/a/b", true, "h.example", "443", "/a/b", "h.example"},
        Case{"ws://h.example/a?b=c", false, "h.example", "80", "/a?b=c", "h.example"},
        Case{"http://h.example?x=1", false, "h.example", "80", "/?x=1", "h.example"},
        Case{"https://h.example:443/", true, "h.example", "443", "/", "h.example"},
        Case{"https://h.example:80/", true, "h.example", "80", "/", "h.example:80"},
        Case{"http://h.example:443/", false, "h.example", "443", "/", "h.example:443"},
        Case{"https://h.example:8443/x", true, "h.example", "8443", "/x", "h.example:8443"},
        Case{"https://h.example:65535", true, "h.example", "65535", "/", "h.example:65535"},
        Case{"https://127.0.0.1:1/", true, "127.0.0.1", "1", "/", "127.0.0.1:1"},
        Case{"https://[::1]/", true, "::1", "443", "/", "[::1]"},
        Case{"https://[2001:db8::7]:99/", true, "2001:db8::7", "99", "/", "[2001:db8::7]:99"},
        Case{"https://h.example/%20a?%2F", true, "h.example", "443", "/%20a?%2F", "h.example"}));

class NotAUrl : public testing::TestWithParam<std::string_view> {};

TEST_P(NotAUrl, IsEmpty) {
  EXPECT_FALSE(parse_url(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Urls, NotAUrl,
    testing::Values("", "h.example", "//h.example/", "/path", "https://", "https:///path",
                    "ftp://h.example/", "file:///etc/passwd", "https://user@h.example/",
                    "https://user:pw@h.example/", "https://h.example/#part", "https://h example/",
                    "https://h.example/a b", "https://h.example:0/", "https://h.example:65536/",
                    "https://h.example:99999/", "https://127.0.0.1.example/", "https://10.0.0.1x/",
                    "https://h.example:99999999/", "https://h.example:port/", "https://[::1/",
                    "https:h", "https://h.example/\r\nX: y", "https://h%0d%0aX/"));

TEST(WithoutQuery, AUrlIsShownWithoutWhatItsQueryHolds) {
  EXPECT_EQ(without_query("wss://h.example/x?key=1&b=?"), "wss://h.example/x?***");
  EXPECT_EQ(without_query("wss://h.example?key"), "wss://h.example?***");
  EXPECT_EQ(without_query("wss://h.example/x"), "wss://h.example/x");
  EXPECT_EQ(without_query("what?"), "what?");
  EXPECT_EQ(without_query("a?b=c://d"), "a?b=c://d");
  EXPECT_EQ(without_query(""), "");
}

TEST(Loopback, IsLocalhostAndLoopbackAddressesOnly) {
  const auto loopback = [](std::string_view text) {
    const auto url = parse_url(text);
    return url && url->loopback();
  };
  for (std::string_view text : {"http://localhost/", "http://localhost:99/", "ws://127.0.0.1/",
                                "http://127.9.9.9/", "http://[::1]:8080/"})
    EXPECT_TRUE(loopback(text)) << text;
  for (std::string_view text :
       {"http://localhost.example/", "http://127.example/", "http://10.0.0.1/", "http://[::2]/",
        "http://128.0.0.1/", "http://notlocalhost/"})
    EXPECT_FALSE(loopback(text)) << text;
}

}  // namespace
}  // namespace gcstreamd
