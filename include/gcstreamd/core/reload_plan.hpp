#pragma once

#include <string>
#include <vector>

#include "gcstreamd/core/config.hpp"

namespace gcstreamd {

/// What a new configuration changes in a running daemon. Streams are matched by name, and sinks by
/// name within a stream; their order alone, and that of event types and scopes, changes nothing.
struct ReloadPlan {
  enum class Kind {
    added,
    removed,
    replaced,   ///< its position is another one: to be stopped and started anew
    reconnect,  ///< something that the connection was made with changed
    live,       ///< applied without touching the connection
  };
  struct Stream {
    std::string name;
    Kind kind = Kind::live;
    bool new_token = false;   ///< the token was got with what changed
    bool new_filter = false;  ///< the server may begin its numbers anew
    bool sinks = false;
    bool operator==(const Stream&) const = default;
  };

  /// What is applied, as JSON pointers into the new configuration, for what was removed into the
  /// old one.
  std::vector<std::string> changes;
  /// The same with both values, for people: `/log/level: "info" -> "debug"`. The query of a URL is
  /// not shown: it may hold a key.
  std::vector<std::string> details;
  std::vector<Stream>
      streams;             ///< only those that changed: in the new order, the removed ones last
  bool state_dir = false;  ///< needs a restart
};

ReloadPlan plan_reload(const Config& running, const Config& next);

}  // namespace gcstreamd
