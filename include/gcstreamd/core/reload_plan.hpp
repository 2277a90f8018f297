#pragma once

#include <functional>
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
    replaced,   ///< to be stopped and started anew: its position is another one, or a file moves
                ///< between it and another stream
    reconnect,  ///< something that the connection was made with changed
    live,       ///< applied without touching the connection
  };
  struct Stream {
    std::string name;
    Kind kind = Kind::live;
    bool new_token = false;   ///< the token was got with what changed
    bool new_filter = false;  ///< the server may begin its numbers anew
    bool retry = false;       ///< how, or when, a connection is tried changed
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

/// Two streams must not write to one file at a time. Where a sink gets a path that another running
/// stream has, both are to be stopped before either is started: makes them `replaced`.
/// `real_path` resolves links.
void replace_where_files_move(const Config& running, const Config& next,
                              const std::function<std::string(const std::string&)>& real_path,
                              ReloadPlan& plan);

}  // namespace gcstreamd
