#include "gcstreamd/core/notifications.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "helpers/padded.hpp"

namespace gcstreamd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr auto kQueueTopic = "v2.routing.queues.11111111-2222-3333-4444-555555555555.conversations";

class NotificationsTest : public testing::Test {
 protected:
  Frame decode(std::string_view text) {
    padded_.emplace(text);
    return protocol_.decode(padded_->view());
  }
  /// The event that it must be; its views live until the next call.
  Event event(std::string_view text) {
    const Frame frame = decode(text);
    if (const auto* rejection = std::get_if<Rejection>(&frame))
      ADD_FAILURE() << rejection->error;
    return std::holds_alternative<Event>(frame) ? std::get<Event>(frame) : Event{};
  }
  std::string error(std::string_view text) {
    const Frame frame = decode(text);
    const auto* rejection = std::get_if<Rejection>(&frame);
    return rejection ? fmt::format("{}: {}", name(rejection->kind), rejection->error) : "none";
  }
  bool is_heartbeat(std::string_view text) {
    return std::holds_alternative<Heartbeat>(decode(text));
  }
  Notice notice(std::string_view text) {
    EXPECT_TRUE(is_heartbeat(text)) << text;
    return protocol_.take_notice().value_or(Notice{Notice::Kind::other, "none"});
  }

  LocalNumbers numbers_;
  Notifications protocol_{numbers_};
  std::optional<Padded> padded_;
};

TEST_F(NotificationsTest, TheFramesOwnBytesPassThrough) {
  const std::string text = fmt::format(
      R"({{"topicName":"{}","version":"2","eventBody":{{"id":"c1","n":1e400}},"metadata":{{}}}})",
      kQueueTopic);
  const Event event = this->event(text);
  EXPECT_EQ(event.line, text);
  EXPECT_EQ(event.type, "conversations");
  EXPECT_EQ(event.number, 1U);
  EXPECT_FALSE(event.timestamp);
}

TEST_F(NotificationsTest, LineBreaksAreTakenOut) {
  EXPECT_EQ(event("{\n \"topicName\": \"v2.x.acw\",\r\n \"eventBody\": {\"s\": \"a b\"}\n}").line,
            R"({"topicName":"v2.x.acw","eventBody":{"s":"a b"}})");
}

TEST_F(NotificationsTest, EventTimeGivesTheLatency) {
  const auto ms = std::chrono::milliseconds{1764000000123};
  EXPECT_EQ(event(R"({"topicName":"v2.x.acw","eventBody":{"eventTime":1764000000123}})").timestamp,
            WallTime{ms});
  EXPECT_EQ(
      event(R"({"topicName":"v2.x.acw","eventBody":{"eventTime":"2025-11-24T16:00:00.123Z"}})")
          .timestamp,
      WallTime{ms});
  for (const char* time : {"0", "-5", "99999999999999999", "\"soon\"", "null", "1.5", "[]"})
    EXPECT_FALSE(
        event(fmt::format(R"({{"topicName":"v2.x.acw","eventBody":{{"eventTime":{}}}}})", time))
            .timestamp)
        << time;
}

TEST_F(NotificationsTest, AnyBodyThatIsThereIsAnEvent) {
  for (const char* body : {"{}", "[]", "1", "\"a\"", "false"})
    EXPECT_EQ(event(fmt::format(R"({{"topicName":"v2.x.acw","eventBody":{}}})", body)).type, "acw");
}

TEST_F(NotificationsTest, OnlyWhatDiffersInItsBodyOrTopicIsAnotherEvent) {
  const auto number = [&](std::string_view topic, std::string_view body, std::string_view id) {
    return event(
        fmt::format(R"({{"topicName":"{}","eventBody":{},"metadata":{{"CorrelationId":"{}"}}}})",
                    topic, body, id));
  };
  EXPECT_FALSE(number("v2.x.acw", R"({"a":1})", "1").duplicate);
  EXPECT_TRUE(number("v2.x.acw", R"({"a":1})", "2").duplicate);
  EXPECT_FALSE(number("v2.x.acw", R"({"a":2})", "2").duplicate);
  EXPECT_FALSE(number("v2.y.acw", R"({"a":1})", "2").duplicate);
  EXPECT_EQ(number("v2.x.acw", R"({"a":1})", "3").number, 1U);
  EXPECT_EQ(numbers_.last(), 3U);
}

TEST_F(NotificationsTest, HeartbeatsAndPongsAreSignsOfLife) {
  EXPECT_TRUE(is_heartbeat(
      R"({"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}})"));
  EXPECT_TRUE(is_heartbeat(R"({"topicName":"channel.metadata","eventBody":{"message":"pong"}})"));
  EXPECT_TRUE(is_heartbeat(R"({"topicName":"channel.metadata"})"));
  EXPECT_TRUE(is_heartbeat(R"({"message":"pong"})"));
  EXPECT_FALSE(protocol_.take_notice());
  EXPECT_EQ(numbers_.last(), 0U);
}

TEST_F(NotificationsTest, NoticesAreKnownByTheirTopicAlone) {
  EXPECT_EQ(notice(R"({"topicName":"v2.system.socket_closing"})").kind,
            Notice::Kind::socket_closing);
  EXPECT_EQ(
      notice(R"({"topicName":"v2.system.socket_closing","eventBody":{"message":"bye"}})").words,
      "bye");
  EXPECT_EQ(notice(R"({"topicName":"v2.system.no_longer_subscribed.abc","eventBody":[]})").kind,
            Notice::Kind::no_longer_subscribed);
  EXPECT_EQ(notice(R"({"topicName":"v2.system.token_revoked.abc","eventBody":{}})").kind,
            Notice::Kind::token_revoked);
  EXPECT_EQ(notice(R"({"topicName":"v2.system.socket_closings"})").kind, Notice::Kind::other);
}

TEST_F(NotificationsTest, ANoticeIsTakenOnceAndGoneWithTheNextMessage) {
  is_heartbeat(R"({"topicName":"v2.system.socket_closing"})");
  EXPECT_TRUE(protocol_.take_notice());
  EXPECT_FALSE(protocol_.take_notice());
  is_heartbeat(R"({"topicName":"v2.system.socket_closing"})");
  is_heartbeat(R"({"topicName":"channel.metadata"})");
  EXPECT_FALSE(protocol_.take_notice());
}

TEST_F(NotificationsTest, ErrorsInPlaceOfEventsAreRefusals) {
  for (const char* text :
       {R"({"result":"404","message":"gone"})", R"({"result":404,"message":"gone"})",
        R"({"message":"gone","code":"not.found","status":404})"}) {
    const Frame frame = decode(text);
    ASSERT_TRUE(std::holds_alternative<Refusal>(frame)) << text;
    EXPECT_EQ(std::get<Refusal>(frame).status, 404);
    EXPECT_EQ(std::get<Refusal>(frame).words, "gone");
  }
}

TEST_F(NotificationsTest, AnythingElseIsRejectedWithTheReason) {
  EXPECT_EQ(error("[]"), "invalid_event: not an object");
  EXPECT_EQ(error("{}"), "invalid_event: no topicName");
  EXPECT_EQ(error(R"({"result":"200","message":"ok"})"), "invalid_event: no topicName");
  EXPECT_EQ(error(R"({"topicName":5,"eventBody":{}})"),
            "invalid_event: topicName is not a string, or has no last part");
  EXPECT_EQ(error(R"({"topicName":"v2.x.","eventBody":{}})"),
            "invalid_event: topicName is not a string, or has no last part");
  EXPECT_EQ(error(R"({"topicName":"v2.x.acw"})"), "invalid_event: no eventBody");
  EXPECT_EQ(error(R"({"topicName":"v2.x.acw","eventBody":null})"), "invalid_event: no eventBody");
  EXPECT_EQ(error(R"({"topicName":"v2.x.acw","eventBody":{},"eventBody":{}})"),
            "invalid_event: the key \"eventBody\" is there twice");
  EXPECT_THAT(error(R"({"topicName":"v2.x.acw","eventBody":{})"), HasSubstr("json_parse_error"));
  EXPECT_THAT(error("{\"topicName\":\"\xff\",\"eventBody\":{}}"),
              HasSubstr("frame_deserialization_error"));
  EXPECT_EQ(numbers_.last(), 0U);
}

TEST_F(NotificationsTest, NothingIsAskedForOverTheSocket) {
  EXPECT_EQ(protocol_.subscription("id", 5), "");
}

TEST_F(NotificationsTest, ALineIsKnownByWhatItsEventWasNumberedWith) {
  const std::string text =
      R"({"topicName":"v2.a.acw","eventBody":{"id":1},"metadata":{"CorrelationId":"x"}})";
  decode(text);
  const std::string other =
      R"({"topicName":"v2.a.acw","eventBody":{"id":1},"metadata":{"CorrelationId":"y"}})";
  const Padded padded(other);
  const auto identity = protocol_.identify(padded.view());
  ASSERT_TRUE(identity);
  EXPECT_FALSE(identity->recovered);
  EXPECT_EQ(numbers_.memory().find(identity->hash), 1U);
  EXPECT_EQ(numbers_.last(), 1U);
}

TEST_F(NotificationsTest, ARecoveredLineIsKnownByItsConversationAlone) {
  const Padded padded(
      R"({"recovered":true,"window":{"from":"a","to":"b"},"conversation":{"id":"c"}})");
  const auto identity = protocol_.identify(padded.view());
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->recovered);
  EXPECT_EQ(identity->hash, durable_hash(R"({"id":"c"})"));
}

TEST_F(NotificationsTest, AnyOtherLineIsNone) {
  for (const char* text : {"", "[]", "{}", R"({"topicName":"v2.a.acw"})", R"({"topicName":)"})
    EXPECT_FALSE(protocol_.identify(Padded(text).view())) << text;
}

}  // namespace
}  // namespace gcstreamd
