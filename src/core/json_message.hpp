#pragma once

#include <simdjson.h>

#include <cstring>
#include <string>
#include <string_view>

#include "gcstreamd/core/event.hpp"
#include "gcstreamd/core/number_repair.hpp"
#include "gcstreamd/core/protocol.hpp"

namespace gcstreamd {

static_assert(Protocol::kPadding >= simdjson::SIMDJSON_PADDING);

inline Rejection reject(Rejection::Kind kind, std::string error) {
  return {kind, std::move(error)};
}

inline Rejection invalid(std::string error) {
  return reject(Rejection::Kind::invalid_event, std::move(error));
}

inline std::string_view text_of(simdjson::dom::element element) {
  std::string_view value;
  return element.get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

inline std::string_view text_of(simdjson::dom::object object, std::string_view key) {
  simdjson::dom::element element;
  return object.at_key(key).get(element) == simdjson::SUCCESS ? text_of(element)
                                                              : std::string_view{};
}

/// An HTTP status from 400 to 599, as a number or as its digits; 0 for anything else.
int refusing_status(simdjson::dom::element element);

/// Validates one message a call in full, and keeps its memory between calls. What it hands out
/// lives until the next call.
class JsonMessage {
 public:
  JsonMessage() { grow(kFirstCapacity); }

  /// `message` needs Protocol::kPadding readable bytes behind it. Empty: `root()` holds it.
  std::optional<Rejection> parse(std::string_view message) {
    if (message.size() > capacity_ && !grow(message.size()))
      return reject(Rejection::Kind::json_parse_error, "too large to parse");
    const auto error = parse_text(message);
    if (error == simdjson::UTF8_ERROR)
      return reject(Rejection::Kind::frame_deserialization_error, "not valid UTF-8");
    if (error != simdjson::SUCCESS)
      return reject(Rejection::Kind::json_parse_error, simdjson::error_message(error));
    return std::nullopt;
  }

  simdjson::dom::element root() const { return root_; }

  /// The parsed message itself, or without white space outside strings where it holds a line break
  /// (inside strings JSON allows none).
  std::string_view one_line(std::string_view message) {
    const bool broken = std::memchr(message.data(), '\n', message.size()) != nullptr ||
                        std::memchr(message.data(), '\r', message.size()) != nullptr;
    if (!broken)
      return message;
    line_.resize(message.size() + Protocol::kPadding);
    std::size_t size = 0;
    if (simdjson::minify(message.data(), message.size(), line_.data(), size) != simdjson::SUCCESS)
      size = 0;  // unreachable: the text was validated
    return {line_.data(), size};
  }

 private:
  static constexpr std::size_t kFirstCapacity = 16384;
  /// jq 1.6 refuses more; what it refuses must not stand in a file that people read with it.
  static constexpr std::size_t kMaxDepth = 255;

  bool grow(std::size_t size) {
    if (parser_.allocate(size, kMaxDepth) != simdjson::SUCCESS)
      return false;
    capacity_ = size;
    return true;
  }

  simdjson::error_code parse_text(std::string_view message) {
    constexpr bool kPadded = false;  // "do not copy": the padding is there
    auto error = parser_.parse(message.data(), message.size(), kPadded).get(root_);
    if (error != simdjson::NUMBER_ERROR)
      return error;
    if (!replace_wide_numbers(message, repaired_))
      return error;
    repaired_.reserve(repaired_.size() + Protocol::kPadding);
    return parser_.parse(repaired_.data(), repaired_.size(), kPadded).get(root_);
  }

  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
  std::size_t capacity_ = 0;
  std::string repaired_;
  std::string line_;
};

}  // namespace gcstreamd
