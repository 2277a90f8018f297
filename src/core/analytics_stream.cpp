#include "gcstreamd/core/analytics_stream.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>

#include "gcstreamd/core/number_repair.hpp"
#include "gcstreamd/core/refusal.hpp"
#include "gcstreamd/core/text.hpp"
#include "gcstreamd/core/time_format.hpp"

namespace gcstreamd {
namespace {

namespace dom = simdjson::dom;

static_assert(Protocol::kPadding >= simdjson::SIMDJSON_PADDING);

/// jq 1.6 refuses more; what it refuses must not stand in a file that people read with it.
constexpr std::size_t kMaxDepth = 255;

Rejection reject(Rejection::Kind kind, std::string error) {
  return {kind, std::move(error)};
}

Rejection invalid(std::string error) {
  return reject(Rejection::Kind::invalid_event, std::move(error));
}

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

std::string_view text_of(dom::element element) {
  std::string_view value;
  return element.get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

std::string_view text_of(dom::object object, std::string_view key) {
  dom::element element;
  return object.at_key(key).get(element) == simdjson::SUCCESS ? text_of(element)
                                                              : std::string_view{};
}

/// An HTTP status from 400 to 599, as a number or as its digits; 0 for anything else.
int refusing_status(dom::element element) {
  constexpr std::uint64_t kLowest = 400;
  constexpr std::uint64_t kHighest = 599;
  std::uint64_t status = 0;
  if (element.get(status) != simdjson::SUCCESS) {
    status = parse_number(text_of(element)).value_or(0);
  }
  return status >= kLowest && status <= kHighest ? static_cast<int>(status) : 0;
}

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
  Decoder() { grow(kFirstCapacity); }

  Frame decode(std::string_view message) {
    if (message.size() > capacity_ && !grow(message.size()))
      return reject(Rejection::Kind::json_parse_error, "too large to parse");
    const auto error = parse(message);
    if (error == simdjson::UTF8_ERROR)
      return reject(Rejection::Kind::frame_deserialization_error, "not valid UTF-8");
    if (error != simdjson::SUCCESS)
      return reject(Rejection::Kind::json_parse_error, simdjson::error_message(error));
    return classify(message);
  }

 private:
  static constexpr std::size_t kFirstCapacity = 16384;

  bool grow(std::size_t size) {
    if (parser_.allocate(size, kMaxDepth) != simdjson::SUCCESS)
      return false;
    capacity_ = size;
    return true;
  }

  simdjson::error_code parse(std::string_view message) {
    constexpr bool kPadded = false;  // "do not copy": the padding is there
    auto error = parser_.parse(message.data(), message.size(), kPadded).get(root_);
    if (error != simdjson::NUMBER_ERROR)
      return error;
    if (!replace_wide_numbers(message, repaired_))
      return error;
    repaired_.reserve(repaired_.size() + kPadding);
    return parser_.parse(repaired_.data(), repaired_.size(), kPadded).get(root_);
  }

  Frame classify(std::string_view message) {
    dom::object object;
    if (root_.get(object) != simdjson::SUCCESS)
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
    event.line = one_line(message);
    return event;
  }

  /// The message itself, or without white space outside strings where it holds a line break
  /// (inside strings JSON allows none).
  std::string_view one_line(std::string_view message) {
    const bool broken = std::memchr(message.data(), '\n', message.size()) != nullptr ||
                        std::memchr(message.data(), '\r', message.size()) != nullptr;
    if (!broken)
      return message;
    line_.resize(message.size() + kPadding);
    std::size_t size = 0;
    if (simdjson::minify(message.data(), message.size(), line_.data(), size) != simdjson::SUCCESS)
      size = 0;  // unreachable: the text was validated
    return {line_.data(), size};
  }

  dom::parser parser_;
  dom::element root_;
  std::size_t capacity_ = 0;
  std::string repaired_;
  std::string line_;
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
