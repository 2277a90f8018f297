#include <algorithm>

#include "integration/stream_test.hpp"

namespace gcstreamd::testing {
namespace {

using OAuthTest = StreamTest;

constexpr std::string_view kRefusal = R"({"error":"invalid_client","description":"no"})";

std::vector<std::string> names_of(const Headers& fields) {
  std::vector<std::string> names;
  std::ranges::transform(fields, std::back_inserter(names),
                         [](const auto& field) { return field.first; });
  return names;
}

TEST_F(OAuthTest, post_sends_the_client_credentials_as_a_form) {
  run();
  const HttpRequest request = peer_.serve_token();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/oauth/token");
  EXPECT_EQ(request.header("host"), "localhost:" + std::to_string(peer_.port()));
  EXPECT_TRUE(request.header("content-type").starts_with("application/x-www-form-urlencoded"));
  EXPECT_EQ(request.header("authorization"), "");
  EXPECT_EQ(request.form(), (Headers{{"grant_type", "client_credentials"},
                                     {"client_id", std::string(kClientId)},
                                     {"client_secret", std::string(kClientSecret)},
                                     {"scope", "analytics:stream:read analytics:events:read"}}));
}

TEST_F(OAuthTest, post_percent_encodes_what_a_form_reserves) {
  const std::string secret = "a+b&c=d%e f/\"\xC3\xA9";
  dir_.write(kSecretFile, secret + '\n');
  stream()["oauth"]["client_id"] = "id&x=1";
  run();
  const HttpRequest request = peer_.serve_token();
  EXPECT_EQ(request.form().at("client_secret"), secret);
  EXPECT_EQ(request.form().at("client_id"), "id&x=1");
  EXPECT_EQ(names_of(request.form()),
            (std::vector<std::string>{"client_id", "client_secret", "grant_type", "scope"}));
}

TEST_F(OAuthTest, one_trailing_line_break_of_the_secret_is_removed_and_no_second) {
  dir_.write(kSecretFile, "secret\n\n");
  run();
  EXPECT_EQ(peer_.serve_token().form().at("client_secret"), "secret\n");
}

TEST_F(OAuthTest, basic_sends_id_and_secret_as_they_are) {
  dir_.write(kSecretFile, "p%40ss+w:rd");
  stream()["oauth"]["client_id"] = "my id";
  stream()["oauth"]["client_auth"] = "basic";
  run();
  const HttpRequest request = peer_.serve_token();
  // printf 'my id:p%%40ss+w:rd' | base64
  EXPECT_EQ(request.header("authorization"), "Basic bXkgaWQ6cCU0MHNzK3c6cmQ=");
  EXPECT_EQ(names_of(request.form()), (std::vector<std::string>{"grant_type", "scope"}));
}

TEST_F(OAuthTest, no_scopes_send_no_scope) {
  stream()["oauth"]["scopes"] = nlohmann::json::array();
  run();
  EXPECT_FALSE(peer_.serve_token().form().contains("scope"));
}

TEST_F(OAuthTest, own_scopes_are_joined_with_spaces) {
  stream()["oauth"]["scopes"] = {"one", "two:read"};
  run();
  EXPECT_EQ(peer_.serve_token().form().at("scope"), "one two:read");
}

TEST_F(OAuthTest, the_secret_comes_from_the_environment) {
  stream()["oauth"].erase("client_secret_file");
  run({{"GENESYS_CLIENT_SECRET", "from-environment"}});
  EXPECT_EQ(peer_.serve_token().form().at("client_secret"), "from-environment");
}

TEST_F(OAuthTest, the_token_goes_into_the_query) {
  run();
  const Session session = peer_.open_stream("t+o/k&e=n");
  const HttpRequest& request = session.socket.request();
  EXPECT_EQ(request.path(), "/api/v2/analytics/events/stream");
  EXPECT_EQ(request.query(), (Headers{{"access_token", "t+o/k&e=n"}}));
  EXPECT_EQ(request.header("authorization"), "");
}

TEST_F(OAuthTest, the_token_goes_into_the_header) {
  stream()["token_in"] = "header";
  run();
  const Session session = peer_.open_stream("to.ken");
  EXPECT_EQ(session.socket.request().target, "/api/v2/analytics/events/stream");
  EXPECT_EQ(session.socket.request().header("authorization"), "Bearer to.ken");
}

TEST_F(OAuthTest, a_token_is_reused_by_a_reconnect) {
  Session session = open();
  EXPECT_EQ(first("token_acquired").at("expiresIn"), 3600);
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.socket.request().query().at("access_token"), "token-1");
  EXPECT_EQ(records("token_acquired").size(), 1U);
}

TEST_F(OAuthTest, a_token_is_renewed_before_it_expires_without_touching_the_stream) {
  stream()["oauth"]["refresh_margin_s"] = 1;
  run();
  peer_.serve_token("short", 2);
  Session session = peer_.reopen_stream();
  peer_.serve_token("long", 3600);
  EXPECT_EQ(first("token_refreshed").at("expiresIn"), 3600);
  session.socket.send(event(1));
  await_events(1);
  EXPECT_TRUE(records("scheduling_reconnect").empty());
  session.socket.drop();
  session = peer_.reopen_stream();
  EXPECT_EQ(session.socket.request().query().at("access_token"), "long");
}

TEST_F(OAuthTest, a_token_near_its_end_is_fetched_anew_for_a_reconnect) {
  run();
  peer_.serve_token("short", 2);
  Session session = peer_.reopen_stream();
  const HttpRequest renewal = peer_.expect_http();
  session.socket.drop();
  renewal.reply(500, "{}");
  peer_.serve_token("long", 3600);
  session = peer_.reopen_stream();
  EXPECT_EQ(session.socket.request().query().at("access_token"), "long");
}

TEST_F(OAuthTest, a_failed_request_is_audited_and_retried) {
  run();
  peer_.expect_http().reply(500, R"({"error":"server_error"})");
  const Session session = peer_.open_stream("later");
  EXPECT_EQ(session.socket.request().query().at("access_token"), "later");
  const auto failures = await("oauth_error");
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].at("status"), 500);
  EXPECT_TRUE(failures[0].at("error").is_string());
}

TEST_F(OAuthTest, an_answer_without_a_token_is_audited_and_retried) {
  run();
  for (const auto* answer :
       {R"({"expires_in":5})", "not json", "[]", R"({"access_token":7})", ""}) {
    peer_.expect_http().reply(200, answer);
  }
  const Session session = peer_.open_stream();
  EXPECT_EQ(await("oauth_error", 5).size(), 5U);
}

TEST_F(OAuthTest, three_refusals_without_any_token_exit_77) {
  run();
  for (int i = 0; i < 3; ++i) {
    peer_.expect_http().reply(401, kRefusal);
  }
  EXPECT_EQ(daemon_->wait_exit(), 77);
  const auto refusals = records("oauth_error");
  ASSERT_EQ(refusals.size(), 3U);
  EXPECT_EQ(refusals[0].at("status"), 401);
  EXPECT_FALSE(refusals[0].at("hint").get<std::string>().empty());
}

TEST_F(OAuthTest, two_refusals_are_survived) {
  run();
  peer_.expect_http().reply(400, kRefusal);
  peer_.expect_http().reply(401, kRefusal);
  const Session session = peer_.open_stream();
  EXPECT_EQ(await("oauth_error", 2).size(), 2U);
}

TEST_F(OAuthTest, refusals_after_a_token_was_granted_do_not_end_the_daemon) {
  Session session = open();
  session.socket.drop();
  peer_.expect_http().reply(401, "");
  for (int i = 0; i < 4; ++i) {
    peer_.expect_http().reply(401, kRefusal);
  }
  session = peer_.open_stream("again");
  EXPECT_EQ(session.socket.request().query().at("access_token"), "again");
}

}  // namespace
}  // namespace gcstreamd::testing
