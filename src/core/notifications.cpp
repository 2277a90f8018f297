#include "gcstreamd/core/notifications.hpp"

#include <fmt/format.h>

#include <utility>

#include "gcstreamd/core/json_span.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "json_message.hpp"

namespace gcstreamd {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kChannelTopic = "channel.metadata";
constexpr std::string_view kSystemTopics = "v2.system.";
/// How BackfillPlan begins a record.
constexpr std::string_view kRecovered = R"({"recovered":true,)";
constexpr std::int64_t kLatestMs = 253402300799999;  // the year 9999

/// The members of a frame, each of them there once at most.
struct Members {
  std::optional<dom::element> topic;
  std::optional<dom::element> body;
  std::optional<dom::element> result;

  /// False when the member was there before.
  static bool put(std::optional<dom::element>& place, dom::element value) {
    const bool first = !place;
    place = value;
    return first;
  }

  bool take(std::string_view key, dom::element value) {
    if (key == "topicName")
      return put(topic, value);
    if (key == "eventBody")
      return put(body, value);
    if (key == "result")
      return put(result, value);
    return true;
  }
};

dom::object object_or_empty(dom::element element, bool& is_object) {
  dom::object object;
  is_object = element.get(object) == simdjson::SUCCESS;
  return object;
}

std::string_view member_of(dom::element body, std::string_view key) {
  bool is_object = false;
  const dom::object object = object_or_empty(body, is_object);
  return is_object ? text_of(object, key) : std::string_view{};
}

/// `eventTime`, as epoch milliseconds or as RFC 3339; 0 where it is neither.
std::int64_t event_time_ms(dom::element body) {
  bool is_object = false;
  const dom::object object = object_or_empty(body, is_object);
  dom::element time;
  if (!is_object || object.at_key("eventTime").get(time) != simdjson::SUCCESS)
    return 0;
  std::int64_t ms = 0;
  if (time.get(ms) == simdjson::SUCCESS)
    return ms > 0 && ms <= kLatestMs ? ms : 0;
  const auto parsed = parse_time(text_of(time));
  return parsed ? std::chrono::floor<std::chrono::milliseconds>(*parsed).time_since_epoch().count()
                : 0;
}

Notice::Kind kind_of(std::string_view topic) {
  const auto is = [&](std::string_view wanted) {
    return topic.starts_with(wanted) &&
           (topic.size() == wanted.size() || topic[wanted.size()] == '.');
  };
  if (is("v2.system.socket_closing"))
    return Notice::Kind::socket_closing;
  if (is("v2.system.no_longer_subscribed"))
    return Notice::Kind::no_longer_subscribed;
  if (is("v2.system.token_revoked"))
    return Notice::Kind::token_revoked;
  return Notice::Kind::other;
}

/// An error as the REST calls have it, or with its status as `result`.
std::optional<Refusal> read_refusal(dom::object object, const Members& members) {
  Refusal refusal;
  dom::element status;
  if (members.result)
    refusal.status = refusing_status(*members.result);
  else if (object.at_key("status").get(status) == simdjson::SUCCESS)
    refusal.status = refusing_status(status);
  refusal.words = text_of(object, "message");
  if (refusal.status == 0)
    return std::nullopt;
  return refusal;
}

}  // namespace

class Notifications::Decoder {
 public:
  explicit Decoder(LocalNumbers& numbers) : numbers_(numbers) {}

  Frame decode(std::string_view message) {
    notice_.reset();
    if (auto rejection = json_.parse(message))
      return *std::move(rejection);
    return classify(message);
  }

  std::optional<Notice> take_notice() { return std::exchange(notice_, std::nullopt); }

  std::optional<LineIdentity> identify(std::string_view line) {
    dom::object object;
    if (json_.parse(line) || json_.root().get(object) != simdjson::SUCCESS)
      return std::nullopt;
    if (line.starts_with(kRecovered))
      return LineIdentity{durable_hash(member_text(line, "conversation")), true};
    Members members;
    for (const auto field : object)
      members.take(field.key, field.value);
    const std::string_view topic = members.topic ? text_of(*members.topic) : std::string_view{};
    if (topic.empty() || !members.body)
      return std::nullopt;
    return LineIdentity{hash_of(identity_of(topic, *members.body, line)), false};
  }

 private:
  Frame classify(std::string_view message) {
    dom::object object;
    if (json_.root().get(object) != simdjson::SUCCESS)
      return invalid("not an object");
    Members members;
    for (const auto field : object)
      if (!members.take(field.key, field.value))
        return invalid(fmt::format("the key {} is there twice", json_string(field.key)));
    if (members.topic)
      return with_topic(members, message);
    if (auto refusal = read_refusal(object, members))
      return *std::move(refusal);
    if (text_of(object, "message") == "pong")
      return Heartbeat{};
    return invalid("no topicName");
  }

  Frame with_topic(const Members& members, std::string_view message) {
    const std::string_view topic = text_of(*members.topic);
    if (topic == kChannelTopic)
      return Heartbeat{};
    if (topic.starts_with(kSystemTopics)) {
      notice_ = Notice{kind_of(topic), {}};
      if (members.body)
        notice_->words = member_of(*members.body, "message");
      return Heartbeat{};
    }
    const std::string_view type = topic.substr(topic.rfind('.') + 1);
    if (type.empty())
      return invalid("topicName is not a string, or has no last part");
    if (!members.body || members.body->is_null())
      return invalid("no eventBody");
    return event(topic, type, *members.body, message);
  }

  static EventIdentity identity_of(std::string_view topic, dom::element body,
                                   std::string_view message) {
    EventIdentity identity;
    identity.topic = topic;
    identity.time_ms = event_time_ms(body);
    identity.participant = member_of(body, "participantId");
    identity.session = member_of(body, "sessionId");
    const std::string_view text = member_text(message, "eventBody");
    identity.body = text.empty() ? message : text;
    return identity;
  }

  Frame event(std::string_view topic, std::string_view type, dom::element body,
              std::string_view message) {
    const EventIdentity identity = identity_of(topic, body, message);
    const auto numbered = numbers_.number(hash_of(identity));
    Event event;
    event.type = type;
    event.number = numbered.number;
    event.duplicate = numbered.duplicate;
    if (identity.time_ms != 0)
      event.timestamp = WallTime{std::chrono::milliseconds{identity.time_ms}};
    event.line = json_.one_line(message);
    return event;
  }

  LocalNumbers& numbers_;
  JsonMessage json_;
  std::optional<Notice> notice_;
};

Notifications::Notifications(LocalNumbers& numbers)
    : decoder_(std::make_unique<Decoder>(numbers)) {}

Notifications::~Notifications() = default;

Frame Notifications::decode(std::string_view message) {
  return decoder_->decode(message);
}

std::string Notifications::subscription(std::string_view, std::optional<SequenceNumber>) const {
  return {};
}

std::optional<Notice> Notifications::take_notice() {
  return decoder_->take_notice();
}

std::optional<Notifications::LineIdentity> Notifications::identify(std::string_view line) {
  return decoder_->identify(line);
}

std::string_view name(Notice::Kind kind) {
  switch (kind) {
    case Notice::Kind::socket_closing:
      return "socket_closing";
    case Notice::Kind::no_longer_subscribed:
      return "no_longer_subscribed";
    case Notice::Kind::token_revoked:
      return "token_revoked";
    case Notice::Kind::other:
      return "other";
  }
  return "";
}

}  // namespace gcstreamd
