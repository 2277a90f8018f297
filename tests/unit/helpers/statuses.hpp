#pragma once

#include "gcstreamd/core/daemon_status.hpp"
#include "helpers/times.hpp"

namespace gcstreamd {

/// A sink that works and is three events behind.
inline SinkStatus file_status() {
  SinkStatus sink;
  sink.name = "file";
  sink.type = "file";
  sink.path = "/var/log/gcstreamd/events.ndjson";
  sink.durable = 39;
  sink.lag = 3;
  return sink;
}

/// A stream that receives, with one sink.
inline StreamStatus stream_status() {
  StreamStatus stream;
  stream.name = "main";
  stream.state = StreamState::streaming;
  stream.since = wall();
  stream.connected_since = wall();
  stream.last = 42;
  stream.metrics = Metrics(at(std::chrono::seconds(0)));
  stream.sinks = {file_status()};
  return stream;
}

/// A stream of the protocol `notifications`, with a channel that is not heard.
inline StreamStatus notifications_status() {
  StreamStatus stream = stream_status();
  stream.notifications.emplace();
  stream.notifications->local = 42;
  stream.notifications->channels = 3;
  stream.notifications->channels_live = 2;
  stream.notifications->topics = 2500;
  stream.notifications->rejected = {
      {"v2.users.1.conversations", "no permission", {"conversation:call:view"}}};
  stream.notifications->gaps_waiting = 4;
  stream.notifications->unheard_from = wall();
  stream.notifications->requests_used = 17;
  return stream;
}

inline DaemonStatus daemon_status() {
  DaemonStatus daemon;
  daemon.version = "1.2.3";
  daemon.pid = 7;
  daemon.started = wall();
  daemon.now = wall(std::chrono::minutes(1));
  daemon.streams = {stream_status()};
  return daemon;
}

}  // namespace gcstreamd
