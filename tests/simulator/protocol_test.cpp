#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/api.hpp"
#include "simulator/command_line.hpp"
#include "simulator/form.hpp"
#include "simulator/subscription.hpp"

namespace gcstream_sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

EventTypes only(EventType type) {
  EventTypes types;
  types.add(type);
  return types;
}

TEST(Form, unescapes_and_keeps_what_is_malformed) {
  const auto form = read_form("a=1+2&b=%C3%A9%26&c&d=%zz%4&a=2");
  EXPECT_EQ(form.at("a"), "1 2");
  EXPECT_EQ(form.at("b"), "\u00e9&");
  EXPECT_EQ(form.at("c"), "");
  EXPECT_EQ(form.at("d"), "%zz%4");
}

class ApiTest : public testing::Test {
 protected:
  Response ask(const Request& request) {
    return api.answer(request, now).value_or(Response{101, "", {}, {}, Manner::answer, {}});
  }
  Request token_request(const std::string& form) {
    return {"POST", "/oauth/token", "", "grant_type=client_credentials" + form, false};
  }
  std::string granted(const Request& request) {
    return json::parse(ask(request).body).at("access_token").get<std::string>();
  }
  Request upgrade(const std::string& query, const std::string& authorization = {}) {
    return {"GET", "/api/v2/analytics/events/stream" + query, authorization, "", true, "a2V5"};
  }

  Api api{{"me", "s3cret", seconds(60)}};
  SteadyTime now{};
  Request good = token_request("&client_id=me&client_secret=s3cret&scope=a+b");
};

TEST_F(ApiTest, grants_a_token_to_the_right_credentials_in_both_places) {
  const json post = json::parse(ask(good).body);
  EXPECT_EQ(post.at("token_type"), "bearer");
  EXPECT_EQ(post.at("expires_in"), 60);
  Request basic = token_request("");
  basic.authorization = "Basic bWU6czNjcmV0";
  EXPECT_EQ(ask(basic).status, 200U);
}

TEST_F(ApiTest, refuses_wrong_credentials) {
  const Response response = ask(token_request("&client_id=me&client_secret=wrong"));
  EXPECT_EQ(response.status, 401U);
  EXPECT_EQ(json::parse(response.body).at("error"), "invalid_client");
  Request basic = good;
  basic.authorization = "Basic bWU6d3Jvbmc=";
  EXPECT_EQ(ask(basic).status, 401U);
  EXPECT_EQ(ask({"POST", "/oauth/token", "", "", false}).status, 400U);
  EXPECT_EQ(ask({"GET", "/oauth/token", "", "", false}).status, 405U);
}

TEST_F(ApiTest, a_stream_needs_a_living_token) {
  const std::string token = granted(good);
  EXPECT_EQ(ask(upgrade("?access_token=" + token)).status, 101U);
  EXPECT_EQ(ask(upgrade("", "Bearer " + token)).status, 101U);
  EXPECT_EQ(ask(upgrade("")).status, 401U);
  EXPECT_EQ(ask(upgrade("?access_token=no")).status, 401U);
  now += seconds(60);
  EXPECT_EQ(ask(upgrade("?access_token=" + token)).status, 401U);
}

TEST_F(ApiTest, other_requests_are_refused) {
  Request plain = upgrade("?access_token=" + granted(good));
  plain.upgrade = false;
  EXPECT_EQ(ask(plain).status, 426U);
  EXPECT_EQ(ask({"GET", "/", "", "", false}).status, 404U);
}

json good_subscription() {
  return {{"type", "interaction"},
          {"id", "5f0c0d3e-55bb-4c8b-9d1e-0d9f0f1c2b3a"},
          {"filter", {{"eventTypes", {"interaction:media", "routing:queue:member"}}}},
          {"bufferSize", 100},
          {"sequenceNumber", 12}};
}

std::string refusal_of(const json& message, const EventTypes& generated) {
  const auto outcome = read_subscription(message.dump(), generated);
  const auto* refusal = std::get_if<Refusal>(&outcome);
  return refusal ? refusal->reason : "";
}

TEST(Subscription, a_good_one_is_read) {
  const auto outcome = read_subscription(good_subscription().dump(), only(EventType::queue_member));
  ASSERT_TRUE(std::holds_alternative<Subscription>(outcome));
  EXPECT_EQ(std::get<Subscription>(outcome).sequence_number, 12U);
}

TEST(Subscription, each_fault_is_told) {
  const EventTypes generated = only(EventType::media);
  const std::map<std::string, std::pair<json::json_pointer, json>> faults{
      {"\"type\"", {"/type"_json_pointer, "other"}},
      {"UUID", {"/id"_json_pointer, "17"}},
      {"bufferSize", {"/bufferSize"_json_pointer, 501}},
      {"sequenceNumber", {"/sequenceNumber"_json_pointer, -1}},
      {"eventTypes", {"/filter"_json_pointer, json::array()}},
      {"unknown", {"/filter/eventTypes/0"_json_pointer, "conversation\xff"}}};
  for (const auto& [word, fault] : faults) {
    json message = good_subscription();
    message[fault.first] = fault.second;
    const std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
    const auto outcome = read_subscription(text, generated);
    ASSERT_TRUE(std::holds_alternative<Refusal>(outcome)) << word;
    EXPECT_NE(std::get<Refusal>(outcome).reason.find(word), std::string::npos) << word;
  }
  EXPECT_NE(refusal_of("text", generated), "");
}

TEST(Subscription, a_filter_that_leaves_out_generated_types_is_refused) {
  const std::string reason = refusal_of(good_subscription(), EventTypes::all());
  EXPECT_NE(reason.find("interaction:conversation"), std::string::npos);
  EXPECT_LE(reason.size(), 123U);
}

TEST(CommandLine, reads_faults_and_types) {
  const std::vector<const char*> words{"gcstream-sim",
                                       "--event-types",
                                       "interaction:media,routing:queue:member",
                                       "--drop-every",
                                       "7",
                                       "--rate",
                                       "0.5",
                                       "--heartbeat-s",
                                       "0.25",
                                       "--ping-s",
                                       "1.5",
                                       "--overlap",
                                       "9"};
  const auto outcome = read_command_line(static_cast<int>(words.size()), words.data());
  const Options& options = std::get<CommandLine>(outcome).options;
  EXPECT_TRUE(options.feed.event_types.has(EventType::media));
  EXPECT_FALSE(options.feed.event_types.has(EventType::conversation));
  EXPECT_EQ(options.feed.faults.drop_every, 7U);
  EXPECT_EQ(options.rate, 0.5);
  EXPECT_EQ(options.heartbeat, milliseconds(250));
  EXPECT_EQ(options.ping, milliseconds(1500));
  EXPECT_EQ(options.feed.overlap, 9U);
  EXPECT_EQ(options.port, 8443);
}

int usage_of(std::vector<const char*> words) {
  words.insert(words.begin(), "gcstream-sim");
  const auto outcome = read_command_line(static_cast<int>(words.size()), words.data());
  const int* code = std::get_if<int>(&outcome);
  return code == nullptr ? 0 : *code;
}

TEST(CommandLine, reads_what_the_notifications_protocol_needs) {
  const std::vector<const char*> words{"gcstream-sim",
                                       "--protocol",
                                       "notifications",
                                       "--channel-life-s",
                                       "2.5",
                                       "--requests",
                                       "10",
                                       "--gone-channel",
                                       "in-band",
                                       "--reject-topic",
                                       "v2.users.* see:it hear:it",
                                       "--fault",
                                       "request create 503"};
  const auto outcome = read_command_line(static_cast<int>(words.size()), words.data());
  const Options& options = std::get<CommandLine>(outcome).options;
  EXPECT_EQ(options.protocol, Protocol::notifications);
  EXPECT_EQ(options.notifications.channel_life, milliseconds(2500));
  EXPECT_EQ(options.notifications.requests, 10U);
  EXPECT_EQ(options.notifications.gone, GoneChannel::in_band);
  EXPECT_EQ(options.notifications.rejected.at(0).pattern, "v2.users.*");
  EXPECT_EQ(options.notifications.rejected.at(0).permissions,
            (std::vector<std::string>{"see:it", "hear:it"}));
}

TEST(CommandLine, what_the_other_protocol_has_is_refused) {
  EXPECT_EQ(usage_of({"--protocol", "notifications", "--gap-every", "5"}), kExitUsage);
  EXPECT_EQ(usage_of({"--protocol", "notifications", "--fault", "reject 4403"}), kExitUsage);
  EXPECT_EQ(usage_of({"--fault", "notice other"}), kExitUsage);
  EXPECT_EQ(usage_of({"--fault", "cut"}), 0);
}

TEST(CommandLine, bad_usage_has_its_exit_code) {
  const std::vector<const char*> words{"gcstream-sim", "--rate", "0"};
  EXPECT_EQ(std::get<int>(read_command_line(static_cast<int>(words.size()), words.data())),
            kExitUsage);
}

}  // namespace
}  // namespace gcstream_sim
