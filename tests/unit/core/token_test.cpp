#include "gcstreamd/core/token.hpp"

#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kUrl = "https://login.mypurecloud.com/oauth/token";

OAuthConfig oauth_config() {
  OAuthConfig config;
  config.client_id = "id-1";
  config.scopes = {"analytics:stream:read", "analytics:events:read"};
  return config;
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name)
      return std::string(value.reveal());
  return "(none)";
}

TEST(TokenRequest, PostPutsEverythingIntoTheForm) {
  const auto request = token_request(oauth_config(), kUrl, Secret("s3cret"));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.host, "login.mypurecloud.com");
  EXPECT_EQ(request.url.target, "/oauth/token");
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(header(request, "Authorization"), "(none)");
  EXPECT_EQ(request.body.reveal(),
            "grant_type=client_credentials&client_id=id-1&client_secret=s3cret"
            "&scope=analytics%3Astream%3Aread%20analytics%3Aevents%3Aread");
}

TEST(TokenRequest, PostPercentEncodesIdAndSecret) {
  OAuthConfig config = oauth_config();
  config.client_id = "a b&c";
  config.scopes.clear();
  const auto request = token_request(config, kUrl, Secret("p+w/d=%\xc3\xa9"));
  EXPECT_EQ(request.body.reveal(),
            "grant_type=client_credentials&client_id=a%20b%26c"
            "&client_secret=p%2Bw%2Fd%3D%25%C3%A9");
}

TEST(TokenRequest, BasicSendsIdAndSecretAsTheyAre) {
  OAuthConfig config = oauth_config();
  config.client_auth = OAuthConfig::ClientAuth::basic;
  config.client_id = "Aladdin";
  const auto request = token_request(config, kUrl, Secret("open sesame"));
  EXPECT_EQ(header(request, "Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(request.body.reveal(),
            "grant_type=client_credentials"
            "&scope=analytics%3Astream%3Aread%20analytics%3Aevents%3Aread");
}

TEST(TokenRequest, NoScopesSendNone) {
  OAuthConfig config = oauth_config();
  config.client_auth = OAuthConfig::ClientAuth::basic;
  config.scopes.clear();
  EXPECT_EQ(token_request(config, kUrl, Secret("s")).body.reveal(),
            "grant_type=client_credentials");
}

Outcome<TokenGrant> parse_token_response(const HttpResponse& response) {
  return gcstreamd::parse_token_response(response, wall());
}

HttpResponse answer(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

TEST(TokenResponse, ATokenWithItsLife) {
  const auto grant = parse_token_response(
      answer(R"({"access_token":"tok-1","token_type":"bearer","expires_in":86399})"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->access_token.reveal(), "tok-1");
  EXPECT_EQ(grant->expires_in, 86399s);
}

struct Life {
  std::string_view expires_in;  ///< with its key, or ""
  std::chrono::seconds least;
  std::chrono::seconds most;
};

void PrintTo(const Life& life, std::ostream* out) {
  *out << life.expires_in;
}

class TokenLife : public testing::TestWithParam<Life> {};

TEST_P(TokenLife, IsUsableWhateverTheServerSays) {
  const auto grant = parse_token_response(
      answer(R"({"access_token":"tok-1")" + std::string(GetParam().expires_in) + "}"));
  ASSERT_TRUE(grant);
  EXPECT_GE(grant->expires_in, GetParam().least);
  EXPECT_LE(grant->expires_in, GetParam().most);
}

INSTANTIATE_TEST_SUITE_P(
    ExpiresIn, TokenLife,
    testing::Values(Life{"", 60s, 300s}, Life{R"(,"expires_in":0)", 60s, 300s},
                    Life{R"(,"expires_in":-5)", 60s, 300s},
                    Life{R"(,"expires_in":null)", 60s, 300s},
                    Life{R"(,"expires_in":"86400")", 60s, 86400s},
                    Life{R"(,"expires_in":{})", 60s, 300s}, Life{R"(,"expires_in":1)", 1s, 1s},
                    Life{R"(,"expires_in":1.9)", 1s, 2s}, Life{R"(,"expires_in":0.5)", 1s, 300s},
                    Life{R"(,"expires_in":3599.5)", 3599s, 3600s},
                    Life{R"(,"expires_in":1e300)", 24h, 24h * 36500},
                    Life{R"(,"expires_in":18446744073709551615)", 24h, 24h * 36500},
                    Life{R"(,"expires_in":9223372036854775807)", 24h, 24h * 36500},
                    Life{R"(,"expires_in":-9223372036854775808)", 60s, 300s}));

class NotAToken : public testing::TestWithParam<std::string_view> {};

TEST_P(NotAToken, IsAFaultThatIsRetried) {
  const auto grant = parse_token_response(answer(std::string(GetParam())));
  ASSERT_FALSE(grant);
  EXPECT_EQ(grant.error().stage, Stage::oauth);
  EXPECT_EQ(grant.error().kind, FaultKind::protocol);
  EXPECT_EQ(disposition(grant.error()), Disposition::retry);
  EXPECT_THAT(grant.error().what, testing::Not(HasSubstr("<")));
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, NotAToken,
    testing::Values("", "<html><body>login</body></html>", "null", "5", "[]", "{}", R"("tok")",
                    R"({"access_token":)", R"({"access_token":""})", R"({"access_token":5})",
                    R"({"access_token":null})", R"({"access_token":["a"]})", R"({"token":"tok-1"})",
                    R"([{"access_token":"tok-1"}])", R"({"access_token":"a b"})",
                    R"({"access_token":"a\r\nX: y"})", R"({"access_token":"a\u0000"})",
                    R"({"access_token":"\u00e9"})", "{\"access_token\":\"\xff\"}"));

TEST(TokenResponse, ARefusalHasTheServersWords) {
  const auto grant = parse_token_response(
      answer(R"({"error":"invalid_client","error_description":"client not found"})", 401));
  ASSERT_FALSE(grant);
  EXPECT_EQ(grant.error().kind, FaultKind::http_status);
  EXPECT_EQ(grant.error().code, 401);
  EXPECT_EQ(grant.error().what, "HTTP 401: invalid_client: client not found");
  EXPECT_EQ(disposition(grant.error()), Disposition::fatal);
}

TEST(TokenResponse, ARefusalWithoutJsonHasItsStatusOnly) {
  for (std::string_view body : {"", "<html>", "[]", "null", R"({"error":5})"}) {
    const auto grant = parse_token_response(answer(std::string(body), 503));
    ASSERT_FALSE(grant);
    EXPECT_EQ(grant.error().what, "HTTP 503");
  }
}

TEST(TokenResponse, ARefusalHasTheServersOwnWishToWait) {
  HttpResponse response = answer("{}", 429);
  response.retry_after = "17";
  const auto grant = parse_token_response(response);
  ASSERT_FALSE(grant);
  EXPECT_EQ(grant.error().retry_after, 17s);
  response.retry_after = "Mon, 23 Nov 2026 18:45:00 GMT";
  EXPECT_EQ(parse_token_response(response).error().retry_after, 5s);
  response.date = "Mon, 23 Nov 2026 18:44:58 GMT";
  EXPECT_EQ(parse_token_response(response).error().retry_after, 2s);
  response.retry_after = "later";
  EXPECT_FALSE(parse_token_response(response).error().retry_after);
}

TEST(TokenResponse, ARedirectIsARefusalThatNamesTheHostAlone) {
  HttpResponse response = answer("", 302);
  response.location = "https://login.example.com/next?session=secret";
  const Fault fault = parse_token_response(response).error();
  EXPECT_EQ(fault.what, "HTTP 302, a redirect to login.example.com that is not followed");
  EXPECT_EQ(disposition(fault), Disposition::retry);
}

TEST(TokenResponse, ATokenWithAnotherStatusIsNotTaken) {
  EXPECT_FALSE(parse_token_response(answer(R"({"access_token":"t"})", 302)));
  EXPECT_FALSE(parse_token_response(answer(R"({"access_token":"t"})", 500)));
}

class TokenKeeperTest : public testing::Test {
 protected:
  void grant(std::chrono::seconds life, SteadyTime asked) {
    TokenGrant one;
    one.access_token = Secret("tok");
    one.expires_in = life;
    keeper_.granted(std::move(one), asked);
  }

  TokenKeeper keeper_{60s, BackoffOptions{1000ms, 8000ms, Jitter::none}, 1};
};

TEST_F(TokenKeeperTest, HasNoneAtFirst) {
  EXPECT_FALSE(keeper_.usable(at(0s)));
  EXPECT_FALSE(keeper_.ever_granted());
  EXPECT_TRUE(keeper_.token().empty());
}

TEST_F(TokenKeeperTest, RenewsTheMarginBeforeTheEnd) {
  grant(3600s, at(5s));
  EXPECT_EQ(keeper_.renew_at(), at(3545s));
  EXPECT_TRUE(keeper_.usable(at(5s)));
  EXPECT_TRUE(keeper_.usable(at(3545s - 1ms)));
  EXPECT_FALSE(keeper_.usable(at(3545s)));
  EXPECT_TRUE(keeper_.ever_granted());
}

TEST_F(TokenKeeperTest, KnowsWhenTheNewestOneEndsAlsoWhenItIsDiscarded) {
  EXPECT_FALSE(keeper_.expires_at());
  grant(3600s, at(5s));
  EXPECT_EQ(keeper_.expires_at(), at(3605s));
  keeper_.discard();
  EXPECT_EQ(keeper_.expires_at(), at(3605s));
}

TEST_F(TokenKeeperTest, RenewsAtMostHalfOfItsLifeBeforeTheEnd) {
  grant(120s, at(0s));
  EXPECT_EQ(keeper_.renew_at(), at(60s));
  grant(119s, at(0s));
  EXPECT_EQ(keeper_.renew_at(), at(59500ms));
  grant(1s, at(0s));
  EXPECT_EQ(keeper_.renew_at(), at(1s));  // but never in a hot loop
}

TEST_F(TokenKeeperTest, DiscardedItIsNotUsableButWasGranted) {
  grant(3600s, at(0s));
  keeper_.discard();
  EXPECT_FALSE(keeper_.usable(at(1s)));
  EXPECT_TRUE(keeper_.token().empty());
  EXPECT_TRUE(keeper_.ever_granted());
}

TEST_F(TokenKeeperTest, AFailedRenewalIsTriedAgainUnderABackoffThatAGrantResets) {
  const Fault fault(Stage::oauth, FaultKind::http_status, 503, "HTTP 503");
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(1s));
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(2s));
  EXPECT_EQ(keeper_.retry_at(fault, at(10s)), at(14s));
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(8s));
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(8s));
  grant(3600s, at(0s));
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(1s));
}

TEST_F(TokenKeeperTest, RefusedCredentialsAreTriedAgainAfterTheLongestDelay) {
  const Fault refused(Stage::oauth, FaultKind::http_status, 401, "HTTP 401");
  EXPECT_EQ(keeper_.retry_at(refused, at(0s)), at(8s));
  EXPECT_EQ(keeper_.retry_at(refused, at(0s)), at(8s));
}

TEST_F(TokenKeeperTest, ALongerRetryAfterWinsAndAShorterOneDoesNot) {
  Fault fault(Stage::oauth, FaultKind::http_status, 429, "HTTP 429");
  fault.retry_after = 30s;
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(30s));
  fault.retry_after = 1s;
  EXPECT_EQ(keeper_.retry_at(fault, at(0s)), at(2s));
}

TEST(TokenKeeper, WithoutAMarginLivesToItsEnd) {
  TokenKeeper keeper(0s, {}, 1);
  TokenGrant one;
  one.access_token = Secret("tok");
  one.expires_in = 100s;
  keeper.granted(std::move(one), at(0s));
  EXPECT_EQ(keeper.renew_at(), at(100s));
}

}  // namespace
}  // namespace gcstreamd
