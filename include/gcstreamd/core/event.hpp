#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// One interaction event. The views are valid until the next message is decoded.
struct Event {
  std::string_view line;              ///< the event's own bytes, without a line break in them
  std::string_view type;              ///< `eventType`, or the last part of the topic
  SequenceNumber number = kNoNumber;  ///< `sequenceNumber`, kNoNumber when it has none
  std::optional<WallTime> timestamp;  ///< `timestamp`, when it is RFC 3339, or `eventTime`
  /// Delivered before under `number`, as the protocol itself knows; its bytes may differ a little.
  bool duplicate = false;
};

struct Heartbeat {
  SequenceNumber number = kNoNumber;  ///< the last one that the server sent, where it says so
};

/// The server's word, inside the stream, that it does not serve the subscription.
struct Refusal {
  int status = 0;     ///< as an HTTP status: 400 to 599
  std::string words;  ///< the server's own; scrub and clip them before they are shown
};

/// A message that is none of these; audited under the kind's name and dropped.
struct Rejection {
  enum class Kind {
    frame_deserialization_error,  ///< the bytes are not text (UTF-8)
    json_parse_error,             ///< the text is not one JSON value that every reader takes
    invalid_event,                ///< the JSON is not an event
  };
  Kind kind = Kind::invalid_event;
  std::string error;
};

using Frame = std::variant<Event, Heartbeat, Refusal, Rejection>;

std::string_view name(Rejection::Kind kind);

}  // namespace gcstreamd
