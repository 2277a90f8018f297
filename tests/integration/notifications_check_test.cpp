#include "integration/notifications_test.hpp"
#include "integration/online_check.hpp"

namespace gcstreamd::testing {
namespace {

using nlohmann::json;

const std::vector<std::string> kTopicsOk{"dns ok", "tcp ok", "tls ok", "oauth ok",
                                         "dns ok", "tcp ok", "tls ok", "topics ok",
                                         "dns ok", "tcp ok", "tls ok", "handshake ok"};

/// `check --online` for a stream of channels: what is rejected is known beforehand.
class NotificationsCheckTest : public NotificationsTest {
 protected:
  void begin_check() {
    check_.emplace(dir_, config_);
    peer_.serve_token();
  }
  void serve_channels(std::size_t count) {
    json entities = json::array();
    for (std::size_t i = 0; i < count; ++i) {
      entities.push_back({{"id", "channel-" + std::to_string(i)}});
    }
    expect_call("GET", "/api/v2/notifications/channels")
        .reply(200, json{{"entities", entities}}.dump());
  }
  void serve_handshake(std::string_view id) {
    WebSocket socket = open_socket(id);
    EXPECT_EQ(socket.expect_close().code, 1000);
  }

  std::optional<OnlineCheck> check_;
};

TEST_F(NotificationsCheckTest, a_rejected_topic_is_named_with_what_is_missing) {
  stream()["topics"] = {kQueueTopic, kUserTopic};
  begin_check();
  serve_channels(3);
  serve_channel("channel-1-secret");
  EXPECT_EQ(serve_topics("channel-1-secret", {std::string(kUserTopic)}).size(), 2U);
  serve_handshake("channel-1-secret");
  const Finished result = check_->finish();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(rows(result.err), kTopicsOk) << result.err;
  EXPECT_NE(result.err.find("1 of 2 topics are rejected"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(std::string(kUserTopic) +
                            " is rejected: missing permissions (missing: routing:queue:view)"),
            std::string::npos)
      << result.err;
  EXPECT_EQ((result.out + result.err).find("channel-1-secret"), std::string::npos) << result.err;
}

TEST_F(NotificationsCheckTest, where_no_topic_is_permitted_the_stream_cannot_connect) {
  begin_check();
  serve_channels(0);
  serve_channel("channel-1-secret");
  serve_topics("channel-1-secret", {std::string(kQueueTopic)});
  const Finished result = check_->finish();
  EXPECT_EQ(result.exit_code, 69) << result.err;
  EXPECT_EQ(rows(result.err).back(), "topics failed") << result.err;
  EXPECT_NE(result.err.find("routing:queue:view"), std::string::npos) << result.err;
}

TEST_F(NotificationsCheckTest, no_channel_is_made_where_one_more_would_end_another) {
  begin_check();
  serve_channels(20);
  const Finished result = check_->finish();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("topics were not tried"), std::string::npos) << result.err;
}

TEST_F(NotificationsCheckTest, rules_are_looked_up_in_the_orgs_directories) {
  stream().erase("topics");
  stream()["queues"] = {"Sales *"};
  stream()["users"] = {"*"};
  begin_check();
  expect_call("GET", "/api/v2/routing/queues")
      .reply(200, R"({"entities":[{"id":"q-1","name":"Sales EU"},{"id":"q-2","name":"Other"}],)"
                  R"("pageCount":1})");
  expect_call("GET", "/api/v2/users")
      .reply(200, R"({"entities":[{"id":"u-1","name":"Zoë"}],"pageCount":2})");
  expect_call("GET", "/api/v2/users")
      .reply(200, R"({"entities":[{"id":"u-2","name":"Max"}],"pageCount":2})");
  serve_channels(0);
  serve_channel("channel-1-secret");
  EXPECT_EQ(serve_topics("channel-1-secret"),
            (std::vector<std::string>{"v2.routing.queues.q-1.conversations",
                                      "v2.users.u-1.conversations", "v2.users.u-2.conversations"}));
  serve_handshake("channel-1-secret");
  const Finished result = check_->finish();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err.find("rejected"), std::string::npos) << result.err;
}

TEST_F(NotificationsCheckTest, a_permission_that_is_missing_is_told_with_what_to_do) {
  begin_check();
  expect_call("GET", "/api/v2/notifications/channels")
      .reply(403, R"({"code":"missing.permissions","message":"no \u001b[31m"})");
  const Finished result = check_->finish();
  EXPECT_EQ(result.exit_code, 69) << result.err;
  EXPECT_EQ(rows(result.err).back(), "topics failed") << result.err;
  EXPECT_NE(result.err.find("the OAuth client's roles lack a permission"), std::string::npos)
      << result.err;
  EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace gcstreamd::testing
