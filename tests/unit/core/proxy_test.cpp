#include "gcstreamd/core/proxy.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ParseProxy, TakesHostAndPort) {
  const auto proxy = parse_proxy("http://proxy.corp:3128");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->host, "proxy.corp");
  EXPECT_EQ(proxy->port, "3128");
  EXPECT_FALSE(proxy->has_credentials);
  EXPECT_EQ(proxy->authority(), "proxy.corp:3128");
  EXPECT_EQ(parse_proxy("HTTP://proxy.corp:3128/"), proxy);
}

TEST(ParseProxy, TakesAnAddressInBrackets) {
  const auto proxy = parse_proxy("http://[fd00::1]:8080");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->host, "fd00::1");
  EXPECT_EQ(proxy->authority(), "[fd00::1]:8080");
}

TEST(ParseProxy, DecodesUserAndPassword) {
  const auto proxy = parse_proxy("http://CORP%5Cjo:p%40ss%3Aword@proxy:80");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->user, "CORP\\jo");
  EXPECT_EQ(proxy->password.reveal(), "p@ss:word");
}

TEST(ParseProxy, RefusesWhatItCannotUse) {
  for (const char* text :
       {"", "proxy:80", "http://", "http://proxy", "http://proxy:", "http://proxy:0",
        "http://proxy:99999", "https://proxy:443", "socks5://proxy:1080", "http://proxy:80/path",
        "http://proxy:80?q", "http://proxy:80#f", "http://u:p@ss@proxy:80", "http://u:%zz@proxy:80",
        "http://u%3Av:p@proxy:80", "http://u:p%0d%0aX@proxy:80", "http://a b:80", " http://a:80"})
    EXPECT_FALSE(parse_proxy(text)) << text;
}

TEST(MaskedProxy, ShowsAllButThePassword) {
  EXPECT_EQ(masked(*parse_proxy("http://u:secret@proxy:80")), "http://u:********@proxy:80");
  EXPECT_EQ(masked(*parse_proxy("http://proxy:80")), "http://proxy:80");
}

Url url(std::string_view text) {
  return parse_url(text).value();
}

TEST(ProxyChoice, LeadsToAllButTheExceptions) {
  ProxyChoice choice;
  EXPECT_EQ(choice.way_to(url("https://api.example/")), nullptr);
  choice.proxy = parse_proxy("http://proxy:80");
  choice.except = NoProxy("login.example");
  EXPECT_EQ(choice.way_to(url("https://api.example/")), &*choice.proxy);
  EXPECT_EQ(choice.way_to(url("https://login.example/")), nullptr);
}

TEST(ProxyChoice, TheEnvironmentsIsNotForThisMachineItself) {
  ProxyChoice choice;
  choice.proxy = parse_proxy("http://proxy:80");
  EXPECT_NE(choice.way_to(url("wss://localhost:1/")), nullptr);
  choice.by_environment = true;
  EXPECT_EQ(choice.way_to(url("wss://localhost:1/")), nullptr);
  EXPECT_EQ(choice.way_to(url("wss://[::1]:1/")), nullptr);
  EXPECT_NE(choice.way_to(url("wss://api.example/")), nullptr);
}

TEST(ConnectRequest, NamesHostAndPort) {
  const Secret request =
      connect_request(*parse_proxy("http://proxy:80"), url("wss://api.example/stream?q"));
  EXPECT_EQ(request.reveal(),
            "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n"
            "User-Agent: gcstreamd\r\n\r\n");
}

TEST(ConnectRequest, CarriesCredentialsAndBrackets) {
  const Secret request = connect_request(*parse_proxy("http://Aladdin:open%20sesame@proxy:80"),
                                         url("https://[fd00::1]:8443/"));
  EXPECT_EQ(request.reveal(),
            "CONNECT [fd00::1]:8443 HTTP/1.1\r\nHost: [fd00::1]:8443\r\nUser-Agent: gcstreamd\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST(Teach, HasBothFormsOfThePasswordRemoved) {
  Scrubber scrubber;
  ProxyChoice choice;
  teach(scrubber, choice);
  choice.proxy = parse_proxy("http://Aladdin:open%20sesame@proxy:80");
  teach(scrubber, choice);
  const std::string clean =
      scrubber.scrub("open sesame open%20sesame QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_THAT(clean, Not(HasSubstr("sesame")));
  EXPECT_THAT(clean, Not(HasSubstr("QWxh")));
}

}  // namespace
}  // namespace gcstreamd
