#include "simulator/subscription.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace gcstream_sim {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kHighestNumber = (std::uint64_t{1} << 53) - 1;
constexpr std::uint64_t kLargestBuffer = 500;
constexpr std::size_t kLongestReason = 123;

Refusal refuse(std::string reason) {
  for (char& c : reason) {
    c = c >= ' ' && c <= '~' ? c : '?';
  }
  reason.resize(std::min(reason.size(), kLongestReason));
  return {std::move(reason)};
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(), [](char c, char shape) {
    return shape == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
}

// Null when there is none.
Json member(const Json& object, const char* key) {
  return object.is_object() ? object.value(key, Json()) : Json();
}

bool is_text(const Json& value, std::string_view expected) {
  return value.is_string() && value.get_ref<const std::string&>() == expected;
}

std::optional<std::uint64_t> number_between(const Json& value, std::uint64_t low,
                                            std::uint64_t high) {
  if (!value.is_number_unsigned()) {
    return std::nullopt;
  }
  const auto number = value.get<std::uint64_t>();
  return number >= low && number <= high ? std::optional(number) : std::nullopt;
}

std::optional<Refusal> read_event_types(const Json& names, const EventTypes& generated,
                                        EventTypes& types) {
  if (!names.is_array() || names.empty()) {
    return refuse("filter.eventTypes must be an array of at least one event type");
  }
  for (const Json& name : names) {
    const auto type = name.is_string() ? event_type_named(name.get_ref<const std::string&>())
                                       : std::optional<EventType>{};
    if (!type) {
      return refuse("unknown event type in filter.eventTypes: " +
                    name.dump(-1, ' ', true, Json::error_handler_t::replace));
    }
    types.add(*type);
  }
  if (const auto missing = generated.first_missing_from(types)) {
    return refuse("filter.eventTypes leaves out " + std::string(name_of(*missing)) +
                  ", which this simulator sends; see --event-types");
  }
  return std::nullopt;
}

}  // namespace

std::variant<Subscription, Refusal> read_subscription(std::string_view text,
                                                      const EventTypes& generated) {
  const Json message = Json::parse(text, nullptr, false);
  if (!is_text(member(message, "type"), "interaction")) {
    return refuse("expected a JSON object with \"type\":\"interaction\"");
  }
  const Json id = member(message, "id");
  if (!id.is_string() || !is_uuid(id.get_ref<const std::string&>())) {
    return refuse("id must be a UUID");
  }
  if (!number_between(member(message, "bufferSize"), 1, kLargestBuffer)) {
    return refuse("bufferSize must be an integer from 1 to 500");
  }
  Subscription subscription{id.get<std::string>(), {}, {}};
  if (const Json number = member(message, "sequenceNumber"); !number.is_null()) {
    subscription.sequence_number = number_between(number, 0, kHighestNumber);
    if (!subscription.sequence_number) {
      return refuse("sequenceNumber must be an integer from 0 to 2^53-1");
    }
  }
  if (auto refusal = read_event_types(member(member(message, "filter"), "eventTypes"), generated,
                                      subscription.event_types)) {
    return *std::move(refusal);
  }
  return subscription;
}

}  // namespace gcstream_sim
