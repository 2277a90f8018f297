#include "simulator/http_faults.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/script.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;

constexpr std::chrono::system_clock::time_point kNoon{std::chrono::seconds(1'767'225'600)};

Response token_after(std::string_view step) {
  Response good;
  good.body = R"({"access_token":"abc","token_type":"bearer","expires_in":3600})";
  return spoiled(good, script_of(step).steps.at(0), kNoon);
}

Response upgrade_after(std::string_view step) {
  Request request;
  request.key = "dGhlIHNhbXBsZSBub25jZQ==";
  return spoiled(upgrade_of(request), script_of(step).steps.at(0), kNoon);
}

std::string header(const Response& response, std::string_view wanted) {
  for (const auto& [name, value] : response.headers) {
    if (name == wanted) {
      return value;
    }
  }
  return {};
}

TEST(HttpFaults, accept_key_is_as_in_the_rfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(HttpFaults, statuses_and_both_forms_of_retry_after) {
  const Response seconds = token_after("token status 429 retry-after 2");
  EXPECT_EQ(seconds.status, 429U);
  EXPECT_EQ(header(seconds, "Retry-After"), "2");
  EXPECT_TRUE(json::parse(seconds.body).contains("error"));
  const Response date = upgrade_after("refuse 503 retry-after date+90");
  EXPECT_EQ(date.status, 503U);
  EXPECT_EQ(header(date, "Retry-After"), "Thu, 01 Jan 2026 00:01:30 GMT");
  EXPECT_EQ(header(upgrade_after("refuse 404"), "Retry-After"), "");
}

TEST(HttpFaults, tokens_lack_or_lie) {
  EXPECT_FALSE(json::parse(token_after("token no-access-token").body).contains("access_token"));
  EXPECT_FALSE(json::parse(token_after("token no-expires-in").body).contains("expires_in"));
  EXPECT_EQ(json::parse(token_after("token expires-in 0").body).at("expires_in"), 0);
  const Response huge = token_after("token huge 1500000");
  EXPECT_EQ(huge.body.size(), 1'500'000U);
  EXPECT_EQ(json::parse(huge.body).at("access_token"), "abc");
  EXPECT_EQ(json::parse(token_after("token ok").body).at("expires_in"), 3600);
}

TEST(HttpFaults, answers_that_are_none) {
  EXPECT_EQ(token_after("token html").body.substr(0, 9), "<!DOCTYPE");
  EXPECT_EQ(token_after("token html").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(token_after("token hangup").manner, Manner::hang_up);
  EXPECT_EQ(token_after("token slow 1.5").over, std::chrono::milliseconds(1500));
  EXPECT_EQ(upgrade_after("upgrade silent").manner, Manner::silent);
  EXPECT_EQ(upgrade_after("upgrade html").status, 200U);
}

TEST(HttpFaults, upgrades_go_wrong) {
  const Response bad = upgrade_after("upgrade bad-accept");
  EXPECT_EQ(bad.status, 101U);
  EXPECT_NE(header(bad, "Sec-WebSocket-Accept"), "");
  EXPECT_NE(header(bad, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const Response redirect = upgrade_after("upgrade redirect wss://localhost:1/x");
  EXPECT_EQ(redirect.status, 302U);
  EXPECT_EQ(header(redirect, "Location"), "wss://localhost:1/x");
}

}  // namespace
}  // namespace gcstream_sim
