#include "gcstreamd/core/channel_api.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "helpers/times.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kApi = "https://api.mypurecloud.de";
const Secret kToken("t0ken");

HttpResponse answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name)
      return std::string(value.reveal());
  return "(none)";
}

TEST(ChannelApi, AChannelIsAskedForWithTheToken) {
  const HttpRequest request = create_channel(kApi, kToken);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.host, "api.mypurecloud.de");
  EXPECT_EQ(request.url.target, "/api/v2/notifications/channels");
  EXPECT_EQ(header(request, "Authorization"), "Bearer t0ken");
}

TEST(ChannelApi, ABasePathIsKept) {
  EXPECT_EQ(create_channel("https://localhost:1/base", kToken).url.target,
            "/base/api/v2/notifications/channels");
  EXPECT_EQ(create_channel("https://localhost:1/", kToken).url.target,
            "/api/v2/notifications/channels");
}

TEST(ChannelApi, AChannelHasItsUriAndLifetime) {
  const auto grant =
      parse_channel(answer(200, R"({"connectUri":"wss://streaming.x/channels/c1","id":"c1",)"
                                R"("expires":"2026-11-24T06:44:55.000Z"})"),
                    wall());
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->id.reveal(), "c1");
  EXPECT_EQ(grant->connect_uri.reveal(), "wss://streaming.x/channels/c1");
  EXPECT_EQ(grant->lifetime, 12h);
}

TEST(ChannelApi, ALifetimeThatCannotBeIsTheUsualOne) {
  const auto life = [](std::string_view expires) {
    const auto grant = parse_channel(
        answer(200,
               fmt::format(R"({{"connectUri":"wss://s.x/c","id":"c","expires":{}}})", expires)),
        wall());
    return grant ? grant->lifetime : 0s;
  };
  EXPECT_EQ(life("null"), 24h);
  EXPECT_EQ(life("\"soon\""), 24h);
  EXPECT_EQ(life("\"2036-01-01T00:00:00Z\""), 24h);
  EXPECT_EQ(life("\"2006-01-01T00:00:00Z\""), 60s);
}

TEST(ChannelApi, AnAnswerWithoutAUsableChannelIsAFault) {
  for (const char* body :
       {"", "[]", "{}", R"({"id":"c"})", R"({"id":"","connectUri":"wss://s.x/c"})",
        R"({"id":"c","connectUri":"ws://s.x/c"})", R"({"id":"c","connectUri":"https://s.x/c"})",
        R"({"id":5,"connectUri":"wss://s.x/c"})"}) {
    const auto grant = parse_channel(answer(200, body), wall());
    ASSERT_TRUE(grant.has_error()) << body;
    EXPECT_EQ(grant.error().kind, FaultKind::protocol);
  }
  EXPECT_TRUE(
      parse_channel(answer(200, R"({"id":"c","connectUri":"ws://127.0.0.1:1/c"})"), wall()));
}

TEST(ChannelApi, AFaultHasTheServersWordsAndItsWish) {
  HttpResponse response =
      answer(429, R"({"message":"Slow down","code":"too.many.requests.retry.after","status":429})");
  response.retry_after = "17";
  const auto grant = parse_channel(response, wall());
  ASSERT_TRUE(grant.has_error());
  EXPECT_EQ(grant.error().what, "HTTP 429: too.many.requests.retry.after: Slow down");
  EXPECT_EQ(grant.error().retry_after, 17s);
  EXPECT_EQ(cause_of(grant.error()), "subscribe_http_429");
}

TEST(ChannelApi, TopicsReplaceThoseOfTheChannel) {
  const std::vector<std::string> topics{"v2.a", "v2.\"b"};
  const HttpRequest request = set_topics(kApi, kToken, Secret("c/1"), topics);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url.target,
            "/api/v2/notifications/channels/c%2F1/subscriptions?ignoreErrors=true");
  EXPECT_EQ(request.body.reveal(), R"([{"id":"v2.a"},{"id":"v2.\"b"}])");
  EXPECT_EQ(set_topics(kApi, kToken, Secret("c"), {}).body.reveal(), "[]");
}

TEST(ChannelApi, EveryTopicIsJudged) {
  const std::vector<std::string> topics{"v2.a", "v2.b", "v2.c"};
  const auto judged = parse_subscription(
      answer(200,
             R"({"entities":[{"id":"v2.a","state":"Permitted"},{"id":"v2.b",)"
             R"("state":"Rejected","rejectionReason":"no","missingPermissions":["p:q",5]},3]})"),
      topics, wall());
  ASSERT_TRUE(judged);
  EXPECT_THAT(judged->permitted, ElementsAre("v2.a"));
  EXPECT_THAT(judged->rejected,
              ElementsAre(TopicVerdict{"v2.b", "no", {"p:q"}},
                          TopicVerdict{"v2.c", "the service's answer does not name it", {}}));
  const auto silent = parse_subscription(answer(200, R"({"entities":[]})"), topics, wall());
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->permitted, topics) << "it took the request as it is";
  EXPECT_TRUE(parse_subscription(answer(200, "{}"), topics, wall()).has_error());
  EXPECT_TRUE(parse_subscription(answer(403, "{}"), topics, wall()).has_error());
}

TEST(ChannelApi, ChannelsAreCounted) {
  EXPECT_EQ(list_channels("https://api.d", Secret("t")).method, "GET");
  EXPECT_EQ(*parse_channel_count(answer(200, R"({"entities":[{},{}]})"), wall()), 2U);
  EXPECT_EQ(*parse_channel_count(answer(200, "{}"), wall()), 0U);
  EXPECT_FALSE(parse_channel_count(answer(403, "{}"), wall()));
}

TEST(ChannelApi, DirectoriesComeInPages) {
  EXPECT_EQ(list_directory(kApi, kToken, DirectoryKind::queues, 2).url.target,
            "/api/v2/routing/queues?pageSize=100&pageNumber=2");
  EXPECT_EQ(list_directory(kApi, kToken, DirectoryKind::users, 1).url.target,
            "/api/v2/users?pageSize=100&pageNumber=1");
  const auto page = parse_directory(
      answer(200, R"({"entities":[{"id":"1","name":"Sales"},{"name":"x"}],"pageCount":2})"), 1,
      wall());
  ASSERT_TRUE(page);
  ASSERT_EQ(page->entries.size(), 1U);
  EXPECT_EQ(page->entries[0].name, "Sales");
  EXPECT_FALSE(page->last);
}

TEST(ChannelApi, TheLastPageIsKnown) {
  const auto last = [](std::string body, unsigned page) {
    const auto parsed = parse_directory(answer(200, std::move(body)), page, wall());
    return parsed && parsed->last;
  };
  EXPECT_TRUE(last(R"({"entities":[{"id":"1"}],"pageCount":2})", 2));
  EXPECT_TRUE(last(R"({"entities":[{"id":"1"}]})", 1));
  EXPECT_TRUE(last(R"({"entities":[],"pageCount":9})", 1)) << "or it would go on for ever";
  EXPECT_TRUE(parse_directory(answer(200, "[]"), 1, wall()).has_error());
}

TEST(RejectedTopicsTest, EachIsToldOnceForAsLongAsItStaysSo) {
  RejectedTopics rejected;
  const std::vector<std::string> topics{"v2.a", "v2.b"};
  const SubscriptionAnswer no{{"v2.a"}, {{"v2.b", "no", {"p"}}}};
  const auto records = rejected.update(topics, no);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].type() + records[0].fields(),
            R"(topic_rejected,"topic":"v2.b","reason":"no","missingPermissions":["p"])");
  EXPECT_THAT(rejected.update(topics, no), IsEmpty());
  EXPECT_EQ(rejected.all().size(), 1U);
  EXPECT_THAT(rejected.update(topics, {{"v2.a", "v2.b"}, {}}), IsEmpty());
  EXPECT_THAT(rejected.all(), IsEmpty());
  EXPECT_EQ(rejected.update(topics, no).size(), 1U) << "again";
}

TEST(RejectedTopicsTest, ATopicThatIsNotAskedForAnyMoreIsNotRejected) {
  RejectedTopics rejected;
  const std::vector<std::string> topics{"v2.a", "v2.b"};
  rejected.update(topics, {{}, {{"v2.a", "", {}}, {"v2.b", "", {}}}});
  rejected.keep_only(std::vector<std::string>{"v2.b", "v2.c"});
  ASSERT_EQ(rejected.all().size(), 1U);
  EXPECT_EQ(rejected.all()[0].topic, "v2.b");
}

TEST(RejectedTopicsTest, OtherGroupsTopicsStayAsTheyWere) {
  RejectedTopics rejected;
  const std::vector<std::string> one{"v2.a"};
  const std::vector<std::string> other{"v2.b"};
  rejected.update(one, {{}, {{"v2.a", "", {}}}});
  rejected.update(other, {{}, {{"v2.b", "", {}}}});
  EXPECT_EQ(rejected.all().size(), 2U);
}

}  // namespace
}  // namespace gcstreamd
