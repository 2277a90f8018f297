#include "gcstreamd/core/admin_routes.hpp"

#include <gmock/gmock.h>

namespace gcstreamd {
namespace {

ListenAddress listening_on(std::string_view text) {
  return parse_listen_address(text).value();
}

const ListenAddress kLoopback = listening_on("127.0.0.1:9477");

AdminRequest get(std::string_view target) {
  AdminRequest request;
  request.method = "GET";
  request.target = target;
  request.host = "127.0.0.1:9477";
  return request;
}

int refused(const AdminRequest& request, const ListenAddress& address = kLoopback) {
  const auto route = route_admin(request, address);
  const auto* response = std::get_if<AdminResponse>(&route);
  return response ? response->status : 0;
}

TEST(AdminRoutesTest, EachPathHasItsPage) {
  const auto page = [](std::string_view path) {
    return std::get<AdminPage>(route_admin(get(path), kLoopback));
  };
  EXPECT_EQ(page("/metrics"), AdminPage::metrics);
  EXPECT_EQ(page("/healthz"), AdminPage::health);
  EXPECT_EQ(page("/readyz"), AdminPage::readiness);
  EXPECT_EQ(page("/status"), AdminPage::status);
  EXPECT_EQ(page("/"), AdminPage::page);
  EXPECT_EQ(page("/events"), AdminPage::events);
  EXPECT_EQ(page("/metrics?x=/status"), AdminPage::metrics);
  EXPECT_EQ(page("http://127.0.0.1:9477/status?x"), AdminPage::status);
  EXPECT_EQ(page("HTTP://127.0.0.1:9477"), AdminPage::page);
}

TEST(AdminRoutesTest, WhatIsNotThereIsNotFound) {
  for (const auto* path : {"/metrics/", "/../etc/passwd", "*", "", "https://127.0.0.1:9477/status"})
    EXPECT_EQ(refused(get(path)), 404) << path;
}

TEST(AdminRoutesTest, NothingCanBeChangedByHttp) {
  AdminRequest request = get("/status");
  request.method = "HEAD";
  EXPECT_EQ(refused(request), 0);
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "get", ""}) {
    request.method = method;
    EXPECT_EQ(refused(request), 405) << method;
  }
}

TEST(AdminRoutesTest, ANameThatWasMadePointHereIsRefusedWhateverIsAsked) {
  AdminRequest request = get("/status");
  for (const auto* host :
       {"evil.example", "evil.example:9477", "localhost.evil.example", "127.0.0.1.evil.example",
        "10.0.0.1", "[fe80::1]", "", "localhost:9477@evil.example", "[::1", "::1", "0.0.0.0"}) {
    request.host = host;
    EXPECT_EQ(refused(request), 421) << host;
  }
  request.method = "POST";
  EXPECT_EQ(refused(request), 421);
}

TEST(AdminRoutesTest, LoopbackNamesAndAddressesAreOursWithAnyPort) {
  for (const auto* host : {"localhost", "LocalHost:8080", "127.0.0.1", "127.1.2.3:1", "[::1]:9477",
                           "[::1]", "[0:0:0:0:0:0:0:1]"})
    EXPECT_TRUE(host_is_ours(host, kLoopback)) << host;
}

TEST(AdminRoutesTest, TheListenAddressIsOurs) {
  EXPECT_TRUE(host_is_ours("10.1.2.3:9477", listening_on("10.1.2.3:9477")));
  EXPECT_FALSE(host_is_ours("10.1.2.4:9477", listening_on("10.1.2.3:9477")));
  EXPECT_TRUE(host_is_ours("[fd00::1]:9477", listening_on("[fd00:0::1]:9477")));
  EXPECT_FALSE(host_is_ours("[fd00::2]:9477", listening_on("[fd00::1]:9477")));
}

TEST(AdminRoutesTest, WhereAllAddressesAreListenedOnAnyLiteralOneIsOursAndNoName) {
  for (const auto* everywhere : {"0.0.0.0:9477", "[::]:9477"}) {
    EXPECT_TRUE(host_is_ours("10.1.2.3:9477", listening_on(everywhere)));
    EXPECT_TRUE(host_is_ours("[fd00::1]", listening_on(everywhere)));
    EXPECT_FALSE(host_is_ours("ops.example", listening_on(everywhere)));
  }
}

TEST(AdminRoutesTest, ARequestWithoutHostIsNoneOfHttpOneOne) {
  AdminRequest request = get("/healthz");
  request.host.reset();
  EXPECT_EQ(refused(request), 400);
  request.needs_host = false;
  EXPECT_EQ(refused(request), 0);
}

TEST(AdminRoutesTest, TwoHostsAreNone) {
  AdminRequest request = get("/status");
  request.hosts = 2;
  EXPECT_EQ(refused(request), 400);
  request.hosts = 1;
  request.host = "localhost.:9477";
  EXPECT_EQ(refused(request), 0);
}

TEST(AdminRoutesTest, OverAUnixSocketAnyHostWillDo) {
  AdminRequest request = get("/status");
  request.host = "gcstreamd";
  EXPECT_EQ(refused(request, listening_on("unix:/run/gcstreamd.sock")), 0);
}

TEST(AdminRoutesTest, ARefusalSaysWhatWouldDo) {
  const auto route = route_admin(get("/nothing"), kLoopback);
  EXPECT_THAT(std::get<AdminResponse>(route).body, testing::HasSubstr("/metrics"));
}

}  // namespace
}  // namespace gcstreamd
