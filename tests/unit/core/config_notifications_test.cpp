// What the protocol `notifications` has of its own in a configuration.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "gcstreamd/core/config.hpp"
#include "gcstreamd/core/reload_plan.hpp"
#include "helpers/configuration.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json notifications_configuration() {
  json root = minimal_configuration();
  json& stream = root["streams"][0];
  stream.erase("event_types");
  stream["protocol"] = "notifications";
  stream["queues"] = {"*"};
  return root;
}

ConfigResult parse(const json& root) {
  const World world;
  return parse_config(root.dump(), world.inputs(), {});
}

std::vector<std::string> lines_of(const ConfigResult& result) {
  std::vector<std::string> lines;
  for (const ConfigError& error : result.errors)
    lines.push_back(to_string(error));
  return lines;
}

std::vector<std::string> many_topics(std::size_t count) {
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < count; ++i)
    topics.push_back(fmt::format("v2.users.{}.presence", i));
  return topics;
}

TEST(ConfigNotificationsTest, TheLeastThatRunsHasTheServicesDefaults) {
  const auto result = parse(notifications_configuration());
  ASSERT_THAT(lines_of(result), IsEmpty());
  EXPECT_EQ(result.config.max_requests_per_minute, 300U);
  const StreamConfig& stream = result.config.streams.at(0);
  EXPECT_EQ(stream.protocol, ProtocolKind::notifications);
  EXPECT_EQ(stream.endpoints.api_url, "https://api.mypurecloud.com");
  EXPECT_EQ(stream.endpoints.stream_url, "");
  EXPECT_EQ(stream.oauth.client_auth, OAuthConfig::ClientAuth::basic);
  EXPECT_THAT(stream.oauth.scopes, IsEmpty());
  EXPECT_EQ(stream.start_at, kNoNumber);
  const NotificationsConfig& own = stream.notifications;
  EXPECT_THAT(own.queues, ElementsAre("*"));
  EXPECT_EQ(own.discovery_interval, 300s);
  EXPECT_EQ(own.channel_age, 24h);
  EXPECT_EQ(own.renew_margin, 12h);
  EXPECT_EQ(own.overlap, 5s);
  EXPECT_TRUE(own.backfill.enabled);
  EXPECT_THAT(own.backfill.delays, ElementsAre(120s, 3600s, 86400s));
  EXPECT_EQ(own.backfill.give_up_after, 72h);
}

TEST(ConfigNotificationsTest, WhatIsPrintedIsWhatIsRead) {
  json root = notifications_configuration();
  json& stream = root["streams"][0];
  stream["users"] = {"A*"};
  stream["topics"] = {"v2.system.x"};
  stream["channels"] = {{"max_age_s", 60}, {"renew_margin_s", 5}, {"overlap_ms", 7}};
  stream["backfill"] = {{"enabled", false}, {"delays_s", {0, 9}}, {"lookback_s", 1}};
  const auto printed = json::parse(print_config(parse(root).config)).at("streams").at(0);
  for (const char* key : {"name", "region", "protocol", "topics", "queues", "users", "channels"})
    EXPECT_EQ(printed.at(key), stream.at(key)) << key;
  EXPECT_EQ(printed.at("backfill").at("delays_s"), json::array({0, 9}));
  EXPECT_EQ(printed.at("backfill").at("lookback_s"), 1);
  EXPECT_FALSE(printed.contains("event_types"));
}

struct WrongCase {
  std::string_view pointer;
  std::string_view value;
  std::string_view what;
};

class WrongNotifications : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongNotifications, IsToldInOneLine) {
  json root = notifications_configuration();
  root[json::json_pointer("/streams/0" + std::string(GetParam().pointer))] =
      json::parse(GetParam().value);
  const auto result = parse(root);
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_THAT(result.errors[0].pointer, HasSubstr("/streams/0" + std::string(GetParam().pointer)));
  EXPECT_THAT(result.errors[0].what, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    OneFaultEach, WrongNotifications,
    testing::Values(WrongCase{"/event_types", R"(["interaction:media"])", "only for the protocol"},
                    WrongCase{"/buffer_size", "5", "only for the protocol"},
                    WrongCase{"/start_at", "5", "only for the protocol"},
                    WrongCase{"/integrity", "{}", "only for the protocol"},
                    WrongCase{"/topics", R"(["v2.users.*.presence"])", "no wildcards"},
                    WrongCase{"/topics", R"([""])", "empty"},
                    WrongCase{"/users", R"("*")", "not an array"},
                    WrongCase{"/channels", R"({"max_age_s":0})", "out of range"},
                    WrongCase{"/backfill", R"({"delays_s":[5,2]})", "not in order"},
                    WrongCase{"/backfill", R"({"delays_s":[]})", "not delays"},
                    WrongCase{"/discovery_interval_s", "0", "out of range"}));

TEST(ConfigNotificationsTest, WithoutAnyRuleThereIsNothingToHear) {
  json root = notifications_configuration();
  root["streams"][0]["queues"] = json::array();
  EXPECT_THAT(lines_of(parse(root)), ElementsAre(HasSubstr("/streams/0/topics: empty")));
  root["streams"][0].erase("queues");
  EXPECT_THAT(lines_of(parse(root)), ElementsAre(HasSubstr("/streams/0/topics: missing")));
}

TEST(ConfigNotificationsTest, ASinkMayPassAnyTopicsLastPart) {
  json root = notifications_configuration();
  root["streams"][0]["sinks"][0]["event_types"] = {"conversations", "recovered"};
  EXPECT_THAT(lines_of(parse(root)), IsEmpty());
}

TEST(ConfigNotificationsTest, MoreThanTwentyChannelsOfOneClientAreRefused) {
  json root = notifications_configuration();
  root["streams"][0]["topics"] = many_topics(19 * 1000 + 1);
  const auto all = parse(root);
  EXPECT_THAT(lines_of(all), IsEmpty());
  EXPECT_THAT(all.warnings, ElementsAre(HasSubstr("all 20 channels")));
  root["streams"][0]["topics"] = many_topics(20 * 1000 + 1);
  EXPECT_THAT(lines_of(parse(root)), ElementsAre(HasSubstr("21 channels with one client id")));
}

TEST(ConfigNotificationsTest, TopicsThatCombineNeedFewerChannels) {
  json root = notifications_configuration();
  std::vector<std::string> topics;
  for (int i = 0; i < 2000; ++i)
    for (const char* suffix : {"presence", "conversations"})
      topics.push_back(fmt::format("v2.users.0a1b2c3d-0000-4000-8000-{:012}.{}", i, suffix));
  root["streams"][0]["topics"] = topics;
  EXPECT_THAT(lines_of(parse(root)), IsEmpty());
}

TEST(ConfigNotificationsTest, TheLimitOnConnectionsIsNotForIt) {
  json root = notifications_configuration();
  root["max_connections_per_org"] = 1;
  root["streams"].push_back(root["streams"][0]);
  root["streams"][1]["name"] = "other";
  root["streams"][1]["sinks"][0]["path"] = "/log/other.jsonl";
  EXPECT_THAT(lines_of(parse(root)), IsEmpty());
}

TEST(ConfigNotificationsTest, AReloadOfRulesTouchesNoConnectionByItself) {
  const Config before = parse(notifications_configuration()).config;
  json root = notifications_configuration();
  root["streams"][0]["users"] = {"*"};
  root["streams"][0]["backfill"] = {{"enabled", false}};
  const auto plan = plan_reload(before, parse(root).config);
  ASSERT_EQ(plan.streams.size(), 1U);
  EXPECT_EQ(plan.streams[0].kind, ReloadPlan::Kind::live);
}

TEST(ConfigNotificationsTest, AnotherApiOrProtocolIsAnotherStream) {
  const Config before = parse(notifications_configuration()).config;
  json root = notifications_configuration();
  root["streams"][0]["endpoints"] = {{"api_url", "https://api.example.com"}};
  EXPECT_EQ(plan_reload(before, parse(root).config).streams.at(0).kind, ReloadPlan::Kind::replaced);
  EXPECT_EQ(plan_reload(before, parse(minimal_configuration()).config).streams.at(0).kind,
            ReloadPlan::Kind::replaced);
}

}  // namespace
}  // namespace gcstreamd
