#include "gcstreamd/core/analytics_stream.hpp"

#include <fmt/format.h>

#include "gcstreamd/core/refusal.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"
#include "json_message.hpp"

namespace gcstreamd {

int refusing_status(simdjson::dom::element element) {
  constexpr std::uint64_t kLowest = 400;
  constexpr std::uint64_t kHighest = 599;
  std::uint64_t status = 0;
  if (element.get(status) != simdjson::SUCCESS) {
    status = parse_number(text_of(element)).value_or(0);
  }
  return status >= kLowest && status <= kHighest ? static_cast<int>(status) : 0;
}

namespace {

namespace dom = simdjson::dom;

/// kNoNumber for what cannot be a sequence number.
SequenceNumber number_of(dom::element element) {
  std::uint64_t number = 0;
  const bool integer = element.get(number) == simdjson::SUCCESS;
  return integer && number <= kMaxNumber ? number : kNoNumber;
}

/// The members of an object that decide what a message is.
struct Members {
  bool has_type = false;
  bool has_event_type = false;
  bool has_number = false;
  bool has_timestamp = false;
  dom::element type;
  dom::element event_type;
  dom::element number;
  dom::element timestamp;

  /// False when the member was there before.
  static bool put(bool& has, dom::element& place, dom::element value) {
    const bool first = !has;
    has = true;
    place = value;
    return first;
  }

  bool take(std::string_view key, dom::element value) {
    if (key == "eventType")
      return put(has_event_type, event_type, value);
    if (key == "sequenceNumber")
      return put(has_number, number, value);
    if (key == "timestamp")
      return put(has_timestamp, timestamp, value);
    if (key == "type")
      return put(has_type, type, value);
    return true;
  }
};

Refusal read_refusal_fields(dom::object object) {
  Refusal refusal;
  for (std::string_view key : {"status", "statusCode", "code"}) {
    dom::element status;
    if (refusal.status == 0 && object.at_key(key).get(status) == simdjson::SUCCESS)
      refusal.status = refusing_status(status);
  }
  for (std::string_view key : {"message", "error_description", "error"})
    if (refusal.words.empty())
      refusal.words = text_of(object, key);
  return refusal;
}

/// How servers put a refusal into a message: `{"type":"error","status":403,"message":"..."}`, with
/// `code` or `statusCode` for the status, or all of it under `error`.
std::optional<Refusal> read_refusal(dom::object object) {
  Refusal refusal = read_refusal_fields(object);
  dom::element error;
  dom::object nested;
  const bool has_error = object.at_key("error").get(error) == simdjson::SUCCESS;
  if (has_error && refusal.status == 0 && error.get(nested) == simdjson::SUCCESS)
    refusal = read_refusal_fields(nested);
  const bool is_error = has_error || text_of(object, "type") == "error";
  if (refusal.status == 0 && is_error)
    refusal.status = status_in_words(refusal.words);
  const bool told = is_error || !refusal.words.empty();
  return refusal.status != 0 && told ? std::optional(refusal) : std::nullopt;
}

}  // namespace

class AnalyticsStream::Decoder {
 public:
  Frame decode(std::string_view message) {
    if (auto rejection = json_.parse(message))
      return *std::move(rejection);
    return classify(message);
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
    if (members.has_event_type)
      return event(members, message);
    if (members.has_type && text_of(members.type) == "heartbeat")
      return Heartbeat{members.has_number ? number_of(members.number) : kNoNumber};
    if (auto refusal = read_refusal(object))
      return *std::move(refusal);
    return invalid("no eventType");
  }

  Frame event(const Members& members, std::string_view message) {
    Event event;
    if (members.event_type.get(event.type) != simdjson::SUCCESS || event.type.empty())
      return invalid("eventType is not a string, or empty");
    if (members.has_number) {
      event.number = number_of(members.number);
      if (event.number == kNoNumber)
        return invalid("sequenceNumber is not an integer from 1 to 9007199254740991");
    }
    std::string_view timestamp;
    if (members.has_timestamp && members.timestamp.get(timestamp) == simdjson::SUCCESS)
      event.timestamp = parse_time(timestamp);
    event.line = json_.one_line(message);
    return event;
  }

  JsonMessage json_;
};

AnalyticsStream::AnalyticsStream(std::vector<std::string> event_types, unsigned buffer_size)
    : event_types_(std::move(event_types)),
      buffer_size_(buffer_size),
      decoder_(std::make_unique<Decoder>()) {}

AnalyticsStream::~AnalyticsStream() = default;

void AnalyticsStream::configure(std::vector<std::string> event_types, unsigned buffer_size) {
  event_types_ = std::move(event_types);
  buffer_size_ = buffer_size;
}

Frame AnalyticsStream::decode(std::string_view message) {
  return decoder_->decode(message);
}

std::string AnalyticsStream::subscription(std::string_view id,
                                          std::optional<SequenceNumber> position) const {
  std::string types;
  for (const std::string& type : event_types_) {
    types += types.empty() ? "" : ",";
    append_json_string(types, type);
  }
  const std::string resume = position ? fmt::format(",\"sequenceNumber\":{}", *position) : "";
  return fmt::format(
      R"({{"type":"interaction","id":{},"filter":{{"eventTypes":[{}]}},"bufferSize":{}{}}})",
      json_string(id), types, buffer_size_, resume);
}

std::string_view name(Rejection::Kind kind) {
  switch (kind) {
    case Rejection::Kind::frame_deserialization_error:
      return "frame_deserialization_error";
    case Rejection::Kind::json_parse_error:
      return "json_parse_error";
    case Rejection::Kind::invalid_event:
      return "invalid_event";
  }
  return "";
}

}  // namespace gcstreamd
